"""Doctors' profiles, and whether the organisation lets them in.

Each verb is one transaction, and for administrators, but for :func:`describe` and :func:`want_agenda`, which are a
doctor's own; anybody else gets ``PermissionDenied``. Visits to come of a doctor who goes are flagged to be moved, and
set right again if he comes back.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, staffing
from accounts.models import Role, User
from clinic import news
from clinic.availability import may_arrange
from clinic.displacement import calendars_changing
from clinic.models import Approval, Department, Doctor, Specialty, VisitType
from clinic.models.doctor import DoctorQuerySet
from clinic.models.to_be_moved import Cause

PROFILE = (
    "title",
    "license_number",
    "practising_since",
    "bio",
    "languages",
    "consultation_fee",
    "status",
)
"""The columns that :func:`set_profile` writes."""
WHO = ("email", "first_name", "last_name")
"""Without which nobody new is entered."""
PERSON = ("email", *staffing.DETAILS)
"""What is said of the person behind a new one."""
OWN = ("title", "bio", "languages", "status")
"""Those that a doctor writes himself: what he is licensed for, for what he is known and what he costs, he is told."""


def visible_to(user: User | AnonymousUser) -> DoctorQuerySet:
    """An administrator: all. Everybody: those in the directory, and a doctor or applicant himself."""
    if staffing.is_administrator(user):
        return Doctor.objects.all()
    public = Doctor.objects.public()
    return public | Doctor.objects.filter(user=user) if user.is_authenticated else public


@transaction.atomic
def onboard(
    *,
    by: User,
    now: datetime,
    departments: Iterable[Department] = (),
    specialties: Iterable[Specialty] = (),
    visit_types: Iterable[VisitType] = (),
    **told: Any,
) -> Doctor:
    """A new doctor, let in at once, with an account to which he is invited; ``told`` are columns of PERSON and PROFILE.

    Refusals: those of :func:`accounts.staffing.appoint` and of :func:`set_profile`. Then nothing is made, nor mailed.
    """
    may_arrange(by)
    _check(told, (*PERSON, *PROFILE))
    person = {name: told.pop(name) for name in PERSON if name in told}
    doctor = Doctor(user=staffing.appoint(by=by, now=now, role=Role.DOCTOR, **person), **told)
    return set_profile(
        doctor, by=by, today=now.date(), departments=departments, specialties=specialties, visit_types=visit_types
    )


@transaction.atomic
def correct(
    doctor: Doctor,
    *,
    by: User,
    now: datetime,
    departments: Iterable[Department] | None = None,
    specialties: Iterable[Specialty] | None = None,
    visit_types: Iterable[VisitType] | None = None,
    **told: Any,
) -> Doctor:
    """Set some columns of a doctor's PROFILE, and of what :func:`accounts.staffing.correct` sets of the person."""
    may_arrange(by)
    _check(told, (*PROFILE, *staffing.DETAILS))
    if person := {name: told.pop(name) for name in staffing.DETAILS if name in told}:
        staffing.correct(doctor.user, by=by, **person)
    fresh = _fresh(doctor, told)
    return set_profile(
        fresh, by=by, today=now.date(), departments=departments, specialties=specialties, visit_types=visit_types
    )


@transaction.atomic
def describe(doctor: Doctor, *, by: User, **told: Any) -> Doctor:
    """Set some of what a doctor says of himself (OWN). PermissionDenied unless he is let in, and asks himself."""
    _check(told, OWN)
    fresh = _fresh(doctor, told)
    if by.pk != fresh.user_id or not fresh.is_bookable:
        raise PermissionDenied
    _write(fresh, by)
    return fresh


@transaction.atomic
def want_agenda(doctor: Doctor, wants: bool, *, by: User) -> Doctor:
    """Whether he gets his day's times by mail. PermissionDenied unless he is let in, and asks himself."""
    fresh = _fresh(doctor, {})
    if by.pk != fresh.user_id or not fresh.is_bookable:
        raise PermissionDenied
    if fresh.wants_agenda != wants:
        fresh.wants_agenda = wants
        fresh.save(update_fields=["wants_agenda", "updated_at"])
        audit.record("clinic.doctor.changed", by=by, on=fresh, changes={"wants_agenda": [not wants, wants]})
    return fresh


