"""Whoever does something grave shows once more that it is he, and for each deed anew.

allauth asks for the password or for a second factor. Who has neither, because a provider lets him in, must have come
from there a short while ago.
"""

import time
from urllib.parse import urlencode

from allauth.account import app_settings as account_settings
from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from accounts.social.adapter import COME_AGAIN

SPENT = "shown-for"
"""Where a session keeps for which deeds it has served already."""


def has_shown(request: HttpRequest, deed: str) -> bool:
    """Whether he has shown it a short while ago, and not for an earlier ``deed`` of this kind."""
    at = _shown_at(request)
    return at is not None and at > request.session.get(SPENT, {}).get(deed, 0)


def spend(request: HttpRequest, deed: str) -> bool:
    """For the next ``deed`` he has to show it again. False if another request does one with the same showing already:
    of several at once each has read the session before any has written it."""
    at = _shown_at(request) or time.time()
    request.session[SPENT] = request.session.get(SPENT, {}) | {deed: at}
    claim = f"{SPENT}:{deed}:{request.session.session_key}:{at}"
    return bool(cache.add(claim, "yes", account_settings.REAUTHENTICATION_TIMEOUT))


def ask(request: HttpRequest, *, otherwise: str) -> HttpResponse:
    """To the page that asks, and from there back to this one; what was typed here is not kept. ``otherwise`` is the
    route for who cannot be asked, and has to sign in anew."""
    if reauthentication.get_reauthentication_flows(request.user):
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
    messages.error(request, COME_AGAIN)
    return redirect(otherwise)


def _shown_at(request: HttpRequest) -> float | None:
    records = get_authentication_records(request, request.user)
    if reauthentication.get_reauthentication_flows(request.user):
        records = [record for record in records if record.get("reauthenticated")]
    if not records or time.time() - records[-1]["at"] >= account_settings.REAUTHENTICATION_TIMEOUT:
        return None
    return float(records[-1]["at"])
