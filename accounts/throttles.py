"""How often whom: who counts as one caller, the API's limits, and those of signing in and of mails.

Counting goes through the cache, which all processes share. What guards a password or a mailbox is counted by allauth,
under a lock, so that no number of requests at the same moment gets past it; DRF's own counting of all that a caller
asks for may miss some of many at once. Nothing here may be called within a transaction: with the cache in the database
a rollback would forget what was counted.
"""

import logging
import time
from datetime import timedelta
from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit as counting
from allauth.core.internal.ratelimit import RateLimitUsage
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import (
    AnonRateThrottle,
    BaseThrottle,
    ScopedRateThrottle,
    SimpleRateThrottle,
    UserRateThrottle,
)

from accounts import addresses
from accounts.models import User
from accounts.registration import normal_address

FAMILIAR_FOR = timedelta(days=30)
"""How long a network is known as one from which a person has signed in."""

ALLAUTH = "allauth.account"
"""Whose settings the rates are."""
SHORT_WAIT = 1
"""Seconds: somebody else is being counted in this moment."""
NOWHERE = "0.0.0.0"  # noqa: S104  listens to nothing; it stands for an address that cannot be told
NEWS = (
    "account/email/password_",
    "account/email/email_changed",
    "account/email/email_deleted",
    "mfa/",
    "socialaccount/email/account_",
)
"""How the templates of mails begin that tell somebody what was done with his account; no stranger can cause them."""
BLIND_SECONDS = 5
"""Redis that failed is not asked again for so long: every question may cost a second."""
ASKED_FOR = ("account/email/password_reset_key",)

logger = logging.getLogger(__name__)


def address_of(request: HttpRequest | Request) -> str:
    """Where a request comes from, as TRUSTED_PROXIES says; empty if that cannot be told."""
    peer, forwarded = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    return addresses.client(peer, forwarded, proxies=settings.TRUSTED_PROXIES)


class _Lenient(BaseThrottle):
    """Hinders nobody by its own failure.

    While Redis is away nobody is counted, and so nobody kept from booking; guesses at passwords and codes, which are
    counted by allauth, are not allowed at all.
    """

    blind_until = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether he may."""
        if time.monotonic() < _Lenient.blind_until:
            return True
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            _Lenient.blind_until = time.monotonic() + BLIND_SECONDS
            logger.error("Requests are not counted: %s", type(error).__name__)  # noqa: TRY400  one line says it
            return True


class _ByNetwork(_Lenient):
    """Counts who is not signed in by his network."""

    def get_ident(self, request: Request) -> str:
        """The caller's address, or the network that it stands for."""
        return addresses.network(address_of(request))


class AnonymousThrottle(_ByNetwork, AnonRateThrottle):
    """All requests of those who are not signed in."""


class UserThrottle(_ByNetwork, UserRateThrottle):
    """All requests of one person."""


class ScopedThrottle(_ByNetwork, ScopedRateThrottle):
    """The requests of one kind, by a view's ``throttle_scope``."""


def spend(
    action: str, key: str, request: HttpRequest | None = None, *, only_look: bool = False
) -> RateLimitUsage | None:
    """Count ``action`` by ACCOUNT_RATE_LIMITS; None if that was once too often. (allauth's own would not count a GET.)

    Rates by address need the request.
    """
    used: RateLimitUsage | None = counting.consume(
        request, app=ALLAUTH, action=action, key=key, limit_get=True, dry_run=only_look
    )
    return used


def seconds_to_wait(action: str) -> int:
    """After so many seconds ``action`` may be allowed again: the shortest of its spans. ``refused`` knows better."""
    return int(min((rate.duration for rate in counting.get_rates(app=ALLAUTH, action=action)), default=SHORT_WAIT))


