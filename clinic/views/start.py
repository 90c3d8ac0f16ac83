"""Where people begin once they are signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.models import Role, User


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponseRedirect:
    """A doctor at his day, staff in the admin, everybody else at the search."""
    assert isinstance(request.user, User)
    if request.user.is_staff:
        return redirect("admin:index")
    return redirect("day" if request.user.role == Role.DOCTOR else "find")
