"""What a request says beside its body: who asks, what he saw, and whether he asked before."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from django.utils import timezone
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.addresses import network
from accounts.integrations import Bearer
from accounts.models import User
from accounts.throttles import address_of
from clinic import idempotency
from clinic.booking import Visitor
from clinic.idempotency import Caller, Outcome

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description=(
        "A text of 1 to 200 visible ASCII characters, new for each thing that you want (a random UUID, say); at least "
        "32 of callers who are not signed in. The same key and body again within 24 hours answers what the first one "
        "made (`Idempotent-Replayed: true`); another body is a 422 `idempotency_mismatch`. A refused request leaves "
        "nothing behind."
    ),
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    location=OpenApiParameter.HEADER,
    response=[201],
    description="`true`, if an earlier request with the same Idempotency-Key had done it.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    description="The ETag that you saw: if it was changed since, the answer is a 409 `stale`.",
)


def etag(*statuses: int) -> OpenApiParameter:
    """The schema's entry for the header in answers of these statuses."""
    return OpenApiParameter(
        "ETag",
        location=OpenApiParameter.HEADER,
        response=list(statuses),
        description="The version, for If-Match.",
    )


def address(request: Request) -> str:
    """Where a request comes from: an address, or the network that it stands for."""
    return network(address_of(request))


def person(request: Request) -> User | None:
    """Who is signed in."""
    return request.user if isinstance(request.user, User) else None


def visitor(request: Request) -> Visitor | None:
    """Whose hold it is: the person's, else the address's. A service holds times for many, and is throttled instead."""
    if isinstance(request.auth, Bearer) and request.auth.is_service:
        return None
    user = person(request)
    return Visitor.person(user) if user else Visitor.address(address(request))


class Versioned(Protocol):
    """What has an entity tag."""

    @property
    def etag(self) -> str: ...


def version(request: Request, seen: Versioned) -> str | None:
    """The version that the caller saw, from If-Match (RFC 9110, 13.1.1); None if he does not say."""
    said = request.headers.get("If-Match")
    if said is None:
        return None
    # A proxy that compresses weakens the tag; what we compare is the row, and it is the same.
    tags = [tag.removeprefix("W/") for tag in parse_etags(said)]
    return seen.etag if seen.etag in tags else (tags or [said])[0]


def once(request: Request, operation: str, act: Callable[[], UUID]) -> Outcome:
    """Do what is asked; with an Idempotency-Key once only, however often it is asked."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return Outcome(act(), is_repeated=False)
    user = person(request)
    caller = Caller.person(user) if user else Caller.address(address(request))
    return idempotency.once(caller, operation, key, request.data, now=timezone.now(), act=act)
