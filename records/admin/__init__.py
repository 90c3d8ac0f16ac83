"""Medical records in the admin: that they exist, and not a word of what they say."""
