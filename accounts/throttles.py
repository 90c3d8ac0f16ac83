"""How often whom: who counts as one caller, and the API's limits by that."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, BaseThrottle, ScopedRateThrottle, UserRateThrottle

from accounts import addresses


def address_of(request: HttpRequest | Request) -> str:
    """Where a request comes from, as TRUSTED_PROXIES says; empty if that cannot be told."""
    peer, forwarded = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    return addresses.client(peer, forwarded, proxies=settings.TRUSTED_PROXIES)


class _ByNetwork(BaseThrottle):
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
