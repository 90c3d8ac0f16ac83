"""A patient's chart, for the doctors who treat her, and for who has opened it in an emergency."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic.views.refusals import reason
from records import access
from records.forms import ChartForm
from records.models import Chart
from records.models.chart import CHART_TEXTS
from records.views.frame import EARLIER, ON_PAPER, PER_PAGE, PRINTED, missing_unless_his, open_until, page, viewer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def chart(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is known of the patient, and all her records. POST changes it, for doctors who treat her."""
    user, now = viewer(request), timezone.now()
    with missing_unless_his():
        known = access.charts(user, now=now).get(pk=pk)
        if request.method == "POST":
            return _write(request, known, now)
        if access.basis(user, known, now=now) == access.Basis.OWN and not access.treats(user, known):
            return redirect("my-record")
        return _page(request, pk, now)


@require_safe
@login_required
@never_cache
def chart_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same for paper."""
    with missing_unless_his():
        return _page(request, pk, timezone.now(), what=PRINTED)


def _write(request: HttpRequest, known: Chart, now: datetime) -> HttpResponse:
    user, form = viewer(request), ChartForm(request.POST)
    if not access.treats(user, known):
        raise Chart.DoesNotExist
    if not form.is_valid():
        return _page(request, known.pk, now, form)
    try:
        form.save(known, by=user, now=now)
    except ValidationError as error:
        form.refuse(error)
        if reason(error)[0] != "stale":
            return _page(request, known.pk, now, form)
        standing = access.open_chart(known.pk, by=user, now=now)
        if not form.says(standing):
            form.look_again(standing.etag)
            return _page(request, known.pk, now, form, is_stale=True)
        # Sent twice: the first one has written it.
    messages.success(request, _("The chart is saved."))
    return redirect("chart", known.pk)


def _page(
    request: HttpRequest,
    pk: UUID,
    now: datetime,
    form: ChartForm | None = None,
    *,
    is_stale: bool = False,
    what: str = "read",
) -> HttpResponse:
    user, is_print = viewer(request), what == PRINTED
    opened = access.open_chart(pk, by=user, now=now, what=what)
    written = access.records(user, now=now).filter(chart=pk).order_by("-appointment__starts_at")
    shown = Paginator(written, ON_PAPER if is_print else PER_PAGE).get_page(request.GET.get("page"))
    records = access.open_records(*shown, by=user, now=now, what=PRINTED if is_print else "listed")
    files = access.open_files(*records, by=user, now=now)
    if form is None and not is_print and access.treats(user, opened):
        form = ChartForm(initial={"version": opened.etag} | {name: getattr(opened, name) for name in CHART_TEXTS})
    context = {
        "chart": opened,
        "patient": opened.patient,
        "page_obj": shown,
        "rows": [(record, files.get(record.pk, ())) for record in records],
        "form": form,
        "is_stale": is_stale,
        "earlier": access.open_chart_revisions(pk, by=user, now=now) if EARLIER in request.GET else None,
        "until": open_until(user, opened, now=now),
        "is_print": is_print,
    }
    return page(request, "chart", context)
