"""What the clinic holds about whoever asks: a page to read and print, and a file to take away."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
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


@require_safe
@login_required
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The same as a file for programs."""
    assert isinstance(request.user, User)
    held = holdings.hand_over(request.user, by=request.user)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return JsonResponse(held, headers=headers, json_dumps_params={"indent": 2, "ensure_ascii": False})
