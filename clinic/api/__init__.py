"""The clinic's part of the REST API."""
