"""When doctors work: their weekly hours, time off and extra hours.

Each verb is one transaction that locks every doctor concerned, in the order of their ids, as booking does. None writes
an appointment: visits that lose their place in the calendar become rows of :class:`clinic.models.ToBeMoved`, and those
that have it again are resolved. The verbs are for administrators, and for a doctor in his own calendar
(:func:`may_arrange`); anybody else gets ``PermissionDenied``.
"""

from clinic.availability.copying import copy_day, copy_week
from clinic.availability.exceptions import remove_exception, set_exception
from clinic.availability.hours import remove_hours, set_hours
from clinic.availability.layout import LaidOut, in_words, laid_out
from clinic.availability.permission import may_arrange
from clinic.displacement.reach import at_site

__all__ = [
    "LaidOut",
    "at_site",
    "copy_day",
    "copy_week",
    "in_words",
    "laid_out",
    "may_arrange",
    "remove_exception",
    "remove_hours",
    "set_exception",
    "set_hours",
]
