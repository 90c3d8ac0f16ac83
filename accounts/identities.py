"""Who people are at a provider (Google, say), and which account here that opens.

An identity is a provider and the subject by which it knows somebody: nothing else opens an account. An address that a
provider names may be that of an account here; then its owner adds the identity himself, signed in. Names, telephone
numbers and roles that a provider tells of give nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts import audit, registration
from accounts.models import User

LAST_WAY_IN = _lazy("This is your only way to sign in. Set a password first, or connect another account.")


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a provider; ``label`` is by what he recognises himself there, an address, say."""

    provider: str
    subject: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A newcomer; ``has_replaced`` somebody who signed up with the address before him, and never proved it."""

    user: User
    has_replaced: bool


def register(
    identity: Identity, *, email: str, is_proved: bool, first_name: str, last_name: str, now: datetime
) -> Arrival | None:
    """A new patient without a password. None if somebody else here has the address: nothing is changed then.

    ``is_proved`` if the provider vouches for the address. If not, nobody comes in before a code that is mailed there
    has come back, and only then the identity is linked to the account: else whoever names your address would keep a
    way into the account that you take over by setting a password. An account whose maker never proved the address
    gives way, with its password and all that belongs to it.
    """
    email = registration.normal_address(email)
    try:
        with transaction.atomic():
            holder = User.objects.select_for_update().filter(email=email).first()
            if not registration.give_up(email, holder, now=now, even_without_password=True):
                return None
            user = User(email=email, first_name=first_name, last_name=last_name)
            user.set_unusable_password()
            registration.enrol(user, is_proved=is_proved)
            audit.record("accounts.user.signed_up", by=user, on=user, changes={"provider": [None, identity.provider]})
            if is_proved:
                link(identity, to=user)
            return Arrival(user, has_replaced=holder is not None)
    except (IntegrityError, ValidationError):
        # He came twice at once, or somebody else was quicker with the same address.
        return _already_here(identity)


def _already_here(identity: Identity) -> Arrival | None:
    found = SocialAccount.objects.filter(provider=identity.provider, uid=identity.subject).first()
    return Arrival(found.user, has_replaced=False) if found else None


@transaction.atomic
def link(identity: Identity, *, to: User) -> None:
    """From now on ``identity`` opens the account of ``to``, who asks for it.

    ValidationError (``identity_taken``) if it opens somebody else's.
    """
    account, is_new = SocialAccount.objects.get_or_create(
        provider=identity.provider,
        uid=identity.subject,
        defaults={"user": to, "extra_data": {"username": identity.label}},
    )
    if account.user_id != to.pk:
        raise ValidationError(_("Another account here is connected to it already."), code="identity_taken")
    if is_new:
        _note("linked", identity.provider, to, before=None)


def unlink(account: SocialAccount, *, by: User) -> None:
    """The identity opens the account of ``by`` no more. Somebody else's stays, as does one that is gone already.

    ValidationError (``last_way_in``) if he could not sign in any more.
    """
    with transaction.atomic():
        # Two at once would each leave the other one.
        owner = User.objects.select_for_update(no_key=True).get(pk=by.pk)
        found = SocialAccount.objects.filter(pk=account.pk, user=owner).first()
        if found is None:
            return
        check_may_go(found)
        found.delete()
        _note("unlinked", found.provider, owner, before=found.provider)


def check_may_go(account: SocialAccount) -> None:
    """ValidationError (``last_way_in``) if this identity is the only way into the account."""
    others = SocialAccount.objects.filter(user=account.user_id).exclude(pk=account.pk)
    if not account.user.has_usable_password() and not others.exists():
        raise ValidationError(LAST_WAY_IN, code="last_way_in")


def _note(what: str, provider: str, user: User, *, before: str | None) -> None:
    after = provider if before is None else None
    audit.record(f"accounts.identity.{what}", by=user, on=user, changes={"provider": [before, after]})
