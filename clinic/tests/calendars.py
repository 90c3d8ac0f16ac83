"""Questions about free times, in the words that the tests of them use."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from clinic import slots
from clinic.models import Doctor
from clinic.slots import Slot, Span
from clinic.tests.factories import MONDAY, NOW

DAY = timedelta(days=1)
SUNDAY = date(2027, 2, 28)
ALL_HALF_HOURS = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def clocks(found: Sequence[Slot]) -> list[str]:
    """What the clocks of the sites show at the starts."""
    return [f"{slot.starts_at.astimezone(slot.site.zone):%H:%M}" for slot in found]


def on(day: date, *doctors: Doctor, **more: Any) -> list[Slot]:
    """What is free that day."""
    return slots.search(doctors, Span(day, day + DAY), now=NOW, **more)


def free(doctor: Doctor, day: date = MONDAY, **more: Any) -> list[str]:
    """The clock at each free start of a day."""
    return clocks(on(day, doctor, **more))


def code_of_check(doctor: Doctor, starts_at: datetime, *, patient: bool = True, **more: Any) -> str | None:
    """Why a start cannot be booked; None if it can."""
    try:
        slots.check(doctor, starts_at, binds_patient=patient, **{"now": NOW} | more)
    except ValidationError as refused:
        return refused.error_dict["starts_at"][0].code
    return None
