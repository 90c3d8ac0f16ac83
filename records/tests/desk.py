"""The admin as tests meet it, with records: one of everything, and what roles may do with it."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.models import Patient, User
from clinic.models import Appointment, Doctor
from clinic.tests import desk
from clinic.tests.desk import CANARY
from clinic.tests.factories import NOW
from records.access import grants
from records.models import (
    AmendmentRequest,
    Attachment,
    Chart,
    ChartUserObjectPermission,
    EmergencyAccess,
    FileKind,
    MedicalRecord,
)


def grant_roles() -> None:
    """As the clinic's; and for records."""
    desk.grant_roles()
    migration = import_module("records.migrations.0003_role_permissions")
    migration.grant(apps, SimpleNamespace(connection=connection))


def one_of_everything(doctor: Doctor, patient: Patient, by: User) -> dict[type[models.Model], Any]:
    """One object of each model in the admin; whatever tells about health has the canary in it."""
    things = desk.one_of_everything(doctor, patient, by)
    return things | {type(thing): thing for thing in records_of(things[Appointment], doctor.user)}


def records_of(visit: Appointment, opened_by: User, record: MedicalRecord | None = None) -> list[Any]:
    """What its doctor wrote of a visit, with all that can be beside it; everybody is granted what is due."""
    grants.repair(grants.differences(), by="tests")
    chart = Chart.objects.get(pk=visit.patient_id)
    Chart.objects.filter(pk=chart.pk).update(allergies=f"{CANARY} nuts", medical_history=f"{CANARY} asthma")
    texts = {"diagnosis": f"{CANARY} sprain", "prescription": f"{CANARY} rest", "notes": f"{CANARY} stairs"}
    record = record or MedicalRecord.objects.create(
        appointment=visit, chart=chart, doctor=visit.doctor, written_at=visit.starts_at, **texts
    )
    return [
        chart,
        record,
        Attachment.objects.create(
            record=record, name=f"{CANARY} x-ray.pdf", kind=FileKind.PDF, size=2048, stored_as=f"{visit.pk.hex}"
        ),
        AmendmentRequest.objects.create(record=record, text=f"{CANARY} the other knee"),
        ChartUserObjectPermission.objects.filter(content_object=chart, user=visit.doctor.user).get(),
        EmergencyAccess.objects.create(
            chart=chart, user=opened_by, reason="Unconscious at the station.", expires_at=NOW + timedelta(hours=1)
        ),
    ]
