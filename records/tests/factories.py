"""Charts and records for tests, made by the verbs: so the grants are there too."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Patient
from clinic import booking
from clinic.models import Appointment, Doctor
from clinic.tests.factories import NOW, at
from records import charting
from records.models import MedicalRecord

TEXTS = {"diagnosis": "CNRY-diagnosis", "prescription": "CNRY-prescription", "notes": "CNRY-notes"}
"""What must not be seen but by those who care."""


def book(doctor: Doctor, patient: Patient, starts_at: datetime | None = None, **fields: Any) -> Appointment:
    """A visit on the Monday after NOW, at ten unless said otherwise, booked by the patient."""
    assert patient.user is not None
    starts = starts_at or at("10:00")
    return booking.book(doctor=doctor, patient=patient, starts_at=starts, by=patient.user, now=NOW, **fields)


def during(visit: Appointment) -> datetime:
    """Ten minutes after its start."""
    return visit.starts_at + timedelta(minutes=10)


def make_record(visit: Appointment, now: datetime | None = None, **texts: str) -> MedicalRecord:
    """What its doctor wrote during the visit."""
    return charting.write(visit, by=visit.doctor.user, now=now or during(visit), **(TEXTS | texts))
