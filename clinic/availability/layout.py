"""How hours divide into slots."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import ngettext

from clinic.models import WeeklyHours

MANY = 24
"""More starts than these are not written out."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The starts of the slots on the site's clock, those after midnight last, and the minutes left over at the end."""

    slots: list[time]
    unused_minutes: int


def laid_out(hours: WeeklyHours) -> LaidOut:
    """The slots of ``hours`` on a day on which no clock is changed."""
    minutes = hours.minutes
    count = minutes // hours.slot_minutes
    first = datetime.combine(date.min, hours.starts)
    starts = [(first + timedelta(minutes=hours.slot_minutes * number)).time() for number in range(count)]
    return LaidOut(starts, minutes - count * hours.slot_minutes)


def in_words(hours: WeeklyHours) -> str:
    """The starts that hours divide into, and what is left of them, in a sentence or two."""
    found = laid_out(hours)
    times = [f"{start:%H:%M}" for start in found.slots]
    if len(times) > MANY:
        times[MANY - 1 : -1] = ["…"]
    text = ngettext("%(count)d visit: %(times)s.", "%(count)d visits: %(times)s.", len(found.slots))
    sentence = text % {"count": len(found.slots), "times": ", ".join(times)}
    if not found.unused_minutes:
        return sentence
    left = ngettext("The last minute is left over.", "The last %(count)d minutes are left over.", found.unused_minutes)
    return f"{sentence} {left % {'count': found.unused_minutes}}"
