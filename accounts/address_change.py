"""Another e-mail address for an account: one signs in with it and is written to at it, once it is proved.

Whether an address is known is nobody's business but its owner's, here as when signing up.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit, registration
from accounts.models import Patient, User


def is_open(email: str, *, to: User) -> bool:
    """Whether ``to`` may have the address if he proves that it is his: nobody has it who proved it before.

    Nothing changes; somebody may be quicker.
    """
    email = registration.normal_address(email)
    if EmailAddress.objects.filter(email=email, verified=True).exclude(user=to).exists():
        return False
    holder = User.objects.filter(email=email).exclude(pk=to.pk).first()
    return holder is None or registration.is_unproved(holder)


def change(user: User, email: str, *, by: User, now: datetime) -> User:
    """Give ``user`` another address, which he has proved: in the account and in the patient's file at once.

    An account whose maker never proved the address gives way. Links mailed to the old address, to set a password say,
    are good for nothing any more. PermissionDenied unless ``by`` is ``user``, and active; ValidationError at ``email``
    (``email_taken``) if somebody else has it.
    """
    email = registration.normal_address(email)
    try:
        with transaction.atomic():
            return _change(user, email, by, now)
    except IntegrityError as error:
        # Somebody was quicker with the same address.
        raise _taken() from error


def _change(user: User, email: str, by: User, now: datetime) -> User:
    # Whoever has the address is locked together with ``user``, in one order for all; not so that nobody can refer to
    # them: who books has locked the patient, and then writes down for whom.
    rows = User.objects.select_for_update(no_key=True).filter(Q(pk=user.pk) | Q(email=email)).order_by("pk")
    locked = {row.pk: row for row in rows}
    fresh = locked.pop(user.pk)
    patient = Patient.objects.select_for_update(no_key=True).filter(user=fresh).first()
    if by.pk != fresh.pk or not fresh.is_active:
        raise PermissionDenied
    EmailAddress.objects.filter(user=fresh).delete()
    if not registration.give_up(email, next(iter(locked.values()), None), now=now):
        raise _taken()
    fresh.email = email
    fresh.save(update_fields=["email", "updated_at"])
    EmailAddress.objects.create(user=fresh, email=email, primary=True, verified=True)
    if patient is not None:
        patient.email = email
        patient.save(update_fields=["email", "updated_at"])
    audit.record("accounts.user.address_changed", by=by, on=fresh, changes={"fields": ["email"]})
    return fresh


def _taken() -> ValidationError:
    message = _("This address could not be confirmed. Your address stays as it was.")
    return ValidationError({"email": ValidationError(message, code="email_taken")})
