"""The clinic's pages in the admin."""

from clinic.admin import appointments, calendar_feeds, doctors, holidays, hours, keys, organisation, to_be_moved
from clinic.admin.desk import booking, numbers, sheet, walk_in, why

__all__ = [
    "appointments",
    "booking",
    "calendar_feeds",
    "doctors",
    "holidays",
    "hours",
    "keys",
    "numbers",
    "organisation",
    "sheet",
    "to_be_moved",
    "walk_in",
    "why",
]
