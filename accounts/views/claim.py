"""Where an invitation from the desk leads: the date of birth, then an account whose address is proved, then the link.

A link that is good and one that is not get the same page, until the date of birth is told. What was told is not kept:
the session has a proof of it, good for this link and a short while.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import claims, throttles
from accounts.forms import BornForm, SignUpForm
from accounts.models import User
from accounts.views.entrance import ACTION, enter

PROOF = "claim"
"""Where a session keeps the proof."""
LIMIT = "claim"
TEMPLATE = "accounts/claim.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def claim(request: HttpRequest, token: str) -> HttpResponseBase:
    """The step that is next."""
    patient = claims.proved(str(request.session.get(PROOF, "")), token, now=timezone.now())
    if patient is None:
        return _ask(request, token)
    user = request.user
    if not isinstance(user, User):
        context = {"sign_up_form": SignUpForm(initial={"email": claims.address_of(patient)})}
        return enter(request, template_name=TEMPLATE, here=request.path, context=context)
    if request.method == "POST" and ACTION not in request.POST:
        return _link(request, token, user)
    return _page(request, {"person": user, "is_his": user.email == claims.address_of(patient)})


def _ask(request: HttpRequest, token: str) -> HttpResponseBase:
    is_answer = request.method == "POST" and ACTION not in request.POST
    form = BornForm(request.POST if is_answer else None)
    if is_answer and form.is_valid():
        if throttles.spend(LIMIT, token, request) is None:
            throttles.refused(request, LIMIT, token)
            return render(request, "429.html", status=429)
        try:
            request.session[PROOF] = form.save(token, now=timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            return redirect(request.path)
    return _page(request, {"born_form": form})


def _link(request: HttpRequest, token: str, user: User) -> HttpResponseBase:
    try:
        claims.link(str(request.session.get(PROOF, "")), token, by=user, now=timezone.now())
    except ValidationError as refusal:
        return _page(request, {"person": user, "refused": " ".join(refusal.messages)})
    request.session.pop(PROOF, None)
    messages.success(request, _("Your account is connected: here are your appointments."))
    return redirect("my-appointments")


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    return render(request, TEMPLATE, context)
