"""What people are told, shown to staff: each message as it would look, about nobody."""

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import outbox
from accounts.models import User
from accounts.models.user import STAFF_ROLES


@require_safe
@login_required
@never_cache
def samples(request: HttpRequest) -> HttpResponse:
    """All kinds: subject, plain text and attachments of each. For reception and administrators."""
    _for_staff(request)
    kinds = [(name, outbox.label(name), letter) for name, letter in outbox.samples().items()]
    return render(request, "clinic/message_samples.html", {"kinds": kinds})


@require_safe
@login_required
@never_cache
@csp_update({"sandbox": True})  # type: ignore[arg-type]  # it knows views without arguments only
def sample(request: HttpRequest, kind: str) -> HttpResponse:
    """One of them as a mail program shows it: by itself, and nothing in it can do anything."""
    _for_staff(request)
    letter = outbox.samples().get(kind)
    if letter is None or not letter.html:
        raise Http404
    return HttpResponse(letter.html)


def _for_staff(request: HttpRequest) -> None:
    assert isinstance(request.user, User)
    if request.user.role not in STAFF_ROLES:
        raise PermissionDenied
