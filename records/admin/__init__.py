"""Medical records in the admin: that they exist, and not a word of what they say."""

from records.admin import emergencies, refusals, rows

__all__ = ["emergencies", "refusals", "rows"]
