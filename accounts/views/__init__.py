"""The pages of people's own accounts, and the way in."""
