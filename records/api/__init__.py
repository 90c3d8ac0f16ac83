"""The API of charts and medical records."""
