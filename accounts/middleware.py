"""The audit trail's eyes at the door: where a request came in, and what it was refused."""

import logging
import re
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts import audit
from accounts.audit.trail import write
from accounts.models import Outcome, User
from accounts.throttles import DenialThrottle, PersonsDenialThrottle, address_of

Answer = Callable[[HttpRequest], HttpResponse]
REFUSED = (401, 403, 404)
WRITTEN_ELSEWHERE = {"login", "idp:oidc:token", "idp:oidc:revoke", "idp:oidc:userinfo"}
"""Routes whose 401s are failed sign-ins, which ``accounts.entrance`` and the integrators' endpoints write down."""
SECRETS = {"token", "key"}
"""What stands in an address and opens something: no entry keeps it."""
ID_LIKE = re.compile(r"[0-9A-Fa-f-]{1,64}")
"""A UUID or a number: no sentence of whoever asks gets into the trail."""

logger = logging.getLogger(__name__)


def audited(get_response: Answer) -> Answer:
    """Tell the audit trail by which door somebody acts, and write down what he was refused.

    After the answer, and so after whatever the refusal undid. Only so much as the throttles allow: nobody shall fill
    the database by knocking.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        door = next((name for name in ("api", "admin") if request.path.startswith(f"/{name}/")), "portal")
        known_as = getattr(request, "request_id", "")
        with audit.acting(door, ip=address_of(request), request_id=known_as):
            response = get_response(request)
            if response.status_code in REFUSED and request.resolver_match is not None:
                _write_down(request, response.status_code)
        return response

    return middleware


def _write_down(request: HttpRequest, status: int) -> None:
    match = request.resolver_match
    assert match is not None
    if not match.url_name or (status == 401 and match.view_name in WRITTEN_ELSEWHERE):
        return
    try:
        user = getattr(request, "user", None)
        actor = user if isinstance(user, User) else None
        if not (DenialThrottle().allows(request) if actor is None else PersonsDenialThrottle().allows(actor)):
            return
        named = str(next((value for name, value in match.kwargs.items() if name not in SECRETS), ""))
        write(
            "request.denied",
            by=actor,
            object_type=match.view_name,
            object_id=named if ID_LIKE.fullmatch(named) else "",
            outcome=Outcome.DENIED,
            changes={"method": request.method, "status": status},
        )
    except DatabaseError as error:
        # It was refused all the same.
        logger.error("A refusal could not be written down: %s", type(error).__name__)  # noqa: TRY400  it holds values
