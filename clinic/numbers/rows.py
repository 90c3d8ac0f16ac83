"""What is told: a row for each doctor, department, site or week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy

A_WEEK: Final = timedelta(weeks=1)
ALL: Final = ""
"""The key of what is in all rows together; None is that of doctors without a department."""


class Grouping(models.TextChoices):
    """By what the numbers are told apart."""

    WEEK = "week", gettext_lazy("Week")
    DOCTOR = "doctor", gettext_lazy("Doctor")
    DEPARTMENT = "department", gettext_lazy("Department")
    SITE = "site", gettext_lazy("Site")


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of one doctor, department, site or week; ``key`` is an id, or the week's Monday.

    ``bookings`` are visits, whatever became of them; ``booked_minutes`` those of visits that were not cancelled;
    ``lead_days`` the median of the days from booking to visit of those.
    """

    key: str
    label: str
    bookings: int = 0
    cancellations: int = 0
    no_shows: int = 0
    booked_minutes: int = 0
    offered_minutes: int = 0
    lead_days: float | None = None

    @property
    def utilisation(self) -> float | None:
        """Booked minutes by offered ones, above 1 if more was booked than offered; None if nothing was offered."""
        return self.booked_minutes / self.offered_minutes if self.offered_minutes else None

    @property
    def percent(self) -> int | None:
        """Utilisation in whole per cent."""
        return None if self.utilisation is None else round(self.utilisation * 100)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The rows of a period ``[start, end)``, and all of it in one; a doctor of two departments counts in both."""

    grouping: Grouping
    start: date
    end: date
    rows: list[Row]
    total: Row


def mondays(start: date, end: date) -> Iterator[date]:
    """Of all weeks that the days touch."""
    monday = start - timedelta(days=start.weekday())
    while monday < end:
        yield monday
        monday += A_WEEK
