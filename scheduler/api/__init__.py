"""The API as a whole: its root, its description, and how it reads what it is sent."""
