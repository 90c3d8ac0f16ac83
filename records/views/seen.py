"""Who saw a patient's record."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Role
from records import access, trail
from records.views.frame import page, viewer

PER_PAGE = 20


@require_safe
@login_required
@never_cache
def who_saw(request: HttpRequest) -> HttpResponse:
    """The viewer's own record alone: who, in which role, what, when and why; emergencies stand out.

    What she looked at herself is not in the way: it is shown with ``?own=yes``.
    """
    user = viewer(request)
    chart = access.charts(user, now=timezone.now()).filter(patient__user=user).first()
    if chart is None:
        return page(request, "nothing", {"is_about_readers": True})
    entries, is_own = trail.visible_to(user, chart.pk), request.GET.get("own") == "yes"
    entries = entries.filter(actor=user.pk) if is_own else entries.exclude(actor=user.pk)
    shown = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    roles = dict(Role.choices)
    rows = [(seen, roles.get(seen.role, "")) for seen in trail.told(shown, to=user)]
    return page(request, "seen", {"rows": rows, "page_obj": shown, "is_own": is_own})
