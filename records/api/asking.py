"""What the endpoints of charts and records have in common: who asks, when, and what he saw."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request

from accounts.api.permissions import caller
from clinic.api.callers import version
from records import access
from records.models import Chart, MedicalRecord


def context(request: Request, seen: Chart | MedicalRecord | None = None) -> dict[str, Any]:
    """For serializers that call verbs; of what is ``seen``, the version that the caller saw."""
    told: dict[str, Any] = {"request": request, "by": caller(request), "now": timezone.now()}
    return told | ({"version": version(request, seen)} if seen is not None else {})


def record_or_404(request: Request, pk: UUID) -> MedicalRecord:
    """One that the caller may read, without what it says."""
    found = access.records(request.user, now=timezone.now()).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
