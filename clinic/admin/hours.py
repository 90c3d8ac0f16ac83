"""Weekly hours, time off and extra hours."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import VerbAdmin
from accounts.admin.verbs import Verb
from accounts.models import User
from clinic import availability, displacement, when
from clinic.admin.foreseen import AsksFirst, ForeseenForm, unless_seen
from clinic.admin.forms import SitesClockForm, WallTimeField
from clinic.displacement import AppointmentsInTheWay, Hit
from clinic.grid import UTC_ZONE
from clinic.models import ScheduleException, Site, WeeklyHours
from clinic.models.hours import Weekday


class CalendarAdmin(AsksFirst):
    """Somebody's calendar."""

    may_delete = True
    autocomplete_fields = ("doctor", "site")
    linked_by = ("doctor",)


class HoursForm(ForeseenForm):
    """Writes weekly hours."""

    def call(self) -> WeeklyHours:
        """The verb for hours. It does not ask whether visits were seen, so it is undone if they were not."""
        hits = displacement.foresee_hours(self.instance, now=self.now)
        with transaction.atomic():
            saved = availability.set_hours(self.instance, by=self.by, now=self.now)
            unless_seen(self, hits)
        return saved


class CopyDayForm(forms.Form):
    """To which days."""

    to = forms.TypedMultipleChoiceField(
        label=_("To these days"), coerce=int, choices=Weekday.choices, widget=forms.CheckboxSelectMultiple
    )


