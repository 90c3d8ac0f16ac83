"""The clinic's pages in the admin."""

from clinic.admin import appointments, doctors, hours, keys, organisation, to_be_moved

__all__ = ["appointments", "doctors", "hours", "keys", "organisation", "to_be_moved"]
