"""Large sets: doctors, patients and past appointments by the thousand, in bulk, with the constraints on.

No verb would write visits in the past, so these are arranged to fit: every doctor has patients of his own, sees one
each half hour of a working day, and days are filled backwards from the earliest that has an appointment.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import count, cycle, islice
from operator import attrgetter
from random import Random
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.db.models import Min

from accounts.models import Patient, Role, User
from accounts.models.found_by import name_key
from clinic.models import Appointment, Approval, Department, Doctor, Site, Specialty, Status, VisitType, WeeklyHours
from clinic.models.appointment import SAYABLE
from records.access import grants
from scheduler.demo.logins import DOCTORS
from scheduler.demo.patients import FIRST_NAMES, LAST_NAMES

M = TypeVar("M", bound=models.Model)
BATCH = 10_000
OPENS, CLOSES, VISIT = time(9), time(17), timedelta(minutes=30)
VISITS_A_DAY = 16
VISITS_OF_A_PATIENT = 10


@transaction.atomic
def enlarge(*, doctors: int, appointments: int, password_hash: str, seed: int, now: datetime) -> None:
    """Bring the numbers of doctors and of past appointments up to these; what is there already counts.

    The demo must be loaded. New doctors sign in as doctor13@example.org and so on; new patients have no accounts.
    """
    rng = Random(seed)  # noqa: S311  made-up people, not secrets
    _add_doctors(doctors - Doctor.objects.count(), password_hash, rng)
    missing = appointments - Appointment.objects.filter(ends_at__lte=now).count()
    if missing > 0:
        patients = max(Doctor.objects.count(), missing // VISITS_OF_A_PATIENT)
        _add_patients(patients - Patient.objects.filter(user=None).count(), rng)
        _stream(Appointment, _past_visits(missing, rng, now))
        grants.repair(grants.differences(), by="load_demo")
    with connection.cursor() as cursor:
        # Without fresh statistics the next queries are planned as if the tables were empty.
        cursor.execute("ANALYZE")


def _insert(model: type[M], rows: Iterable[M]) -> None:
    """Write the rows batch by batch: a million never are in memory at once."""
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        model._default_manager.bulk_create(batch)


def _stream(model: type[M], rows: Iterable[M]) -> None:
    """Write complete rows by COPY where the database's driver has it, which takes half the time; constraints hold."""
    with connection.cursor() as cursor:
        if not hasattr(cursor, "copy"):
            _insert(model, rows)
            return
        quote, fields = connection.ops.quote_name, model._meta.concrete_fields
        columns = ", ".join(quote(str(field.column)) for field in fields)
        values = attrgetter(*(field.attname for field in fields))
        statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(values(row))


def _add_doctors(missing: int, password_hash: str, rng: Random) -> None:
    """Doctors with one specialty and department each, Monday to Friday from nine to five, in half hours."""
    taken = set(User.objects.filter(email__startswith="doctor").values_list("email", flat=True))
    free = (number for number in count(DOCTORS + 1) if f"doctor{number}@example.org" not in taken)
    numbers = list(islice(free, max(0, missing)))
    users = [
        User(
            email=f"doctor{number}@example.org",
            password=password_hash,
            first_name=rng.choice(FIRST_NAMES),
            last_name=rng.choice(LAST_NAMES),
            role=Role.DOCTOR,
        )
        for number in numbers
    ]
    doctors = [
        Doctor(user=user, title="Dr.", license_number=f"DEMO-{number:05}", approval=Approval.APPROVED)
        for number, user in zip(numbers, users, strict=True)
    ]
    _insert(User, users)
    _insert(Doctor, doctors)
    sites, kinds = list(Site.objects.all()), list(VisitType.objects.all())
    wards, trainings = list(Department.objects.all()), list(Specialty.objects.all())
    groups, departments = User.groups.through, Doctor.departments.through
    specialties, visit_types = Doctor.specialties.through, Doctor.visit_types.through
    group = Group.objects.get(name=Role.DOCTOR.value)
    _insert(groups, (groups(user=user, group=group) for user in users))
    _insert(departments, (departments(doctor=d, department=rng.choice(wards)) for d in doctors))
    _insert(specialties, (specialties(doctor=d, specialty=rng.choice(trainings)) for d in doctors))
    _insert(visit_types, (visit_types(doctor=d, visittype=kind) for d in doctors for kind in kinds))
    _insert(
        WeeklyHours,
        (
            WeeklyHours(doctor=d, site=site, weekday=weekday, starts=OPENS, ends=CLOSES, slot_minutes=30)
            for d, site in zip(doctors, cycle(sites), strict=False)
            for weekday in range(5)
        ),
    )


def _add_patients(missing: int, rng: Random) -> None:
    """Patients as the front desk registers them."""
    names = ((rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)) for _number in range(missing))
    # COPY asks no save().
    _insert(Patient, (Patient(first_name=f, last_name=n, name_key=name_key(f, n)) for f, n in names))


def _past_visits(wanted: int, rng: Random, now: datetime) -> Iterator[Appointment]:
    """``wanted`` visits, as many for each doctor, doctor by doctor: neighbours in the indexes are written together.

    What is read is read here, before the first is asked for: a connection that copies answers no queries.
    """
    doctors = list(Doctor.objects.order_by("pk"))
    patients = list(Patient.objects.filter(user=None).order_by("pk").values_list("pk", flat=True))
    sites = dict(WeeklyHours.objects.values_list("doctor", "site"))
    zones = {site.pk: site.zone for site in Site.objects.all()}
    earliest = min(now, Appointment.objects.aggregate(earliest=Min("starts_at"))["earliest"] or now)
    references = _references(rng, set(Appointment.objects.values_list("reference", flat=True)))
    share, left_over = divmod(wanted, len(doctors))
    times = {site: list(islice(_working_times(zone, earliest), share + 1)) for site, zone in zones.items()}
    own = len(patients) // len(doctors)
    plan = [
        (doctor, site, times[site][: share + (number < left_over)], patients[number * own : (number + 1) * own])
        for number, doctor in enumerate(doctors)
        for site in (sites.get(doctor.pk) or next(iter(zones)),)
    ]
    return (
        _past_visit(doctor, site, patient, start, next(references))
        for doctor, site, starts, theirs in plan
        for start, patient in zip(starts, cycle(theirs), strict=False)
    )


def _past_visit(doctor: Doctor, site: UUID, patient: UUID, start: datetime, reference: str) -> Appointment:
    """Half an hour for which the patient came, as its row stands afterwards."""
    return Appointment(
        reference=reference,
        doctor=doctor,
        site_id=site,
        patient_id=patient,
        starts_at=start,
        ends_at=start + VISIT,
        occupied_from=start,
        occupied_until=start + VISIT,
        status=Status.COMPLETED,
        arrived_at=start,
        started_at=start,
        completed_at=start + VISIT,
        created_at=start - timedelta(days=7),
        updated_at=start + VISIT,
    )


def _working_times(zone: ZoneInfo, before: datetime) -> Iterator[datetime]:
    """Half hours from nine to five on the zone's clock, from the day before ``before`` backwards, without weekends."""
    day = before.astimezone(zone).date()
    while True:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            opening = datetime.combine(day, OPENS, tzinfo=zone).astimezone(ZoneInfo("UTC"))
            yield from (opening + number * VISIT for number in range(VISITS_A_DAY))


def _references(rng: Random, taken: set[str]) -> Iterator[str]:
    """References that are not taken; of a million drawn at random two would be the same."""
    while True:
        reference = "".join(rng.choices(SAYABLE, k=8))
        if reference not in taken:
            taken.add(reference)
            yield reference
