"""Forms whose times are those of a site's clock."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.forms import VerbForm
from accounts.inputs import ClockInput, DayInput
from clinic import when
from clinic.models import Site
from clinic.slots import SlotTaken
from clinic.wall_clock import instant


class DayAndClock(forms.SplitDateTimeWidget):
    """A day and a time, each by the browser's own picker."""

    def __init__(self) -> None:
        day = DayInput({"aria-label": gettext_lazy("Day")})
        clock = ClockInput({"aria-label": gettext_lazy("Time")})
        forms.MultiWidget.__init__(self, (day, clock))

    def decompress(self, value: Any) -> Any:
        """The day and the time; nothing for what an address says (``?starts_at=x``)."""
        return super().decompress(value if isinstance(value, datetime) else None)


class WallTimeField(forms.SplitDateTimeField):
    """What a clock on a wall shows: cleaned, a naive datetime. Which wall, the form knows."""

    widget = DayAndClock

    def compress(self, data_list: Any) -> datetime | None:
        """The day and the time together."""
        if not data_list:
            return None
        day, clock = data_list
        if day in self.empty_values:
            raise ValidationError(self.error_messages["invalid_date"], code="invalid_date")
        if clock in self.empty_values:
            raise ValidationError(self.error_messages["invalid_time"], code="invalid_time")
        return datetime.combine(day, clock)


class SitesClockForm(VerbForm):
    """Takes ``wall_times`` as the clock of the site in the field ``clock`` shows them, and cleans them to UTC."""

    wall_times: tuple[str, ...] = ("starts_at",)
    clock = "site"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = list(Site.objects.public()[:2])
        # Where there is only one clock, nobody is asked which.
        if len(sites) == 1:
            self.initial.setdefault(self.clock, sites[0].pk)

    def show(self, site: Site, **instants: datetime) -> None:
        """Show the instants on the site's clock to begin with."""
        self.initial[self.clock] = site.pk
        for name, moment in instants.items():
            self.initial[name] = when.local(moment, site.zone).replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        """The times in UTC; a time that the clock does not show, or shows twice, is refused at its field."""
        site = self.cleaned_data.get(self.clock)
        for name in self.wall_times:
            wall = self.cleaned_data.get(name)
            if site is None or wall is None:
                self.cleaned_data.pop(name, None)
                continue
            try:
                self.cleaned_data[name] = instant(wall, site.zone)
            except ValidationError as refusal:
                self.add_error(name, refusal)
        return super().clean()


def read_clock(form: forms.Form, *, site: str, day: str, time: str) -> datetime | None:
    """The instant (UTC) that a bound form's fields of these names tell; None if one is missing. A time that the site's
    clock skips, or shows twice, is refused at the field ``time``."""
    said = form.cleaned_data
    if not {site, day, time} <= said.keys():
        return None
    try:
        return instant(datetime.combine(said[day], said[time]), said[site].zone)
    except ValidationError as refusal:
        form.add_error(time, refusal)
        return None


def with_alternatives(taken: SlotTaken) -> ValidationError:
    """The refusal of a lost time, with the nearest free ones in words."""
    if not taken.alternatives:
        return taken
    times = "; ".join(when.full(slot.starts_at, slot.site.zone) for slot in taken.alternatives)
    hint = ValidationError(_("Free instead: %(times)s.") % {"times": times}, code="alternatives")
    return ValidationError({name: [*errors, hint] for name, errors in taken.error_dict.items()})
