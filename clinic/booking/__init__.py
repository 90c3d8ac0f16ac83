"""Holding, booking, confirming, moving and cancelling appointments, and the steps of a visit: the only functions that
write one.

Each verb is one transaction. It first locks the patient's row and then the doctors' rows in the order of their ids, and
decides on what it reads after that; the database's constraints stand behind it. Refusals are
``django.core.exceptions.ValidationError`` (not so) and ``PermissionDenied`` (not you); a lost slot's error has
``alternatives``, the three nearest free :class:`clinic.slots.Slot`.
"""

from clinic.booking.actors import LinkHolder
from clinic.booking.changes import cancel, confirm, reschedule
from clinic.booking.holds import extend, hold, live_hold, release
from clinic.booking.new import book, book_hold, may_be_overruled
from clinic.booking.undo import UNDO_FOR, may_undo, undo
from clinic.booking.visit import arrive, become, complete, next_steps, no_show, start
from clinic.booking.visitors import Visitor, hold_key, is_hold_key
from clinic.booking.walking_in import places, walk_in

__all__ = [
    "UNDO_FOR",
    "LinkHolder",
    "Visitor",
    "arrive",
    "become",
    "book",
    "book_hold",
    "cancel",
    "complete",
    "confirm",
    "extend",
    "hold",
    "hold_key",
    "is_hold_key",
    "live_hold",
    "may_be_overruled",
    "may_undo",
    "next_steps",
    "no_show",
    "places",
    "release",
    "reschedule",
    "start",
    "undo",
    "walk_in",
]
