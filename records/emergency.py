"""Emergency access: one person reads one chart for a while, and everybody concerned hears of it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Patient, User
from accounts.models.found_by import name_key
from accounts.models.user import STAFF_ROLES
from records import access, news
from records.access import grants
from records.models import Chart, EmergencyAccess

SHORTEST_REASON = 10
"""Characters."""
MOST_FOUND = 10
"""Namesakes born on one day; more than one is rare."""
LOOKED_AT = 200
"""Rows that are compared at the most."""
OFFICERS = "records.review_emergencyaccess"
"""The permission of those who look after privacy."""


def find(name: str, date_of_birth: date, *, by: User) -> list[Patient]:
    """The patients born that day in whose name are all words of ``name``, however they are written; MOST_FOUND of them.

    For whoever may open a chart in an emergency, else PermissionDenied; that he looked is written down.
    ``name_required`` at ``name`` if there is no word in it.
    """
    if not access.may_break_the_glass(by):
        raise PermissionDenied
    words = set(name_key(name).split())
    if not words:
        raise ValidationError({"name": ValidationError(_("Please enter a name."), code="name_required")})
    born = Patient.objects.filter(date_of_birth=date_of_birth, name_key__contains=max(words, key=len))
    alike = born.defer("insurance_number")[:LOOKED_AT]
    found = [patient for patient in alike if words <= set(patient.name_key.split())][:MOST_FOUND]
    changes = {"found": [str(patient.pk) for patient in found]}
    audit.record("records.emergency_access.searched", by=by, changes=changes)
    return found


def consider(patient: UUID, *, by: User) -> Patient:
    """Whose chart it would be, for whoever may open it in an emergency; that he asked is written down.
    ``Patient.DoesNotExist``."""
    if not access.may_break_the_glass(by):
        raise PermissionDenied
    person = Patient.objects.defer("insurance_number").get(pk=patient)
    audit.record("records.emergency_access.considered", by=by, on=person, patient=person)
    return person


@transaction.atomic
def open_chart(patient: UUID, *, by: User, now: datetime, reason: str) -> EmergencyAccess:
    """Let ``by`` read one patient's chart for EMERGENCY_ACCESS_MINUTES. That he is himself was asked a moment ago.

    For administrators and doctors who are let in, else PermissionDenied. ``Patient.DoesNotExist``; ``reason_too_short``
    at ``reason`` for less than SHORTEST_REASON characters.
    """
    if not access.may_break_the_glass(by):
        raise PermissionDenied
    person = Patient.objects.select_for_update(no_key=True).get(pk=patient)
    reason = check_reason(reason)
    grants.open_own(person)
    chart = Chart.objects.select_related("patient__user").get(pk=person.pk)
    until = now + timedelta(minutes=settings.EMERGENCY_ACCESS_MINUTES)
    opened = EmergencyAccess(chart=chart, user=by, reason=reason, expires_at=until, created_at=now)
    opened.clean_fields()
    opened.save(force_insert=True)
    audit.record("records.emergency_access.opened", by=by, on=opened, patient=person.pk)
    news.opened_in_emergency(opened, officers(), now=now)
    return opened


def check_reason(reason: str) -> str:
    """``reason`` without blanks that say nothing; what cannot be seen counts for nothing. ValidationError
    (``reason_too_short``) at ``reason``."""
    reason = " ".join(reason.split())
    if sum(map(str.isprintable, reason)) < SHORTEST_REASON:
        message = _("Please say in at least %(count)d characters why this is urgent.") % {"count": SHORTEST_REASON}
        raise ValidationError({"reason": ValidationError(message, code="reason_too_short")})
    return reason


@transaction.atomic
def review(opened: EmergencyAccess, *, by: User, now: datetime, review: str) -> EmergencyAccess:
    """Close an emergency access with a word about it. For privacy officers, and never one's own.

    Refusals: ``already_reviewed``, ``reason_required`` at ``review``.
    """
    fresh = EmergencyAccess.objects.select_for_update(no_key=True, of=("self",)).get(pk=opened.pk)
    if not by.is_active or not by.has_perm(OFFICERS) or fresh.user_id == by.pk:
        raise PermissionDenied
    if fresh.reviewed_at is not None:
        raise ValidationError(_("This is reviewed already."), code="already_reviewed")
    if not review.strip():
        raise ValidationError({"review": ValidationError(_("Please say what you found."), code="reason_required")})
    fresh.review, fresh.reviewed_by, fresh.reviewed_at = review.strip(), by, now
    fresh.clean_fields()
    fresh.save(update_fields=["review", "reviewed_by", "reviewed_at", "updated_at"])
    audit.record("records.emergency_access.reviewed", by=by, on=fresh, patient=fresh.chart_id)
    return fresh


def open_words(opened: EmergencyAccess, *, by: User) -> tuple[str, str]:
    """The reason, and what a review found, for privacy officers; that they were read is written down first."""
    if not by.is_active or not by.has_perm(OFFICERS):
        raise PermissionDenied
    audit.record("records.emergency_access.reason_read", by=by, on=opened, patient=opened.chart_id)
    return EmergencyAccess.objects.values_list("reason", "review").get(pk=opened.pk)


def officers() -> list[User]:
    """Active people who look after privacy."""
    app, codename = OFFICERS.split(".")
    permission = Permission.objects.filter(content_type__app_label=app, codename=codename)
    held = Q(groups__permissions__in=permission) | Q(user_permissions__in=permission)
    return list(User.objects.filter(held, is_active=True, role__in=STAFF_ROLES).distinct())


def to_be_reviewed(user: User) -> QuerySet[EmergencyAccess]:
    """What waits for a word, for privacy officers."""
    waiting = EmergencyAccess.objects.filter(reviewed_at=None)
    return waiting if user.is_active and user.has_perm(OFFICERS) else waiting.none()
