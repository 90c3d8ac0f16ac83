"""What people are told about charts and records, written to the outbox in the transaction of what it tells of."""

from datetime import datetime

from accounts import outbox
from accounts.models import User
from accounts.outbox import Note
from clinic.news import reaches
from records.models import EmergencyAccess, MedicalRecord


def available(record: MedicalRecord, *, now: datetime, about: str = "") -> None:
    """Tell the patient that there is something to read, if she has an account to read it with."""
    patient = record.chart.patient
    if patient.user_id is not None and reaches(patient):
        outbox.enqueue(
            "record_available",
            key=f"record_available:{record.pk}:{about or record.version}",
            to=patient,
            now=now,
            context={"record": record.pk},
            channel=outbox.chosen_by(patient),
        )


def opened_in_emergency(access: EmergencyAccess, officers: list[User], *, now: datetime) -> None:
    """Tell the patient, and those who look after privacy."""
    patient, context = access.chart.patient, {"access": access.pk}
    if reaches(patient):
        outbox.enqueue(
            "emergency_access",
            key=f"emergency_access:{access.pk}",
            to=patient,
            now=now,
            context=context,
            channel=outbox.chosen_by(patient),
        )
    notes = [Note(key=f"emergency_review:{access.pk}:{one.pk}", to=one, context=context) for one in officers]
    if notes:
        outbox.enqueue_all("emergency_review", notes, now=now)
