"""A patient who was registered at the desk gets an account: by a mailed link, his date of birth and a proved address.

The link names nobody. It is the patient's id and a keyed hash over it, the address that it went to, the date of birth
and when it was made; nothing is stored. It is worth nothing after INVITATION_DAYS, once the patient has an account, or
if his address or date of birth is another. Name, telephone number or date of birth alone never link anybody.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts import audit, outbox
from accounts.models import Patient, User
from accounts.registration import normal_address
from accounts.signals import person_changed

LINK, PROOF = "accounts.claims.link", "accounts.claims.proof"
"""What a token is for: to be mailed; to say, within a session, that the date of birth was told."""
PROOF_LASTS = timedelta(hours=1)
ID_BYTES, TIME_BYTES, DIGEST_BYTES = 16, 5, 24
"""Together 45 bytes, which Base64 writes without padding."""
OWN = ("phone", "insurance_provider", "insurance_number", "emergency_contact")
"""What the file at the desk takes from the account's own where it has nothing."""


def is_invitable(patient: Patient) -> bool:
    """Whether a link can be mailed: there is an address, and a date of birth to ask for, and no account yet."""
    return patient.user_id is None and bool(patient.email) and patient.date_of_birth is not None


@transaction.atomic
def invite(patient: Patient, *, by: User, now: datetime) -> Patient:
    """Mail the patient a link to an account of his own. For staff.

    Refusals: ``has_account``, ``no_address``, ``no_date_of_birth``; PermissionDenied for anybody else.
    """
    if not by.is_active or not by.is_staff:
        raise PermissionDenied
    fresh = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if fresh.user_id is not None:
        raise ValidationError(_("This patient has an account already."), code="has_account")
    if not fresh.email:
        raise ValidationError(_("There is no e-mail address to which an invitation could go."), code="no_address")
    if fresh.date_of_birth is None:
        raise ValidationError(
            _("Write down the date of birth first: the invitation asks for it."), code="no_date_of_birth"
        )
    outbox.enqueue(
        "desk_invitation",
        key=f"desk_invitation:{uuid4().hex}",
        to=fresh,
        now=now,
        not_after=now + lifetime(),
        about=fresh.pk,
    )
    audit.record("accounts.patient.invited", by=by, on=fresh, patient=fresh)
    return fresh


def address_of(patient: Patient) -> str:
    """Where the link goes, in the form in which accounts keep addresses."""
    return normal_address(patient.email)


def lifetime() -> timedelta:
    """How long a link is good."""
    return timedelta(days=settings.INVITATION_DAYS)


def link_token(patient: Patient, *, made_at: datetime) -> str:
    """What stands in the address: letters, digits, ``-`` and ``_``."""
    return _token(LINK, patient, made_at, settings.SECRET_KEY)


def prove(token: str, date_of_birth: date | None, *, now: datetime) -> str:
    """What a session keeps as a proof that whoever has the link knows the date of birth, for PROOF_LASTS.

    ValidationError (``not_right``), the same for a wrong day and for a link that is used, out of date, or none.
    """
    patient = _read(LINK, token, lifetime(), now)
    if patient is None or date_of_birth is None or patient.date_of_birth != date_of_birth:
        message = _("This is not right, or the link is not good any more. Please ask at the desk for a new one.")
        raise ValidationError({"date_of_birth": ValidationError(message, code="not_right")})
    return _token(PROOF, patient, now, settings.SECRET_KEY)


def proved(proof: str, token: str, *, now: datetime) -> Patient | None:
    """Whose proof it is, if it is one for this link, and both are good still."""
    patient, linked = _read(PROOF, proof, PROOF_LASTS, now), _read(LINK, token, lifetime(), now)
    return patient if patient is not None and patient == linked else None


