"""Pages about charts and medical records."""
