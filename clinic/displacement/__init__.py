"""Which visits lose their place when calendars change, who waits to be moved, and where there is time for him."""

from clinic.displacement.alternatives import alternatives
from clinic.displacement.changing import calendars_changing
from clinic.displacement.flags import to_be_moved, waiting, with_flags
from clinic.displacement.foresight import AppointmentsInTheWay, Hit, foresee, foresee_hours, mark_of

__all__ = [
    "AppointmentsInTheWay",
    "Hit",
    "alternatives",
    "calendars_changing",
    "foresee",
    "foresee_hours",
    "mark_of",
    "to_be_moved",
    "waiting",
    "with_flags",
]