@transaction.atomic
def link(proof: str, token: str, *, by: User, now: datetime) -> Patient:
    """From now on the patient is ``by``, who has proved that the address to which the link went is his.

    An empty file that came with the account gives way. Refusals: ``not_right``; ``other_address`` (he has another, or
    has not proved it); ``ask_at_the_desk`` (he has a file with visits of his own, or the two were not born on the same
    day): what is two files is made one by people who look.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    seen = proved(proof, token, now=now)
    files = Patient.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    rows = list(files.filter(pk=seen.pk) | files.filter(user=user)) if seen else []
    # Whether it is good still, now that nobody else changes it.
    patient = next((row for row in rows if seen is not None and row.pk == seen.pk), None)
    if patient is None or not user.is_active or proved(proof, token, now=now) is None:
        raise ValidationError(_("The link is not good any more. Please ask at the desk for a new one."), "not_right")
    if not _has_proved(user, patient.email):
        message = _("The invitation went to another address than that of your account. Sign in with that one.")
        raise ValidationError(message, code="other_address")
    for own in (row for row in rows if row.user_id == user.pk):
        _give_way(own, patient, by=user)
    patient.user = user
    patient.save()
    audit.record("accounts.patient.linked", by=user, on=patient, patient=patient)
    person_changed.send(User, person=user, change="linked", by=user, now=now)
    return patient


def _give_way(own: Patient, patient: Patient, *, by: User) -> None:
    """Delete the file that came with the account, unless something refers to it, or it is somebody else's."""
    if own.date_of_birth is not None and own.date_of_birth != patient.date_of_birth:
        raise _ask_at_the_desk()
    for name in OWN:
        if not getattr(patient, name):
            setattr(patient, name, getattr(own, name))
    try:
        with transaction.atomic():
            audit.record("accounts.patient.gave_way", by=by, on=own, patient=own, reason="The desk has another file.")
            own.delete()
    except ProtectedError:
        raise _ask_at_the_desk() from None


def _ask_at_the_desk() -> ValidationError:
    message = _("Your account has a file of its own already. Please call us or ask at the desk: we put them together.")
    return ValidationError(message, code="ask_at_the_desk")


def _has_proved(user: User, address: str) -> bool:
    email = normal_address(address)
    proved_rows = EmailAddress.objects.filter(user=user, email=email, verified=True)
    return user.email == email and bool(proved_rows.exists())


def _token(purpose: str, patient: Patient, made_at: datetime, key: str | bytes) -> str:
    made = int(made_at.timestamp()).to_bytes(TIME_BYTES, "big")
    return urlsafe_b64encode(patient.pk.bytes + made + _digest(purpose, patient, made, key)).decode()


def _digest(purpose: str, patient: Patient, made: bytes, key: str | bytes) -> bytes:
    told = "\n".join((patient.pk.hex, made.hex(), normal_address(patient.email), str(patient.date_of_birth)))
    return salted_hmac(purpose, told, secret=key, algorithm="sha256").digest()[:DIGEST_BYTES]


def _read(purpose: str, token: str, lasts: timedelta, now: datetime) -> Patient | None:
    try:
        content = urlsafe_b64decode(token.encode())
        pk = UUID(bytes=content[:ID_BYTES])
    except ValueError:
        return None
    if len(content) != ID_BYTES + TIME_BYTES + DIGEST_BYTES or urlsafe_b64encode(content).decode() != token:
        return None
    made = content[ID_BYTES:-DIGEST_BYTES]
    age = now.timestamp() - int.from_bytes(made, "big")
    patient = Patient.objects.filter(pk=pk).first()
    if patient is None or not is_invitable(patient) or not -1 <= age <= lasts.total_seconds():
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    good = any(constant_time_compare(content[-DIGEST_BYTES:], _digest(purpose, patient, made, key)) for key in keys)
    return patient if good else None


def sample() -> str:
    """A token about nobody, to show what the mail looks like."""
    nobody = Patient(pk=UUID(int=0), email="somebody@example.org", date_of_birth=date(1980, 1, 1))
    return link_token(nobody, made_at=datetime(2027, 1, 1, tzinfo=UTC))
