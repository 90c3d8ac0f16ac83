"""Everybody who might want to read alice's record of her visit to dr_chen, and what each may."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from accounts import staffing
from accounts.models import Patient, Role, User
from accounts.tests.factories import make_user
from clinic import booking
from clinic.models import Appointment, Doctor
from clinic.tests.factories import NOW, at, make_doctor, make_hours
from records import emergency
from records.models import MedicalRecord
from records.tests.factories import book, make_record

LATER = NOW + timedelta(days=8)
"""The day after the visit; everybody looks then."""
WHY = "Unconscious, brought in by ambulance."

READERS = {"patient", "doctor", "sharing_doctor", "emergency_holder"}
"""Who may read."""
WRITERS = {"doctor"}
"""Who may write the record of the visit."""
CHART_WRITERS = {"doctor", "sharing_doctor"}
"""Who may change the chart."""


@dataclass(frozen=True)
class People:
    """By what each is to the record; with the visit, its record, and another patient's record of the same doctor."""

    who: dict[str, User]
    patient: Patient
    visit: Appointment
    record: MedicalRecord
    other_record: MedicalRecord


@pytest.fixture
def people(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User) -> People:
    """dr_chen wrote the record; dr_diaz has a visit with alice too; the others have no business with her, any more."""
    site = dr_chen.weekly_hours.select_related("site")[0].site
    strangers = {
        name: make_doctor(make_user(Role.DOCTOR))
        for name in (
            "other_doctor",
            "cancelled_doctor",
            "moved_doctor",
            "gone_doctor",
            "emergency_holder",
            "late_holder",
        )
    }
    for doctor in strangers.values():
        make_hours(doctor, site)
    visit = book(dr_chen, alice)
    book(dr_diaz, alice, at("11:00"))
    cancelled = book(strangers["cancelled_doctor"], alice, at("09:00"))
    booking.cancel(cancelled, by=rita, now=NOW, reason="ill")
    moved = book(strangers["moved_doctor"], alice, at("09:30"))
    booking.reschedule(moved, starts_at=moved.starts_at, doctor=dr_diaz, by=rita, now=NOW)
    book(strangers["gone_doctor"], alice, at("11:30"))
    record, other = make_record(visit), make_record(book(dr_chen, bob, at("09:00")))
    staffing.deactivate(strangers["gone_doctor"].user, by=adam, now=NOW)
    for name, when in (("emergency_holder", LATER), ("late_holder", LATER - timedelta(hours=2))):
        emergency.open_chart(alice.pk, by=strangers[name].user, now=when, reason=WHY)
    superuser = make_user(Role.ADMIN)
    User.objects.filter(pk=superuser.pk).update(is_superuser=True)
    assert alice.user is not None
    assert bob.user is not None
    who = {
        "patient": alice.user,
        "other_patient": bob.user,
        "doctor": dr_chen.user,
        "sharing_doctor": dr_diaz.user,
        **{name: doctor.user for name, doctor in strangers.items()},
        "receptionist": rita,
        "admin": adam,
        "superuser": superuser,
    }
    fresh = {name: User.objects.get(pk=user.pk) for name, user in who.items()}
    return People(fresh, alice, visit, record, other)
