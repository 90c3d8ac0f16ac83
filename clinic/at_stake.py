"""Which visits would have to be moved if a doctor left or a site closed, while it is only thought of."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from clinic.displacement.flags import is_flagged
from clinic.models import AppointmentQuerySet, Doctor, ScheduleException, Status

NONE = Q(pk__in=[])


def of_doctor(visits: AppointmentQuerySet, doctor: Doctor, *, now: datetime) -> AppointmentQuerySet:
    """Those of ``visits`` that are to come to ``doctor`` and do not wait to be moved yet, the next first."""
    return _to_lose(visits.filter(doctor=doctor), now)


def of_closures(
    visits: AppointmentQuerySet, closures: Collection[ScheduleException], *, now: datetime
) -> AppointmentQuerySet:
    """Those of ``visits`` to come that lie in time off of whole sites, likewise."""
    within = NONE
    for closure in closures:
        within |= Q(site=closure.site_id, starts_at__lt=closure.ends_at, ends_at__gt=closure.starts_at)
    return _to_lose(visits.filter(within), now)


def _to_lose(visits: AppointmentQuerySet, now: datetime) -> AppointmentQuerySet:
    to_come = visits.filter(~is_flagged(), status=Status.SCHEDULED, starts_at__gt=now)
    return to_come.order_by("starts_at", "id")