@transaction.atomic
def set_profile(
    doctor: Doctor,
    *,
    by: User,
    today: date,
    departments: Iterable[Department] | None = None,
    specialties: Iterable[Specialty] | None = None,
    visit_types: Iterable[VisitType] | None = None,
) -> Doctor:
    """Write a doctor's profile as it stands in ``doctor``; lists that are None stay as they are.

    A new one is let in at once: an administrator enters him. ValidationError at ``user`` (``not_a_doctor``) unless the
    person's role is doctor, at ``practising_since`` (``bad_date``) for a day to come, and for what makes no sense.
    """
    may_arrange(by)
    doctor.license_number = doctor.license_number or None
    if doctor.practising_since and doctor.practising_since > today:
        raise _refusal("practising_since", "bad_date", _("Enter a date in the past."))
    if Doctor.objects.filter(pk=doctor.pk).exists():
        _write(doctor, by)
    else:
        if doctor.user.role != Role.DOCTOR:
            raise _refusal("user", "not_a_doctor", _("Give this person the role of a doctor first."))
        doctor.full_clean()
        doctor.approval = Approval.APPROVED
        doctor.save(force_insert=True)
        audit.record("clinic.doctor.entered", by=by, on=doctor, changes={"approval": [None, doctor.approval.value]})
    lists: dict[str, Iterable[Any] | None] = {
        "departments": departments,
        "specialties": specialties,
        "visit_types": visit_types,
    }
    for name, chosen in lists.items():
        if chosen is not None:
            _set_list(doctor, name, chosen, by)
    return doctor


def _fresh(doctor: Doctor, told: dict[str, Any]) -> Doctor:
    """``doctor`` as he is now, his row locked, with what was told of him."""
    fresh = Doctor.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=doctor.pk)
    for name, value in told.items():
        setattr(fresh, name, value)
    return fresh


def _write(doctor: Doctor, by: User) -> None:
    doctor.full_clean()
    before = Doctor.objects.filter(pk=doctor.pk).values(*PROFILE).get()
    if changed := [name for name in PROFILE if getattr(doctor, name) != before[name]]:
        doctor.save(update_fields=[*changed, "updated_at"])
        audit.record("clinic.doctor.changed", by=by, on=doctor, changes={"fields": changed})


def _set_list(doctor: Doctor, name: str, chosen: Iterable[Any], by: User) -> None:
    kept = getattr(doctor, name)
    before, after = set(kept.values_list("pk", flat=True)), {one.pk for one in chosen}
    if before != after:
        kept.set(after)
        told = [sorted(map(str, before)), sorted(map(str, after))]
        audit.record("clinic.doctor.changed", by=by, on=doctor, changes={name: told})


def _check(told: dict[str, Any], known: Iterable[str]) -> None:
    if unknown := set(told) - set(known):
        raise TypeError(f"nobody sets {', '.join(sorted(unknown))} here")


@transaction.atomic
def approve(doctor: Doctor, *, by: User, now: datetime) -> Doctor:
    """Let a doctor in; a patient who applied becomes a doctor. ValidationError (``not_a_doctor``) for staff."""
    may_arrange(by)
    if doctor.user.role == Role.PATIENT:
        # Before the doctor's row is locked: the person's comes first, always.
        staffing.change_role(doctor.user, Role.DOCTOR, by=by, now=now)
    elif doctor.user.role != Role.DOCTOR:
        raise ValidationError(_("Give this person the role of a doctor first."), code="not_a_doctor")
    return _set_approval(doctor, Approval.APPROVED, by, now)


@transaction.atomic
def reject(doctor: Doctor, *, by: User, now: datetime) -> Doctor:
    """Let a doctor in no more: he vanishes from the directory, and can be approved again."""
    may_arrange(by)
    return _set_approval(doctor, Approval.REJECTED, by, now)


def _set_approval(doctor: Doctor, approval: Approval, by: User, now: datetime) -> Doctor:
    with calendars_changing({doctor.pk}, now=now, cause=Cause.DEACTIVATION):
        before = Doctor.objects.values_list("approval", flat=True).get(pk=doctor.pk)
        doctor.approval = approval
        if before != approval:
            doctor.save(update_fields=["approval", "updated_at"])
            audit.record(f"clinic.doctor.{approval}", by=by, on=doctor, changes={"approval": [before, approval.value]})
            news.application_decided(doctor, before, now=now)
    return doctor


def follow_person(person: User, change: str, now: datetime, **_news: Any) -> None:
    """Hear of :data:`accounts.signals.person_changed`: a doctor whose account or role changes may come or go by it."""
    doctor = Doctor.objects.filter(user=person).first()
    if doctor is not None and change in ("role_changed", "deactivated", "reactivated"):
        with calendars_changing({doctor.pk}, now=now, cause=Cause.DEACTIVATION):
            pass  # It has happened already, in this transaction.


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
