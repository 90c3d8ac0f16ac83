"""Second factors that come and go: written down, and what has to end with it ended."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, sign_ins, staffing
from accounts.models import User
from accounts.second_factor.standing import FACTORS, is_last


@transaction.atomic
def note_added(authenticator: Authenticator, *, by: User, now: datetime, session_key: str | None) -> None:
    """Write down that ``by`` has set up a factor, or has got his recovery codes with it.

    With the first factor every other sign-in of his ends, in browsers but the one with ``session_key`` and through the
    API: they were made with the password alone, and one of them may be the reason why he wants a factor.
    """
    audit.record("accounts.user.second_factor_added", by=by, on=by, changes={"type": [None, authenticator.type]})
    if is_last(authenticator):
        sign_ins.end_all(by, now=now, but=session_key)


@transaction.atomic
def note_removed(authenticator: Authenticator, *, by: User) -> None:
    """Write down that ``by`` has taken away a factor of his, or the recovery codes that went with the last one."""
    audit.record("accounts.user.second_factor_removed", by=by, on=by, changes={"type": [authenticator.type, None]})


@transaction.atomic
def note_new_codes(*, by: User) -> None:
    """Write down that ``by`` has new recovery codes, and the old ones are void."""
    audit.record("accounts.user.recovery_codes_generated", by=by, on=by)


def note_wrong_code(person: User | None) -> None:
    """Write down that somebody who has the password of ``person`` had no good code or passkey of his second factor;
    None for who came with a passkey alone, which is nobody's.
    """
    audit.record("accounts.session.second_factor_failed", by=None, on=person, outcome=audit.Outcome.DENIED)


@transaction.atomic
def reset(person: User, *, by: User, now: datetime) -> None:
    """Take away every factor and recovery code of somebody who has lost his; all his sign-ins end, and he is told.

    He signs in with the password alone then, and sets up another factor if his role demands one: who asks for this has
    to make sure that it is he who asks. PermissionDenied unless ``by`` may manage his account; ValidationError
    ``own_account`` for one's own, which is done on one's own pages, and ``no_second_factor`` if there is none.
    """
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not staffing.may_manage(by, fresh):
        raise PermissionDenied
    if fresh.pk == by.pk:
        raise ValidationError(_("Your own second factor you change on your own pages."), code="own_account")
    kept = Authenticator.objects.filter(user=fresh)
    kinds = sorted(kept.values_list("type", flat=True))
    if not set(kinds) & set(FACTORS):
        raise ValidationError(_("This account has no second factor."), code="no_second_factor")
    kept.delete()
    sign_ins.end_all(fresh, now=now)
    audit.record("accounts.user.second_factor_reset", by=by, on=fresh, changes={"types": [kinds, []]})
    _tell(fresh)


def _tell(person: User, **context: Any) -> None:
    get_adapter().send_mail("mfa/email/second_factor_reset", person.email, context)
