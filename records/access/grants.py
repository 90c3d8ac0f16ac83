"""Who is granted a patient's chart: the patient, and every doctor with whom there is an appointment that counts.

A grant is guardian's permission ``view_chart`` on the chart, a row of ``ChartUserObjectPermission``. It is written and
taken in the transaction of whatever makes or ends its reason, under that verb's locks on patient and doctor. Grants
alone open nothing: :mod:`records.access.reading` asks for the reason again at each reading.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.signals import post_migrate

from accounts import audit
from accounts.models import Patient, Role, User
from clinic.models import Appointment, Doctor, Status
from records.models import Chart, ChartUserObjectPermission

COUNTS = (Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)
"""Appointments in these states give their doctor the patient's chart."""
BATCH = 2000


class Grant(NamedTuple):
    """``user`` may read the chart of ``patient``."""

    patient: UUID
    user: UUID


@cache
def _permission() -> int:
    return Permission.objects.get(content_type__app_label="records", codename="view_chart").pk


def forget_ids() -> None:
    """From now on ask anew for the permission's id whenever it may have changed."""
    post_migrate.connect(lambda **_told: _permission.cache_clear(), weak=False, dispatch_uid="records.access.ids")


def shared(patient: Any, doctor_user: Any) -> QuerySet[Appointment]:
    """The appointments that give the doctor with this account the patient's chart."""
    return Appointment.objects.filter(patient=patient, doctor__user=doctor_user, status__in=COUNTS)


# --- What follows what ----------------------------------------------------------------------------


def follow_appointment(
    sender: object, *, appointment: Appointment, change: str, before: Any = None, **_news: Any
) -> None:
    """Hear of :data:`clinic.signals.appointment_changed`: at most two statements, beside a move's three."""
    patient = appointment.patient
    assert patient is not None
    if change in ("booked", "restored", "undone"):
        _give(patient, appointment.doctor)
    elif change in ("cancelled", "no_show"):
        _take(patient, Doctor.objects.filter(pk=appointment.doctor_id))
    elif change == "moved" and before[0] != appointment.doctor_id:
        _take(patient, Doctor.objects.filter(pk=before[0]))
        _give(patient, appointment.doctor)


def follow_person(person: User, change: str, now: datetime, **_news: Any) -> None:
    """Hear of :data:`accounts.signals.person_changed`: what a doctor was granted goes and comes with his standing, and
    a patient who gets an account may read her own chart."""
    if change in ("role_changed", "deactivated", "reactivated", "linked"):
        # Under the lock that bookings take: one that goes on reads his user's row as it was before, and is waited for.
        list(Doctor.objects.select_for_update(no_key=True).filter(user=person).values_list("pk"))
        own = ChartUserObjectPermission.objects.filter(user=person)
        own.exclude(content_object__patient__user=person).delete()
        _write(grant for grant in expected(Q(user=person.pk)) if grant.user == person.pk)


def open_own(patient: Patient) -> None:
    """A chart for the patient, if there is none yet, and the grant to read it, if she has an account."""
    Chart.objects.bulk_create([Chart(pk=patient.pk, patient=patient)], ignore_conflicts=True)
    _insert([Grant(patient.pk, patient.user_id)] if patient.user_id else [])


def _give(patient: Patient, doctor: Doctor) -> None:
    """The chart, if there is none yet, and the grants: one INSERT each, which change nothing that is there.

    Of a doctor who is let go a step can still be taken back; he gets nothing by that.
    """
    Chart.objects.bulk_create([Chart(pk=patient.pk, patient=patient)], ignore_conflicts=True)
    readers = {patient.user_id} if patient.user_id else set()
    if doctor.user.is_active and doctor.user.role == Role.DOCTOR:
        readers.add(doctor.user_id)
    _insert(Grant(patient.pk, reader) for reader in readers)


def _take(patient: Patient, doctors: QuerySet[Doctor]) -> None:
    """Take the grant away from a doctor with whom no appointment is left that counts. One DELETE."""
    left = Appointment.objects.filter(patient=patient, doctor__user=OuterRef("user"), status__in=COUNTS)
    grants = ChartUserObjectPermission.objects.filter(content_object=patient.pk, user__in=doctors.values("user"))
    grants.exclude(user=patient.user_id).filter(~Exists(left)).delete()


# --- What there should be -------------------------------------------------------------------------


def expected(only: Q | None = None) -> Iterator[Grant]:
    """The grants that there should be; ``only`` narrows them by ``patient`` and ``user`` (the reader)."""
    visited = Appointment.objects.filter(status__in=COUNTS).values("patient")
    own = Patient.objects.filter(Q(pk__in=visited) | Q(chart__isnull=False)).exclude(user=None).order_by()
    pairs = Appointment.objects.filter(
        status__in=COUNTS, doctor__user__is_active=True, doctor__user__role=Role.DOCTOR
    ).annotate(user=F("doctor__user"))
    charted = own.values_list("pk", "user")
    treating = pairs.order_by().values_list("patient", "user")
    for rows in (charted, treating):
        found = rows.filter(only) if only is not None else rows
        yield from (Grant(*row) for row in found.distinct().iterator(BATCH))


def actual() -> set[Grant]:
    """The grants that there are."""
    rows = ChartUserObjectPermission.objects.filter(permission=_permission())
    return {Grant(*row) for row in rows.values_list("content_object", "user").iterator(BATCH)}


class Differences(NamedTuple):
    """How grants and appointments differ."""

    missing: set[Grant]
    stale: set[Grant]


def differences() -> Differences:
    """Grants that should be there and are not, and those that are there and should not."""
    should, there = set(expected()), actual()
    return Differences(should - there, there - should)


@transaction.atomic
def repair(found: Differences, *, by: User | str) -> None:
    """Take what is stale, unless it was given again meanwhile, and write what is missing; ``by`` is a person or a
    program."""
    for grant in sorted(found.stale):
        # Under the lock that bookings take.
        list(Patient.objects.select_for_update(no_key=True).filter(pk=grant.patient).values_list("pk"))
        if grant not in set(expected(Q(user=grant.user))):
            ChartUserObjectPermission.objects.filter(content_object=grant.patient, user=grant.user).delete()
    _write(found.missing)
    counts = {"missing": [len(found.missing), 0], "stale": [len(found.stale), 0]}
    audit.record("records.grants.repaired", by=by, changes=counts)


def _write(grants: Iterable[Grant]) -> None:
    rows = iter(grants)
    while batch := list(islice(rows, BATCH)):
        charts = [Chart(pk=patient, patient_id=patient) for patient in {grant.patient for grant in batch}]
        Chart.objects.bulk_create(charts, ignore_conflicts=True)
        _insert(batch)


def _insert(grants: Iterable[Grant]) -> None:
    permission = _permission()
    rows = [
        ChartUserObjectPermission(content_object_id=grant.patient, user_id=grant.user, permission_id=permission)
        for grant in grants
    ]
    ChartUserObjectPermission.objects.bulk_create(rows, ignore_conflicts=True)
