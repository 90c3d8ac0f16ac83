"""What this app holds about a person (:mod:`accounts.holdings`)."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.holdings import Fact, Part
from accounts.models import User
from clinic import calendar_feed, when
from clinic.models import Appointment, CalendarFeed, Doctor


def tell(user: User) -> Iterator[Part]:
    """Appointments, and what a doctor tells patients of himself."""
    doctor = Doctor.objects.filter(user=user).first()
    if doctor is not None:
        yield Part("doctor", _("Doctor's profile"), [_doctor(doctor)])
    visits = list(Appointment.objects.visible_to(user).with_names().filter(patient__user=user).order_by("starts_at"))
    count = len(visits)
    note = ngettext("%(count)s appointment.", "%(count)s appointments.", count) % {"count": count}
    yield Part(
        "appointments",
        _("Appointments"),
        [_appointment(visit) for visit in visits],
        note=note,
        url=reverse("my-appointments"),
        link=_("My appointments"),
    )
    feed = calendar_feed.of(user)
    yield Part("calendar_address", _("Address for your calendar"), [_feed(feed)] if feed else [])


def _doctor(doctor: Doctor) -> list[Fact]:
    return [
        Fact("title", _("Title"), doctor.title),
        Fact("license_number", _("License number"), doctor.license_number or ""),
        Fact("practising_since", _("Practising since"), doctor.practising_since),
        Fact("bio", _("About"), doctor.bio),
        Fact("languages", _("Languages"), ", ".join(doctor.languages)),
        Fact("approval", _("Approval"), doctor.get_approval_display()),
    ]


def _feed(feed: CalendarFeed) -> list[Fact]:
    return [
        Fact("made_at", _("Made"), feed.updated_at),
        Fact("names_patients", _("Shows patients' names"), _("yes") if feed.names_patients else _("no")),
    ]


def _appointment(visit: Appointment) -> list[Fact]:
    return [
        Fact("reference", _("Reference"), visit.reference),
        Fact("time", _("Time"), when.full(visit.starts_at, visit.site.zone)),
        Fact("starts_at", _("Starts"), visit.starts_at),
        Fact("ends_at", _("Ends"), visit.ends_at),
        Fact("doctor", _("Doctor"), str(visit.doctor)),
        Fact("site", _("Place"), str(visit.site)),
        Fact("visit_type", _("Kind of visit"), str(visit.visit_type or "")),
        Fact("status", _("Status"), visit.get_status_display()),
        Fact("reason", _("Reason"), visit.reason),
        Fact("notes", _("Notes"), visit.notes),
        Fact("cancel_reason", _("Reason for cancelling"), visit.cancel_reason),
        Fact("booked_at", _("Booked"), visit.created_at),
    ]
