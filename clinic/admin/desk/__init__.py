"""The desk's own pages: they are no model's, and call verbs like all others."""
