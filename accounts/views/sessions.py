"""Where one is signed in, and how to end that; the way out."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import LogoutView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
from accounts.models import User

CLEAR = '"cache", "cookies", "storage"'
"""What a browser forgets of this site at the end (https://www.w3.org/TR/clear-site-data/)."""


@require_safe
@login_required
@never_cache
def my_sessions(request: HttpRequest) -> HttpResponse:
    """The browsers in which one is signed in."""
    assert isinstance(request.user, User)
    mine = sessions.of(request.user, this=request.session.session_key)
    return render(request, "usersessions/usersession_list.html", {"sessions": mine})


@require_POST
@login_required
@never_cache
def still_here(_request: HttpRequest) -> HttpResponse:
    """204 and nothing else, if a form with this token could be sent: a page asks while somebody types in it, so that
    his session does not end meanwhile."""
    return HttpResponse(status=204)


@require_POST
@login_required
@never_cache
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions; 404 for another's as for none."""
    assert isinstance(request.user, User)
    mine = sessions.of(request.user, this=request.session.session_key)
    try:
        sessions.end(pk, by=request.user)
    except UserSession.DoesNotExist as error:
        raise Http404 from error
    if any(session.is_this and session.pk == pk for session in mine):
        return _goodbye(request)
    messages.success(request, _("Signed out there."))
    return redirect("my-sessions")


@require_POST
@login_required
@never_cache
def end_all(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    assert isinstance(request.user, User)
    sessions.sign_out_everywhere(request.user, by=request.user, now=timezone.now())
    return _goodbye(request)


@require_safe
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """What one sees after signing out. It needs no session: the browser has just forgotten everything."""
    if request.user.is_authenticated:
        return redirect("my-profile")
    return render(request, "account/signed_out.html")


class SignOut(LogoutView):
    """allauth's way out, after which the browser forgets what it kept of this site."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        response: HttpResponse = super().post(*args, **kwargs)
        response.headers["Clear-Site-Data"] = CLEAR
        return response


def _goodbye(request: HttpRequest) -> HttpResponse:
    """Leave this browser."""
    logout(request)
    response = redirect(get_adapter(request).get_logout_redirect_url(request))
    response.headers["Clear-Site-Data"] = CLEAR
    return response
