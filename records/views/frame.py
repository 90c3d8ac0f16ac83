"""What all pages about records share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Role, User
from clinic import displacement
from clinic.models import Site
from clinic.workspace.places import clock_of
from records import access
from records.models import Chart

PER_PAGE = 10
ON_PAPER = 500
"""Visits in a print view: nobody sees on paper that there is more."""
PRINTED = "printed"
EARLIER = "earlier"
"""In the query: what was said before is shown too, and that it was read is written down."""


def viewer(request: HttpRequest) -> User:
    """Who is signed in, where somebody must be."""
    assert isinstance(request.user, User)
    return request.user


@contextmanager
def missing_unless_his() -> Iterator[None]:
    """404 for what is not there, and for what is not for the viewer: he cannot tell which."""
    try:
        yield
    except (ObjectDoesNotExist, PermissionDenied):
        raise Http404 from None


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of ``templates/records/``; ``zone`` is for times that belong to no visit."""
    shared: dict[str, Any] = {"zone": house_clock()}
    if viewer(request).role == Role.DOCTOR:
        shared["waiting"] = displacement.to_be_moved(request.user).count()
    return render(request, f"records/{template}.html", shared | context)


def house_clock() -> ZoneInfo:
    """The organisation's: that of its first site."""
    return clock_of(list(Site.objects.public()[:1]))


def open_until(user: User, chart: Chart, *, now: datetime) -> datetime | None:
    """Until when ``user`` reads ``chart`` because of an emergency alone; None if he has another reason."""
    if access.basis(user, chart, now=now) != access.Basis.EMERGENCY:
        return None
    latest = access.emergencies(user, now=now).filter(chart=chart).order_by("-expires_at")
    return latest.values_list("expires_at", flat=True).first()