def refused(request: HttpRequest, action: str, key: str) -> None:
    """Note how long to wait until :func:`spend` may succeed again; scheduler.middleware answers with 429 and that."""
    waits = [SHORT_WAIT]
    for rate in counting.get_rates(app=ALLAUTH, action=action):
        times = cache.get(counting.get_cache_key(request, app=ALLAUTH, action=action, rate=rate, key=key), [])
        if len(times) >= rate.amount:
            # The oldest stands last.
            waits.append(ceil(times[-1] + rate.duration - time.time()))
    request.retry_after = max(waits)  # type: ignore[attr-defined]


class LimitedAdapter(DefaultAccountAdapter):
    """What allauth asks about limits.

    Failures to sign in are counted for each network and, for each account, by the network that they come from: who
    guesses gets no further, and locks out nobody but himself and his neighbours. All other networks together are
    counted as well, so that it does not help to have many; exempt are those from which the person has signed in, or
    set a new password by mail, in the last thirty days. So nobody can be locked out for good by strangers. Whether
    there is such an account makes no difference.
    """

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere; never empty, since allauth stores it as an address."""
        return address_of(request) or NOWHERE

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count one more failure, which a success takes back. ValidationError if there were too many."""
        email = normal_address(credentials.get("email", ""))
        used = self._use(request, "login_failed", self._get_login_attempts_cache_key(request, email=email))
        self._login_failed_rl_usage = used
        if not cache.get(self._familiar(request, email)):
            used.usage += self._use(request, "login_failed_anywhere", email).usage

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Who has these credentials; from now on his network is known as his."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            self._remember(request, credentials.get("email", ""))
        return user

    def may_send(self, template_prefix: str, email: str) -> bool:
        """Whether this mail may go to ``email`` now, and count it: news about an account always may."""
        is_news = template_prefix.startswith(NEWS) and template_prefix not in ASKED_FOR
        if is_news or spend("mail", normal_address(email)) is not None:
            return True
        logger.warning("A mail was not sent, its reader has had too many: %s", template_prefix)
        return False

    def may_write_to(self, email: str) -> bool:
        """Whether one more mail about signing up may go to ``email`` now, and count it; the pages count with us."""
        key = normal_address(email)
        has_room = spend("mail", key, only_look=True) is not None
        return has_room and spend("confirm_email", key) is not None

    def _use(self, request: HttpRequest, action: str, key: str) -> RateLimitUsage:
        used = spend(action, key, request)
        if used is None:
            refused(request, action, key)
            raise self.validation_error("too_many_login_attempts")
        return used

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{normal_address(credentials.get('email', ''))} {addresses.network(address_of(request))}"

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A new password was set by mail: whoever did that owns the address."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        self._remember(request, credentials.get("email", ""))

    def _remember(self, request: HttpRequest, email: str) -> None:
        cache.set(self._familiar(request, normal_address(email)), True, FAMILIAR_FOR.total_seconds())

    @staticmethod
    def _familiar(request: HttpRequest, email: str) -> str:
        place = f"{email}\n{addresses.network(address_of(request))}"
        return f"familiar:{salted_hmac('accounts.throttles', place, algorithm='sha256').hexdigest()}"


class DenialThrottle(_ByNetwork, SimpleRateThrottle):
    """Refusals of one stranger that are written down; what is beyond is refused all the same."""

    scope = "denials"

    def allows(self, request: HttpRequest) -> bool:
        """Whether one more is written down, and count it."""
        return bool(self.allow_request(request, None))  # type: ignore[arg-type]  # META is all that is looked at

    def get_cache_key(self, request: Request, view: object) -> str:
        """One count for each network."""
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


class PersonsDenialThrottle(_Lenient, SimpleRateThrottle):
    """Refusals of one person that are written down, on pages and by the API together: as many as he may ask the API."""

    scope = "user"

    def allows(self, person: User) -> bool:
        """Whether one more is written down, and count it."""
        return bool(self.allow_request(person, None))  # type: ignore[arg-type]  # only the key looks at it

    def get_cache_key(self, request: Any, view: object) -> str:
        """One count for each person."""
        return str(self.cache_format % {"scope": "persons-denials", "ident": request.pk})
