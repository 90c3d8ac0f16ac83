"""Who came in, who went, and who was not let in: Django tells, and it is written down.

(Signing in through the API is written down by its verb, in ``accounts.tokens``; failures there come here too.)
"""

from typing import Any

from django.contrib.auth import signals
from django.http import HttpRequest
from django.utils import timezone

from accounts import arrivals, audit, devices, people
from accounts.models import Outcome, User
from accounts.registration import normal_address
from accounts.throttles import address_of


def came_in(sender: object, *, user: User, request: HttpRequest | None = None, **_news: Any) -> None:
    """A session begins; its owner is told if it does so where none of his did lately."""
    if request is not None:
        browser = devices.in_words(request.META.get("HTTP_USER_AGENT", ""))
        arrivals.notice(user, address=address_of(request), browser=browser, now=timezone.now())
    audit.record("accounts.session.signed_in", by=user, on=user)


def went(sender: object, *, user: User | None, **_news: Any) -> None:
    """A session ends by its owner's wish."""
    if user is not None:
        audit.record("accounts.session.signed_out", by=user, on=user)


def was_refused(sender: object, *, credentials: dict[str, Any], **_news: Any) -> None:
    """A password was wrong, or there is nobody of that name. What was typed is not kept: it may be a password."""
    address = normal_address(str(credentials.get("email") or credentials.get("username") or ""))
    audit.record("accounts.session.sign_in_failed", by=None, on=people.with_address(address), outcome=Outcome.DENIED)


def watch() -> None:
    """Listen from now on."""
    signals.user_logged_in.connect(came_in, dispatch_uid="accounts.entrance.came_in")
    signals.user_logged_out.connect(went, dispatch_uid="accounts.entrance.went")
    signals.user_login_failed.connect(was_refused, dispatch_uid="accounts.entrance.was_refused")
