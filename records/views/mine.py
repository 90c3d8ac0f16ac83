"""A patient's own record: what is known of her, and what was written of each visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from clinic.models import Appointment
from records import access
from records.access import grants
from records.models import Attachment, Chart, MedicalRecord
from records.views.frame import EARLIER, ON_PAPER, PER_PAGE, PRINTED, page, viewer


@dataclass(frozen=True)
class Visit:
    """A visit, what was written of it, and the files beside that."""

    appointment: Appointment
    record: MedicalRecord | None
    files: Sequence[Attachment]


@require_safe
@login_required
@never_cache
def my_record(request: HttpRequest, what: str = "listed") -> HttpResponse:
    """The viewer's own chart, and the visits that she had, the latest first. ``what`` is how it is read."""
    user, now = viewer(request), timezone.now()
    known = access.charts(user, now=now).filter(patient__user=user).first()
    if known is None:
        return page(request, "nothing", {})
    is_print = what == PRINTED
    chart = access.open_chart(known.pk, by=user, now=now, what=PRINTED if is_print else "read")
    shown = Paginator(_visits(user, now), ON_PAPER if is_print else PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "chart": chart,
        "page_obj": shown,
        "visits": _with_records(list(shown), user, chart, now=now, what=what),
        "earlier": access.open_chart_revisions(chart.pk, by=user, now=now) if EARLIER in request.GET else None,
        "is_print": is_print,
    }
    return page(request, "mine", context)


def _visits(user: User, now: datetime) -> QuerySet[Appointment]:
    """Her own that have begun, and those of which something was written."""
    own = Appointment.objects.visible_to(user).filter(patient__user=user)
    begun = Q(starts_at__lte=now, status__in=grants.COUNTS) | Q(medical_record__isnull=False)
    return own.filter(begun).with_names().defer("reason", "notes").order_by("-starts_at", "-pk")


def _with_records(visits: list[Appointment], user: User, chart: Chart, *, now: datetime, what: str) -> list[Visit]:
    written = access.records(user, now=now).filter(chart=chart, appointment__in=visits)
    opened = access.open_records(*written, by=user, now=now, what=what)
    by_visit = {record.appointment_id: record for record in opened}
    files = access.open_files(*opened, by=user, now=now)
    found = []
    for visit in visits:
        record = by_visit.get(visit.pk)
        found.append(Visit(visit, record, files.get(record.pk, ()) if record else ()))
    return found
