"""The API's part about people."""
