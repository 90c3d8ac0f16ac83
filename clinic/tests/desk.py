"""The admin as tests meet it: clients of staff, and a clinic with one of everything."""

import re
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEntry, Integrator, Message, Patient, TokenFamily, User
from clinic.models import (
    Appointment,
    CalendarFeed,
    Department,
    Doctor,
    IdempotencyKey,
    Site,
    Specialty,
    ToBeMoved,
    WeeklyHours,
)
from clinic.tests.factories import NOW, at, make_appointment, make_time_off, make_visit_type

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
CANARY = "CNRY"
"""In every text about health that a page of the admin must not show."""


def client_of(user: User | None) -> Client:
    """A browser in which ``user`` is signed in; an error on the server's side is an answer (500)."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def grant_roles() -> None:
    """Give the roles their permissions once more: tests that commit leave the database without what migrations made."""
    editor = SimpleNamespace(connection=connection)
    accounts = (
        *("0003_role_permissions", "0005_audit_permission", "0007_integrator_permissions"),
        "0010_message_permissions",
    )
    clinic = ("0002_role_permissions", "0006_calendar_feed_permission")
    names = [*(f"accounts.migrations.{name}" for name in accounts), *(f"clinic.migrations.{name}" for name in clinic)]
    for name in names:
        import_module(name).grant(apps, editor)


def page(model: type[models.Model], name: str, *args: Any) -> str:
    """The address of one of a model's pages."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def hidden(asking: Any) -> dict[str, Any]:
    """What a page that asks whether visits may be hit has in its hidden fields."""
    found: dict[str, Any] = {}
    for name, value in HIDDEN.findall(asking.content.decode()):
        found.setdefault(name, []).append(value)
    return found


def pages() -> dict[type[models.Model], Any]:
    """Every model in the admin, with its VerbAdmin."""
    return dict(admin.site._registry)


def one_of_everything(doctor: Doctor, patient: Patient, by: User) -> dict[type[models.Model], Any]:
    """One object of each model in the admin; whatever tells about health has the canary in it."""
    kind = make_visit_type()
    doctor.visit_types.add(kind)
    texts = {"reason": f"{CANARY} knee", "notes": f"{CANARY} fracture"}
    visit = make_appointment(doctor, patient, at("10:00"), visit_type=kind, booked_by=patient.user, **texts)
    # A patient's own words, in an appointment that he cancelled himself.
    make_appointment(
        doctor,
        patient,
        at("11:00"),
        status="cancelled",
        cancelled_by=patient.user,
        cancel_reason=f"{CANARY} fever",
        **texts,
    )
    key = IdempotencyKey.objects.create(
        caller="c" * 64, operation="book", key=f"{CANARY}-key", body_hash="b" * 64, status=201, object_id=visit.pk
    )
    family = TokenFamily.objects.create(user=by, current_jti_hash=f"{CANARY}-hash", expires_at=NOW + timedelta(days=1))
    feed = CalendarFeed.objects.create(user=patient.user, token_hash=f"{CANARY}-token")
    department = Department.objects.create(name="Oncology")
    specialty = Specialty.objects.create(name="Cardiology")
    doctor.departments.add(department)
    doctor.specialties.add(specialty)
    site = Site.objects.get()
    hours = WeeklyHours.objects.filter(doctor=doctor).first()
    exception = make_time_off(at("11:00"), at("12:00"), doctor, site=site)
    flag = ToBeMoved.objects.create(appointment=visit, cause="exception", exception=exception)
    audit.record("clinic.appointment.booked", by=by, on=visit, patient=patient)
    integrator = Integrator.objects.create(name="Wall calendar", secret=f"{CANARY}-secret", owner=None)
    message = Message.objects.create(
        kind="booked",
        key=f"{CANARY}-key",
        patient=patient,
        address=f"{CANARY}@example.org",
        sealed=f"{CANARY} code",
        context={"appointment": f"{CANARY}-id"},
        about=visit.pk,
        not_before=NOW,
        failed_at=NOW,
    )
    made: list[Any] = [
        integrator,
        message,
        AuditEntry.objects.latest("pk"),
        visit,
        key,
        family,
        feed,
        department,
        specialty,
        site,
        hours,
        exception,
        flag,
        kind,
        doctor,
        patient,
        doctor.user,
    ]
    return {type(thing): thing for thing in made if thing is not None} | {Appointment: visit, User: doctor.user}
