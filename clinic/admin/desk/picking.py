"""The second step at the desk: which time, of all doctors who might do."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import actor
from accounts.inputs import ClockInput, DayInput
from clinic import slots, when
from clinic.admin.desk.choice import Choice
from clinic.admin.forms import read_clock
from clinic.models import Doctor, Site, Specialty, VisitType
from clinic.slots import Slot, Span
from clinic.slots.calendars import FARTHEST

PIECES = ((0, 1), (1, 2), (2, 4), (4, 14))
"""Days that are looked through together, one piece after the other: a fortnight at the most."""
ENOUGH = 80
"""Times after which no further piece is looked through."""
A_DAY = timedelta(days=1)


class PickForm(forms.Form):
    """Where to look for a time. All of it stands in the address."""

    site = forms.ModelChoiceField(Site.objects.public(), label=_("Site"), required=False, empty_label=_("Any"))
    specialty = forms.ModelChoiceField(
        Specialty.objects.public(), label=_("Specialty"), required=False, empty_label=_("Any")
    )
    doctor = forms.ModelChoiceField(Doctor.objects.none(), label=_("Doctor"), required=False, empty_label=_("Any"))
    visit_type = forms.ModelChoiceField(
        VisitType.objects.none(), label=_("Visit"), required=False, empty_label=_("As long as a slot")
    )
    day = forms.DateField(label=_("From"), required=False, widget=DayInput())
    status = forms.BooleanField(
        label=_("Taken times too"), required=False, widget=forms.CheckboxInput(attrs={"value": "all"})
    )

    def __init__(self, request: HttpRequest, choice: Choice) -> None:
        chosen = {name: getattr(choice, name) for name in ("site", "specialty", "doctor", "visit_type", "day")}
        super().__init__(initial=chosen | {"status": choice.wants_all})
        self.fields["doctor"].queryset = Doctor.objects.public().select_related("user")  # type: ignore[attr-defined]
        self.fields["visit_type"].queryset = VisitType.objects.visible_to(actor(request))  # type: ignore[attr-defined]


class ClockForm(forms.Form):
    """A time that is on no list, on a site's clock: a doctor sees somebody between or outside his times."""

    of = forms.ModelChoiceField(Doctor.objects.none(), label=_("Doctor"))
    at = forms.ModelChoiceField(Site.objects.public(), label=_("On the clock of"))
    on = forms.DateField(label=_("Day"), widget=DayInput())
    time = forms.TimeField(label=_("Time"), widget=ClockInput())

    def __init__(self, request: HttpRequest, choice: Choice) -> None:
        is_sent = "time" in request.GET
        site = choice.site or Site.objects.public().first()
        super().__init__(request.GET if is_sent else None, initial={"of": choice.doctor, "at": site, "on": choice.day})
        self.fields["of"].queryset = Doctor.objects.public().select_related("user")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """With ``starts_at``; the site's clock may skip a time, or show it twice."""
        super().clean()
        return self.cleaned_data | {"starts_at": read_clock(self, site="at", day="on", time="time")}


@dataclass
class Row:
    """The times of one doctor at one place on one day."""

    doctor: Doctor
    site: Site
    times: list[tuple[Slot, str]] = field(default_factory=list)
    """Each with the address' query that chooses it."""


@dataclass
class Day:
    """The doctors who have times on a day."""

    day: date
    rows: list[Row]


def step(request: HttpRequest, choice: Choice, now: datetime) -> dict[str, Any]:
    """What the page shows while no time is chosen."""
    first = _first_day(choice, now)
    days, last = _days(choice, first, now)
    return {
        "pick": PickForm(request, choice),
        "clock": ClockForm(request, choice),
        "days": days,
        "first_day": first,
        "last_day": last,
        "later": choice.but(day=last + A_DAY).query(),
        "with_all": choice.but(status="all").query(),
    }


def _first_day(choice: Choice, now: datetime) -> date:
    # Of several clocks the one that is behind: where it is still yesterday, there are times to come on that day.
    sites = [choice.site] if choice.site else Site.objects.public()
    today = min((when.local(now, site.zone).date() for site in sites), default=now.date())
    wanted = choice.day or today
    return wanted if today <= wanted <= today + FARTHEST else today


def _days(choice: Choice, first: date, now: datetime) -> tuple[list[Day], date]:
    """Piece by piece, until there are times enough; and the last day that was looked through."""
    doctors, minute = _doctors(choice), now.replace(second=0, microsecond=0)
    found: dict[date, list[Slot]] = defaultdict(list)
    until = first
    for begins, ends in PIECES:
        start, until = first + begins * A_DAY, first + ends * A_DAY
        times = slots.search(
            doctors,
            Span(start, until),
            now=now,
            visit_type=choice.visit_type,
            site=choice.site.pk if choice.site else None,
            # Patients' rules (notice, horizon) do not bind the desk, so free times are chosen from all of them.
            every_status=True,
        )
        for slot in times:
            if slot.starts_at >= minute and (slot.is_free or choice.wants_all):
                found[when.local(slot.starts_at, slot.site.zone).date()].append(slot)
        if sum(len(day) for day in found.values()) >= ENOUGH:
            break
    return [Day(day, _rows(choice, found[day])) for day in sorted(found)], until - A_DAY


def _doctors(choice: Choice) -> list[Doctor]:
    doctors = Doctor.objects.public().select_related("user")
    if choice.doctor:
        doctors = doctors.filter(pk=choice.doctor.pk)
    if choice.specialty:
        doctors = doctors.filter(specialties=choice.specialty)
    if choice.visit_type:
        doctors = doctors.filter(visit_types=choice.visit_type)
    if choice.site:
        doctors = doctors.at(choice.site.pk)
    return list(doctors)


def _rows(choice: Choice, times: list[Slot]) -> list[Row]:
    rows: dict[Any, list[Slot]] = defaultdict(list)
    for slot in times:
        rows[slot.doctor.pk, slot.site.pk].append(slot)
    return [
        Row(
            each[0].doctor,
            each[0].site,
            [(slot, choice.but(doctor=slot.doctor, starts_at=slot.starts_at, status="").query()) for slot in each],
        )
        for each in rows.values()
    ]
