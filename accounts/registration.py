"""How strangers make themselves known: they sign up, on the page or through the API, and prove their address later.

Whether an address is known is nobody's business but its owner's: a stranger learns nothing from how ``sign_up`` ends,
nor from the time it takes.
"""

import unicodedata
from datetime import datetime
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts import audit, contested, people
from accounts.models import Patient, Role, User
from accounts.models.user import STAFF_ROLES
from accounts.signals import person_changed


def one_line(text: str) -> None:
    """For names and the like, which end up in mails and in files of lines. ValidationError (``control_character``)."""
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise ValidationError(_("Enter plain text without line breaks."), code="control_character")


def normal_address(text: str) -> str:
    """The one form in which an address is kept and looked up: lower case, and no two ways to write a letter (NFKC)."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def check_password(password: str, *, email: str, first_name: str, last_name: str) -> None:
    """ValidationError at ``password`` unless it is good, and not made of what everybody knows about the person."""
    try:
        validate_password(password, User(email=email, first_name=first_name, last_name=last_name))
    except ValidationError as error:
        raise ValidationError({"password": error.error_list}) from error


def sign_up(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    now: datetime,
    phone: Any = "",
    role: Role = Role.PATIENT,
    in_session: bool = False,
    **details: Any,
) -> User | None:
    """A new patient with an address still to be proved; ``details`` are fields of Patient. None if we know the address.

    Whoever comes again with the same password, his address still not proved, is the same person, and nothing changes;
    with another password he is not, and what was never proved gives way to the newcomer. Then neither password counts,
    for a code that is mailed does not tell whose it proves, unless it is asked for ``in_session``, of the very browser
    that named the second one; without a password the owner of the address sets one by mail. One who comes as a doctor
    is a patient as well until he is approved.

    PermissionDenied for staff, whom the organisation appoints; ValidationError for a bad password or date of birth.
    Either way nothing is made.
    """
    if role in STAFF_ROLES:
        raise PermissionDenied(_("Nobody can sign up for this role. Please ask an administrator."))
    email = normal_address(email)
    check_password(password, email=email, first_name=first_name, last_name=last_name)
    people.check_date_of_birth(details.get("date_of_birth"), today=now.date())
    # Hashed and compared for any address, known or not: the time that this takes would tell.
    hashed = hashers.make_password(password)
    stored = User.objects.filter(email=email).values_list("password", flat=True).first() or hashed
    same_password = hashers.check_password(password, stored)
    try:
        with transaction.atomic():
            holder = User.objects.select_for_update().filter(email=email).first()
            if holder and holder.password != stored:
                # He came, or came again, since we looked: the form was sent twice, say.
                same_password = holder.check_password(password)
            if holder and same_password and is_unproved(holder):
                return holder
            if not give_up(email, holder, now=now):
                _rehearse(User(password=hashed, first_name=first_name, last_name=last_name, phone=phone), **details)
                return None
            if holder is not None and in_session:
                contested.note(email)
            elif holder is not None:
                hashed = hashers.make_password(None)
            user = User(email=email, password=hashed, first_name=first_name, last_name=last_name, phone=phone)
            enrol(user, **details)
            audit.record("accounts.user.signed_up", by=user, on=user, changes={"asked_for": [None, role.value]})
            if role == Role.DOCTOR:
                person_changed.send(User, person=user, change="wants_to_be_doctor", by=user, now=now)
            return user
    except IntegrityError:
        # Somebody was quicker with the same address.
        return None


def _rehearse(user: User, **details: Any) -> None:
    """Do for an address that is known what is done for a new one, and undo it: the work must not tell them apart."""
    user.email = f"{uuid4()}@invalid"
    with transaction.atomic():
        enrol(user, **details)
        audit.record("accounts.user.signed_up", by=user, on=user)
        transaction.set_rollback(True)


def enrol(user: User, *, is_proved: bool = False, **details: Any) -> None:
    """Save a new user as a patient; ``is_proved`` if the address is known to be his. To be called in a transaction."""
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_proved)
    people.give_role(user, Role.PATIENT)
    people.become_patient(user, **details)


def is_unproved(holder: User) -> bool:
    """Whether he signed up himself, and has never shown that the address is his."""
    signed_up_and_left = holder.role == Role.PATIENT and holder.last_login is None and holder.has_usable_password()
    return signed_up_and_left and not EmailAddress.objects.filter(user=holder, verified=True).exists()


def came_without_password(holder: User) -> bool:
    """Whether he signed up himself, but has no password, and has never shown that the address is his."""
    is_nobodys = holder.role == Role.PATIENT and holder.last_login is None and not holder.has_usable_password()
    # Whom the organisation appoints has no row at all before he has proved his address.
    return is_nobodys and list(EmailAddress.objects.filter(user=holder).values_list("verified", flat=True)) == [False]


def give_up(email: str, holder: User | None, *, now: datetime, even_without_password: bool = False) -> bool:
    """Whether nobody has the address, after an account was thrown away whose maker never proved that it is his.

    ``holder`` is the user with this address, if any, his row locked; to be called within a transaction. One
    ``even_without_password`` goes too, if his maker's way in was not the organisation's.

    Otherwise a stranger could sign up with your address and a password that he knows, wait until you sign up and prove
    it, and come in.
    """
    if EmailAddress.objects.filter(email=email, verified=True).exists():
        return False
    if holder is None:
        return True
    if not (is_unproved(holder) or (even_without_password and came_without_password(holder))):
        return False
    try:
        with transaction.atomic():
            person_changed.send(User, person=holder, change="starts_over", by=holder, now=now)
            audit.record("accounts.user.gave_way", by=None, on=holder, reason="The address was never proved.")
            Patient.objects.filter(user=holder).delete()
            holder.delete()
    except ProtectedError:
        # The clinic knows him by now: an appointment was made for him, say.
        return False
    return True
