"""One's own details and picture."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import profile
from accounts.models import User
from accounts.views.forms import PictureForm, ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def my_profile(request: HttpRequest) -> HttpResponse:
    """What one says about oneself, to be changed."""
    assert isinstance(request.user, User)
    form = ProfileForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_bound and form.is_valid() and form.save(now=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("my-profile")
    return _page(request, form, PictureForm(user=request.user))


@require_POST
@login_required
@never_cache
def set_picture(request: HttpRequest) -> HttpResponse:
    """Show oneself by another picture."""
    assert isinstance(request.user, User)
    form = PictureForm(request.POST, request.FILES, user=request.user)
    if form.is_valid() and form.save():
        messages.success(request, _("Your picture is saved."))
        return redirect("my-profile")
    return _page(request, ProfileForm(user=request.user), form)


@require_POST
@login_required
@never_cache
def remove_picture(request: HttpRequest) -> HttpResponse:
    """Show oneself by no picture."""
    assert isinstance(request.user, User)
    profile.remove_picture(request.user, by=request.user)
    messages.success(request, _("Your picture is gone."))
    return redirect("my-profile")


def _page(request: HttpRequest, form: ProfileForm, picture_form: PictureForm) -> HttpResponse:
    return render(request, "accounts/profile.html", {"form": form, "picture_form": picture_form})
