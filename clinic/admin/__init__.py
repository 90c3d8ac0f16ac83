"""The clinic's pages in the admin."""

from clinic.admin import appointments, calendar_feeds, doctors, holidays, hours, keys, organisation, to_be_moved
from clinic.admin.desk import sheet, why

__all__ = [
    "appointments",
    "calendar_feeds",
    "doctors",
    "holidays",
    "hours",
    "keys",
    "organisation",
    "sheet",
    "to_be_moved",
    "why",
]
