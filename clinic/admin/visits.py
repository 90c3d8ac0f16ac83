"""Visits as the desk lists them where it must decide about them: each with time, patient and doctor."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.admin import consequences
from accounts.admin.consequences import FIRST, Consequence, Thing
from accounts.models import User
from clinic import at_stake, doctors, when
from clinic.models import Appointment, AppointmentQuerySet, Doctor
from clinic.slots import Slot


def as_thing(visit: Appointment) -> Thing:
    """One visit, and its page."""
    parts = {
        "time": when.full(visit.starts_at, visit.site.zone),
        "patient": visit.patient,
        "doctor": visit.doctor,
        "reference": visit.reference,
    }
    text = _("%(time)s: %(patient)s with %(doctor)s, %(reference)s") % parts
    return Thing(text, reverse("admin:clinic_appointment_change", args=(visit.pk,)))


def as_choice(slot: Slot) -> str:
    """A free time, whose it is and where."""
    time = when.full(slot.starts_at, slot.site.zone)
    return _("%(time)s with %(doctor)s, %(site)s") % {"time": time, "doctor": slot.doctor, "site": slot.site}


def how_many(count: int) -> str:
    """The sentence above a list of visits that a change would hit."""
    sentence = ngettext(
        "%(count)d visit loses its place: it will be listed to be moved, and the patient told.",
        "%(count)d visits lose their place: they will be listed to be moved, and the patients told.",
        count,
    )
    return sentence % {"count": count}


def losing_their_place(visits: AppointmentQuerySet) -> Consequence | None:
    """The visits that would be listed to be moved; None if there are none."""
    count = visits.count()
    if not count:
        return None
    things = [as_thing(visit) for visit in visits.with_names()[:FIRST]]
    return Consequence(how_many(count), things, count - len(things))


def of_doctor(by: User, doctor: Doctor, now: datetime) -> list[Consequence]:
    """What goes with a doctor who sees nobody any more."""
    told = losing_their_place(at_stake.of_doctor(Appointment.objects.visible_to(by), doctor, now=now))
    return [told] if told else []


def _of_person(by: User, person: User, now: datetime) -> Consequence | None:
    doctor = doctors.visible_to(by).filter(user=person).first()
    return next(iter(of_doctor(by, doctor, now)), None) if doctor else None


consequences.register(_of_person)
