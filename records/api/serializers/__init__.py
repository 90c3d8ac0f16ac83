"""What the API of charts and records answers, and what it takes."""
