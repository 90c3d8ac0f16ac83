"""Time off and extra hours."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.inputs import ClockInput, DayInput
from accounts.models import User
from clinic import availability, wall_clock
from clinic.models import Doctor, ExceptionKind, ScheduleException, Site
from clinic.models.hours import LONGEST_SLOT, SHORTEST_SLOT
from clinic.workspace.forms.base import END_BEFORE_START, Refusable
from clinic.workspace.places import clock_of, sites_of

A_DAY = timedelta(days=1)


class ExceptionForm(Refusable, forms.Form):
    """Time off or extra hours, read off the clock of ``site``, else of where the doctor works first in the week."""

    kind = ExceptionKind.TIME_OFF

    def __init__(self, *args: Any, doctor: Doctor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.doctor, self.now = doctor, now
        self.home = clock_of(sites_of(doctor))

    def clean(self) -> dict[str, Any]:
        """Adds ``starts_at`` and ``ends_at`` in UTC; what the clock does not show is refused at its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        site = cleaned.get("site")
        if self.errors:
            return cleaned
        zone = site.zone if site else self.home
        starts_at = self.starts(zone)
        # What was refused is not among the cleaned any more, and the end may need it.
        ends_at = self.ends(zone) if starts_at else None
        if starts_at is None or ends_at is None:
            return cleaned
        if ends_at <= starts_at:
            self.add_error(self.end_field, ValidationError(_("The end must lie after the start."), code="no_time"))
        elif ends_at <= self.now:
            self.add_error(self.end_field, ValidationError(_("This has passed."), code="in_the_past"))
        return cleaned | {"starts_at": starts_at, "ends_at": ends_at}

    @property
    def end_field(self) -> str:
        """Where the end is asked for."""
        raise NotImplementedError

    def starts(self, zone: ZoneInfo) -> datetime | None:
        """The start in UTC; None if it was refused."""
        raise NotImplementedError

    def ends(self, zone: ZoneInfo) -> datetime | None:
        """Likewise the end."""
        raise NotImplementedError

    def instant(self, day_field: str, field: str, day: date, clock: time | None, zone: ZoneInfo) -> datetime | None:
        """What the clock in ``zone`` shows, in UTC; without a ``clock`` the first moment of the day. None if that is
        refused: at ``field`` for a time that the clock does not show, at ``day_field`` for the day itself."""
        try:
            # Noon is there on every day; midnight is what some clocks skip when they go forward.
            found = wall_clock.instant(datetime.combine(day, clock or time(12)), zone)
        except ValidationError as refusal:
            self.add_error(day_field if refusal.code == "bad_date" else field, refusal)
            return None
        return found if clock is not None else datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)

    @property
    def exception(self) -> ScheduleException:
        """What was told, not yet written."""
        told = self.cleaned_data
        columns = {
            name: told[name] for name in ("site", "starts_at", "ends_at", "reason", "slot_minutes") if name in told
        }
        return ScheduleException(doctor=self.doctor, kind=self.kind, **columns)

    def write(self, *, by: User, now: datetime, confirmed: bool) -> ScheduleException:
        """:func:`clinic.availability.set_exception`."""
        return availability.set_exception(self.exception, by=by, now=now, confirmed=confirmed)


class TimeOffForm(ExceptionForm):
    """From a day to a day, both whole unless times are given."""

    called = {"starts_at": "from_day", "ends_at": "to_day"}
    from_day = forms.DateField(label=gettext_lazy("First day"), widget=DayInput())
    to_day = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("Empty: only that one day."),
    )
    from_time = forms.TimeField(
        label=gettext_lazy("From (time)"),
        required=False,
        widget=ClockInput(),
        help_text=gettext_lazy("Empty: the whole first day."),
    )
    to_time = forms.TimeField(
        label=gettext_lazy("To (time)"),
        required=False,
        widget=ClockInput(),
        help_text=gettext_lazy("Empty: the whole last day."),
    )
    site = forms.ModelChoiceField(
        label=gettext_lazy("Place"),
        queryset=Site.objects.public(),
        required=False,
        empty_label=gettext_lazy("Everywhere"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("You may leave this empty. Patients do not read it; administrators do."),
    )

    @property
    def end_field(self) -> str:
        """The time, if one was given."""
        told = self.cleaned_data
        return "to_time" if told.get("to_time") else "to_day" if told.get("to_day") else "from_day"

    def starts(self, zone: ZoneInfo) -> datetime | None:
        """The time on the first day, else its beginning."""
        day, clock = self.cleaned_data["from_day"], self.cleaned_data["from_time"]
        return self.instant("from_day", "from_time", day, clock, zone)

    def ends(self, zone: ZoneInfo) -> datetime | None:
        """The time on the last day, else its end."""
        told = self.cleaned_data
        day, clock = told["to_day"] or told["from_day"], told["to_time"]
        last = self.instant("to_day", "to_time", day, clock, zone)
        if last is None or clock is not None:
            return last
        return datetime.combine(day + A_DAY, time(), tzinfo=zone).astimezone(UTC)


class ExtraHoursForm(ExceptionForm):
    """Hours on one day beside those of each week."""

    kind = ExceptionKind.EXTRA_HOURS
    called = {"starts_at": "from_clock", "ends_at": "to_clock"}
    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    from_clock = forms.TimeField(label=gettext_lazy("From"), widget=ClockInput())
    to_clock = forms.TimeField(label=gettext_lazy("To"), widget=ClockInput(), help_text=END_BEFORE_START)
    site = forms.ModelChoiceField(label=gettext_lazy("Place"), queryset=Site.objects.public(), empty_label=None)
    slot_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes for a visit"), min_value=SHORTEST_SLOT, max_value=LONGEST_SLOT, initial=30
    )

    @property
    def end_field(self) -> str:
        """Where it ends."""
        return "to_clock"

    def starts(self, zone: ZoneInfo) -> datetime | None:
        """On the day."""
        return self.instant("day", "from_clock", self.cleaned_data["day"], self.cleaned_data["from_clock"], zone)

    def ends(self, zone: ZoneInfo) -> datetime | None:
        """On the day, or on the next, as weekly hours do."""
        told = self.cleaned_data
        is_next_day = told["to_clock"] < told["from_clock"] and told["day"] < date.max
        return self.instant("day", "to_clock", told["day"] + A_DAY * is_next_day, told["to_clock"], zone)
