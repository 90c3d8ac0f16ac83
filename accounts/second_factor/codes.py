"""Codes: six digits of an authenticator app (RFC 6238), or eight that were written down. Each counts once.

How often one may guess, the callers see to: ``MFAAdapter.may_guess``.
"""

from datetime import datetime

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction

from accounts.encryption import seal, unseal
from accounts.models import User

LAST = "last_counter"
"""Where an authenticator app's row keeps the step of the last code that counted."""
SEALED = ("secret", "seed")
"""What is encrypted of an app, and of recovery codes."""


@transaction.atomic
def spend(user: User, code: str, *, now: datetime) -> Authenticator | None:
    """What of ``user`` this is a good code of; it is good no more. None for any other code.

    An app's code counts in its own half minute, the one before and the one after, and none counts that is not newer
    than the last that did (RFC 6238, section 5.2). That is kept in the row, and the row is locked: a cache can be
    emptied, and of two at the same time one must lose.
    """
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    for found in Authenticator.objects.select_for_update().filter(user=user, type__in=kinds).order_by("pk"):
        is_app = found.type == Authenticator.Type.TOTP
        if _spend_of_app(found, code, now) if is_app else found.wrap().validate_code(code):
            return found
    return None


@transaction.atomic
def mark_spent(user: User, counter: int) -> None:
    """See to it that the code by which an app was set up, that of the step ``counter``, does not count again."""
    app = Authenticator.objects.select_for_update().get(user=user, type=Authenticator.Type.TOTP)
    _mark(app, counter)


def counter_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The step whose code for ``secret`` (base32) ``code`` is; None if it is that of none that counts ``now``."""
    this = int(now.timestamp()) // app_settings.TOTP_PERIOD
    for counter in range(this - app_settings.TOTP_TOLERANCE, this + app_settings.TOTP_TOLERANCE + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


def reseal(*, batch: int) -> int:
    """Encrypt the secrets anew, so many at a time; how many rows there were."""
    count, known = 0, Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
    some = known
    while True:
        with transaction.atomic(durable=True):
            rows = list(some.select_for_update()[:batch])
            for row in rows:
                row.data |= {name: seal(unseal(row.data[name])) for name in SEALED if name in row.data}
            Authenticator.objects.bulk_update(rows, ["data"])
        if not rows:
            return count
        count, some = count + len(rows), known.filter(pk__gt=rows[-1].pk)


def _spend_of_app(app: Authenticator, code: str, now: datetime) -> bool:
    counter = counter_of(unseal(app.data["secret"]), code, now=now)
    if counter is None or counter <= app.data.get(LAST, -1):
        return False
    _mark(app, counter)
    return True


def _mark(app: Authenticator, counter: int) -> None:
    app.data[LAST] = counter
    app.save(update_fields=["data"])
