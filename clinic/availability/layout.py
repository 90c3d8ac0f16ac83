"""How hours divide into slots."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic.models import WeeklyHours


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