def _copy_day(hours: WeeklyHours, *, by: User, now: datetime, to: list[int]) -> list[WeeklyHours]:
    return availability.copy_day(hours.doctor, hours.weekday, to, by=by, now=now)


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(CalendarAdmin):
    """When a doctor sees patients, on the site's clock."""

    form = HoursForm
    verbs = (
        Verb(
            name="copy-day",
            label=_("Copy this day"),
            explanation=_(
                "All hours of this doctor on this day of the week, at every site, are copied to the days that you"
                " choose. Hours that those days have are replaced; visits that lose their place by it are listed to be"
                " moved."
            ),
            done=_("The hours are copied."),
            call=_copy_day,
            offered=lambda _by, _hours: True,
            form=CopyDayForm,
        ),
    )
    list_display = ("doctor", "site", "weekday", "times", "slot_minutes", "valid_from", "valid_until")
    list_filter = ("weekday", "site")
    list_select_related = ("doctor__user", "site")
    search_fields = ("doctor__user__last_name", "doctor__user__first_name")
    search_help_text = _("The doctor's name")
    readonly_fields = ("room", *VerbAdmin.readonly_fields)
    ordering = ("doctor__user__last_name", "doctor__user__first_name", "weekday", "starts", "id")

    def get_fieldsets(self, request: HttpRequest, obj: WeeklyHours | None = None) -> Any:
        """Who, when, and for how long it is so."""
        clock = _("Times are those of the site's clock. An end before the start lies on the next day.")
        blocks: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": ("doctor", "site")}),
            (
                _("Hours"),
                {"fields": ("weekday", ("starts", "ends"), "slot_minutes"), "description": clock},
            ),
            (_("Valid"), {"fields": (("valid_from", "valid_until"),)}),
            *([(_("Visits"), {"fields": ("room",)})] if obj else []),
        ]
        return [*blocks, (_("Record"), {"fields": VerbAdmin.readonly_fields})] if obj else blocks

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Say what the hours divide into, beside saving them."""
        saved = super().save_form(request, form, change)
        self.message_user(request, f"{saved}: {availability.in_words(saved)}")
        return saved

    @admin.display(description=_("room for"))
    def room(self, obj: WeeklyHours) -> str:
        """The starts on a day."""
        return availability.in_words(obj)

    def facts(self, obj: WeeklyHours) -> list[tuple[Any, str]]:
        """Whose, where and when."""
        whose = [(_("doctor"), str(obj.doctor)), (_("site"), str(obj.site))]
        return [*whose, (_("weekday"), obj.get_weekday_display()), (_("hours"), self.times(obj))]

    def foresee_removal(self, obj: WeeklyHours, now: datetime) -> list[Hit]:
        """The visits that lie in these hours."""
        return displacement.foresee_hours(obj, now=now, removed=True)

    def remove(self, obj: WeeklyHours, *, by: User, now: datetime) -> None:
        """The verb that takes hours out of the calendar."""
        availability.remove_hours(obj, by=by, now=now)

    @admin.display(description=_("hours"), ordering="starts")
    def times(self, obj: WeeklyHours) -> str:
        """From when to when, and on which clock."""
        return f"{obj.starts:%H:%M}–{obj.ends:%H:%M} ({obj.site.time_zone})"


class ExceptionForm(SitesClockForm, ForeseenForm):
    """Writes time off or extra hours."""

    wall_times = ("starts_at", "ends_at")
    clock = "clock_of"
    clock_of = forms.ModelChoiceField(
        Site.objects.public(), label=_("On the clock of"), help_text=_("Start and end are times on this site's clock.")
    )
    starts_at = WallTimeField(label=_("Starts"))
    ends_at = WallTimeField(label=_("Ends"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            site = self.instance.site or Site.objects.public().first()
            if site is not None:
                self.show(site, starts_at=self.instance.starts_at, ends_at=self.instance.ends_at)

    def call(self) -> ScheduleException:
        """The verb for exceptions, which asks until those visits were seen that it hits."""
        try:
            return availability.set_exception(self.instance, by=self.by, now=self.now, confirmed=False)
        except AppointmentsInTheWay as found:
            unless_seen(self, found.hits)
            return availability.set_exception(self.instance, by=self.by, now=self.now)


@admin.register(ScheduleException)
class ScheduleExceptionAdmin(CalendarAdmin):
    """Time off of a doctor, a site or all, and extra hours."""

    form = ExceptionForm
    list_display = ("kind", "whose", "site", "starts", "ends", "reason")
    list_filter = ("kind", "site")
    list_select_related = ("doctor__user", "site")
    search_fields = ("doctor__user__last_name", "doctor__user__first_name", "reason")
    search_help_text = _("The doctor's name, or a word of the reason")
    ordering = ("-starts_at", "id")

    def get_fieldsets(self, request: HttpRequest, obj: ScheduleException | None = None) -> Any:
        """What, whose, and when."""
        whose = _("Time off without a doctor closes the site; without a site too, the whole organisation.")
        may_change = self.has_change_permission(request, obj) if obj else True
        times = ("clock_of", "starts_at", "ends_at") if may_change else ("starts", "ends")
        blocks: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": ("kind", "doctor", "site"), "description": whose}),
            (_("When"), {"fields": (*times, "slot_minutes")}),
            (_("Why"), {"fields": ("reason",)}),
        ]
        return [*blocks, (_("Record"), {"fields": VerbAdmin.readonly_fields})] if obj else blocks

    def get_readonly_fields(self, request: HttpRequest, obj: ScheduleException | None = None) -> tuple[str, ...]:
        """Times as they are printed, for those who only look."""
        return ("starts", "ends", *self.readonly_fields)

    def foresee_removal(self, obj: ScheduleException, now: datetime) -> list[Hit]:
        """The visits that lie in extra hours; none in time off."""
        return displacement.foresee(obj, now=now, removed=True)

    def remove(self, obj: ScheduleException, *, by: User, now: datetime) -> None:
        """The verb that undoes it."""
        availability.remove_exception(obj, by=by, now=now)

    @admin.display(description=_("doctor"), ordering="doctor__user__last_name")
    def whose(self, obj: ScheduleException) -> str:
        """Whose calendar it bears on."""
        return str(obj.doctor) if obj.doctor else str(_("Everybody"))

    @admin.display(description=_("starts"), ordering="starts_at")
    def starts(self, obj: ScheduleException) -> str:
        """On the site's clock, else in UTC."""
        return when.full(obj.starts_at, obj.site.zone if obj.site else UTC_ZONE)

    @admin.display(description=_("ends"), ordering="ends_at")
    def ends(self, obj: ScheduleException) -> str:
        """Likewise."""
        return when.full(obj.ends_at, obj.site.zone if obj.site else UTC_ZONE)
