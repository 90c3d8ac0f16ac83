"""The address for one's own calendar: its page, and what a calendar finds there."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts import throttles
from accounts.models import User
from clinic import calendar_feed
from clinic.forms import FeedForm
from clinic.views.refusals import reason

FOUND, MISSED = "calendar_feed", "calendar_missed"
"""What is counted: how often one address is asked for, and how often somebody asks for one that is not there."""


@require_safe
@login_required
@never_cache
def my_calendar(request: HttpRequest) -> HttpResponse:
    """Whether there is an address, and the buttons to make, renew and close one."""
    return _page(request)


@require_POST
@login_required
@never_cache
def set_feed(request: HttpRequest) -> HttpResponse:
    """Make an address, or with ``renew`` another. It is on the page that answers this, and on no other."""
    assert isinstance(request.user, User)
    form = FeedForm(request.POST)
    try:
        token = form.save(by=request.user, renew="renew" in request.POST)
    except ValidationError as error:
        messages.warning(request, reason(error)[1])
        return redirect("my-calendar")
    return _page(request, settings.SITE_URL + reverse("calendar-feed", args=[token]))


@require_POST
@login_required
@never_cache
def close_feed(request: HttpRequest) -> HttpResponse:
    """Close the address."""
    assert isinstance(request.user, User)
    if calendar_feed.close(by=request.user):
        messages.success(request, _("The calendar address is closed. What your calendar has read by now, it may keep."))
    return redirect("my-calendar")


@require_safe
@sensitive_variables("token")
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The appointments, for whoever knows the address: no session is looked at. 404 for any other, whatever it was."""
    found = calendar_feed.find(token)
    counted = (FOUND, str(found.pk)) if found else (MISSED, "")
    if throttles.spend(*counted, request) is None:
        throttles.refused(request, *counted)
        return HttpResponse(_("Too many requests."), status=429, content_type="text/plain; charset=utf-8")
    if found is None:
        raise Http404
    headers = {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "Content-Disposition": 'inline; filename="calendar.ics"',
    }
    content = calendar_feed.content(found, now=timezone.now())
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _page(request: HttpRequest, address: str = "") -> HttpResponse:
    assert isinstance(request.user, User)
    context = {
        "feed": calendar_feed.of(request.user),
        "address": address,
        "form": FeedForm() if calendar_feed.may_name_patients(request.user) else None,
    }
    return render(request, "clinic/my_calendar.html", context)
