"""What the clinic holds about whoever asks: a page to read and print."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import holdings
from accounts.models import User


@require_safe
@login_required
@never_cache
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything, part by part."""
    assert isinstance(request.user, User)
    parts = holdings.told_to(request.user, by=request.user)
    return render(request, "accounts/my_data.html", {"parts": parts})
