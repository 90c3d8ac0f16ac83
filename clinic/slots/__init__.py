"""Which times are free: hours and extra hours, less time off, appointments and live holds.

Search and booking ask here, so what is offered can be booked and what is booked was offered.
"""

from clinic.slots.calendars import Slot, Span, bookable_window
from clinic.slots.check import SlotTaken, by_force, check
from clinic.slots.search import first_openings, nearest, search
from clinic.slots.why import Reason, askable, why

__all__ = [
    "Reason",
    "Slot",
    "SlotTaken",
    "Span",
    "askable",
    "bookable_window",
    "by_force",
    "check",
    "first_openings",
    "nearest",
    "search",
    "why",
]
