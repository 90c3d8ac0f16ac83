"""Appointments: booked, moved and cancelled by the verbs of booking, and in no other way."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import VerbAdmin, actor
from clinic import booking, displacement, history, news, when
from clinic.admin.filters import StatusFilter, When
from clinic.admin.forms import SitesClockForm, WallTimeField, with_alternatives
from clinic.admin.steps import STEPS
from clinic.models import Appointment, Status
from clinic.slots import SlotTaken
from clinic.told import of

ON_THE_CLOCK = _("The time below is on this site's clock.")


class BookingForm(SitesClockForm):
    """What booking and moving have in common: a doctor, and a time on a site's clock."""

    starts_at = WallTimeField(label=_("Starts"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "site" in self.fields:
            self.fields["site"].help_text = ON_THE_CLOCK

    def _post_clean(self) -> None:
        """The verb decides and writes: the form does not touch the row, nor guess what its constraints will say."""

    def call(self) -> Appointment:
        """The verb; a lost time with the nearest free ones. Nothing stays done if the doctor is elsewhere then."""
        try:
            appointment = self.book_or_move()
        except SlotTaken as taken:
            raise with_alternatives(taken) from None
        if appointment.site_id != self.cleaned_data["site"].pk:
            message = _now("At this time the doctor is at %(site)s.") % {"site": appointment.site}
            raise ValidationError({"site": ValidationError(message, code="other_site")})
        return appointment

    def book_or_move(self) -> Appointment:
        """Which of the two."""
        raise NotImplementedError


class NewForm(BookingForm):
    """Books. A reason can be written here, and read by the patient and the doctor alone."""

    reason = forms.CharField(
        label=_("Reason for the visit"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only the patient and this doctor can read it; you cannot once it is saved."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "patient" in self.fields:
            self.fields["patient"].required = True
            self.fields["override_reason"].help_text = _(
                "Only to book over the doctor's hours, time off or other visits; never over the patient's."
            )

    def book_or_move(self) -> Appointment:
        """Book."""
        data = self.cleaned_data
        return booking.book(
            doctor=data["doctor"],
            patient=data["patient"],
            starts_at=data["starts_at"],
            visit_type=data["visit_type"],
            by=self.by,
            now=self.now,
            reason=data["reason"],
            override_reason=data["override_reason"].strip(),
        )


class MoveForm(BookingForm):
    """Moves, unless somebody changed the appointment since the page was drawn."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show(self.instance.site, starts_at=self.instance.starts_at)
        self.initial["version"] = self.instance.etag

    def book_or_move(self) -> Appointment:
        """Move."""
        data = self.cleaned_data
        return booking.reschedule(
            self.instance,
            starts_at=data["starts_at"],
            doctor=data["doctor"],
            by=self.by,
            now=self.now,
            version=data["version"],
        )


@admin.register(Appointment)
class AppointmentAdmin(VerbAdmin):
    """Why the patient comes, and what the doctor noted, is on no page here: staff may write a reason, not read it."""

    form = MoveForm
    verbs = STEPS
    list_display = ("time", "patient", "doctor", "site", "status", "over", "fits", "visit_type", "reference")
    list_filter = (When, ("status", StatusFilter), "site", "is_overbooked")
    list_select_related = ("patient", "doctor__user", "site", "visit_type")
    linked_by = ("doctor", "patient")
    addable = ("patient",)
    search_fields = ("=reference", "patient__last_name", "patient__first_name", "doctor__user__last_name")
    search_help_text = _("Reference, or name of patient or doctor")
    ordering = ("starts_at", "id")
    autocomplete_fields = ("patient", "doctor", "visit_type", "site")
    readonly_fields = (
        *("reference", "time", "until", "patient", "visit_type", "status", "fits", "booked_by", "is_overbooked"),
        *("override_reason", "cancelled_by", "why_cancelled", "messages", "deeds", *VerbAdmin.readonly_fields),
    )

    # --- Who may, and what -------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        """What the person who looks may see; holds are nobody's appointments yet."""
        return displacement.with_flags(super().get_queryset(request).visible_to(actor(request)))

    def has_change_permission(self, request: HttpRequest, obj: Appointment | None = None) -> bool:
        """Only what is still to come can be moved; what is sent for another is for the verb to refuse, in words."""
        is_open = obj is None or obj.status == Status.SCHEDULED or request.method == "POST"
        return is_open and super().has_change_permission(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Appointment | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A new one is booked, another moved."""
        return super().get_form(request, obj, change, **{"form": MoveForm if obj else NewForm} | kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Appointment | None = None) -> tuple[str, ...]:
        """All but doctor, site and time, once it is booked."""
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Appointment | None = None) -> Any:
        """Who with whom, when; then what became of it."""
        if obj is None:
            return [
                (None, {"fields": ("patient", "doctor", "visit_type")}),
                (_("When"), {"fields": ("site", "starts_at")}),
                (_("Why"), {"fields": ("reason", "override_reason")}),
            ]
        blocks: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": ("reference", "status", "patient", "visit_type", "time", "until", "fits")})
        ]
        if self.has_change_permission(request, obj):
            blocks.append((_("Move to"), {"fields": ("doctor", "site", "starts_at", "version")}))
        else:
            blocks[0][1]["fields"] += ("doctor", "site")
        booked = ("booked_by", "is_overbooked", "override_reason")
        cancelled = ("cancelled_by", "why_cancelled") if obj.status == Status.CANCELLED else ()
        blocks.append((_("Messages"), {"fields": ("messages",)}))
        blocks.append((_("History"), {"fields": ("deeds",)}))
        return [*blocks, (_("Record"), {"fields": (*booked, *cancelled, *VerbAdmin.readonly_fields)})]

    def facts(self, obj: Appointment) -> list[tuple[Any, str]]:
        """Enough to see that it is the right one."""
        names = [(_("reference"), obj.reference), (_("patient"), str(obj.patient)), (_("doctor"), str(obj.doctor))]
        where = [(_("time"), self.time(obj)), (_("site"), str(obj.site))]
        return [*names, *where, (_("status"), obj.get_status_display())]

    # --- Columns -----------------------------------------------------------------------------------

    @admin.display(description=_("time"), ordering="starts_at")
    def time(self, obj: Appointment) -> str:
        """When it starts, on the site's clock."""
        return when.full(obj.starts_at, obj.site.zone)

    @admin.display(description=_("until"), ordering="ends_at")
    def until(self, obj: Appointment) -> str:
        """When it ends."""
        return when.full(obj.ends_at, obj.site.zone)

    @admin.display(description=_("in the calendar"), boolean=True)
    def fits(self, obj: Any) -> bool:
        """False if it waits to be moved: the doctor is away then."""
        return not obj.is_waiting

    @admin.display(description=_("overbooked"), empty_value="")
    def over(self, obj: Appointment) -> str | None:
        """A mark on those that were put over the doctor's calendar."""
        return _now("Overbooked") if obj.is_overbooked else None

    @admin.display(description=_("told so far"))
    def messages(self, obj: Appointment) -> str:
        """Each message and what became of it, with the way to their list; whom none would reach is to be called."""
        parts = [told.sentence for told in of(obj)]
        if parts:
            address = f"{reverse('admin:accounts_message_changelist')}?about={obj.pk}"
            parts.append(format_html('<a href="{}">{}</a>', address, _now("To these messages")))
        if obj.patient and not news.reaches(obj.patient):
            sentence = _now("No message reaches this patient: there is no address. Please call.")
            parts.insert(0, format_html("<strong>{}</strong>", sentence))
        return format_html_join("", "{}<br>", ((part,) for part in parts)) or "–"

    @admin.display(description=_("reason for cancelling"))
    def why_cancelled(self, obj: Appointment) -> str:
        """What staff wrote. A patient's or doctor's own words may be about health, and are not for the desk."""
        if obj.cancelled_by is None or not obj.cancelled_by.is_staff:
            return str(_("Not shown: not written by staff"))
        return obj.cancel_reason or "–"

    @admin.display(description=_("what was done"))
    def deeds(self, obj: Appointment) -> str:
        """Each change, when and by whom."""
        told = history.told(obj, history.entries(obj), to=None)
        lines = [(deed.time, deed.label, deed.actor_name, deed.new_time and f" → {deed.new_time}") for deed in told]
        return format_html_join("", "{}: {} ({}){}<br>", lines) or "–"
