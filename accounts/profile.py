"""What people say about themselves: each sets his own details and his own picture, and nobody else's.

Nothing else of an account can be set here: not its role, its address, nor whether it is active.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, people, pictures
from accounts.models import Patient, User

SHARED = ("first_name", "last_name", "phone")
"""Said once, kept in the account and in the patient's file."""
OF_THE_ACCOUNT = (*SHARED, "language")
OF_THE_PATIENT = (
    "date_of_birth",
    "insurance_provider",
    "insurance_number",
    "emergency_contact",
    "reminder_channel",
)


def details_of(user: User) -> dict[str, Any]:
    """One's own details as they are kept; those of a patient only of one who is."""
    details = {name: getattr(user, name) for name in OF_THE_ACCOUNT}
    patient = Patient.objects.filter(user=user).first()
    return details | {name: getattr(patient, name) for name in OF_THE_PATIENT if patient}


@transaction.atomic
def update(user: User, *, by: User, now: datetime, **details: Any) -> User:
    """Set some of one's own details, in the account and in the patient's file, if there is one.

    PermissionDenied unless ``by`` is ``user``, and active; TypeError for a name that is in none of the two lists above.
    ValidationError for a ``date_of_birth`` that cannot be (``bad_date_of_birth``), an unknown ``language``
    (``unknown_language``), or a patient's detail of one who is none (``not_a_patient``).
    """
    if unknown := set(details) - {*OF_THE_ACCOUNT, *OF_THE_PATIENT}:
        raise TypeError(f"update() sets no {', '.join(sorted(unknown))}")
    fresh = _own(user, by)
    people.check_date_of_birth(details.get("date_of_birth"), today=now.date())
    if details.get("language", settings.LANGUAGE_CODE) not in dict(settings.LANGUAGES):
        raise _refusal("language", "unknown_language", _("Choose one of the languages offered."))
    patient = Patient.objects.select_for_update(no_key=True).filter(user=fresh).first()
    if patient is None and (misplaced := [name for name in details if name in OF_THE_PATIENT]):
        raise _refusal(misplaced[0], "not_a_patient", _("Only patients have this detail."))
    changed = _set(fresh, {name: value for name, value in details.items() if name in OF_THE_ACCOUNT})
    if patient is not None:
        changed |= _set(patient, {name: value for name, value in details.items() if name in (*SHARED, *OF_THE_PATIENT)})
    if changed:
        _written_down("details_changed", by, patient, sorted(changed))
    return fresh


def set_picture(user: User, upload: "File[bytes]", *, by: User) -> User:
    """Show ``user`` by this picture from now on; the one before is deleted. Refusals as of :func:`pictures.redrawn`."""
    picture = pictures.redrawn(upload)
    storage = User._meta.get_field("picture").storage
    name = ""
    try:
        with transaction.atomic():
            fresh = _own(user, by)
            old = fresh.picture.name
            fresh.picture.save(str(picture.name), picture, save=False)
            name = str(fresh.picture)
            fresh.save(update_fields=["picture", "updated_at"])
            _written_down("picture_changed", by, None, ["picture"])
            if old:
                transaction.on_commit(lambda: storage.delete(old))
    except BaseException:
        # What was rolled back leaves no file behind.
        if name:
            storage.delete(name)
        raise
    return fresh


@transaction.atomic
def remove_picture(user: User, *, by: User) -> User:
    """Show ``user`` by no picture any more; the file is deleted. Without a picture nothing happens."""
    fresh = _own(user, by)
    old, storage = fresh.picture.name, fresh.picture.storage
    if old:
        fresh.picture = ""
        fresh.save(update_fields=["picture", "updated_at"])
        _written_down("picture_removed", by, None, ["picture"])
        transaction.on_commit(lambda: storage.delete(old))
    return fresh


def _own(user: User, by: User) -> User:
    """``user`` as he is now, his row locked; PermissionDenied unless ``by`` is he."""
    fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if by.pk != fresh.pk or not fresh.is_active:
        raise PermissionDenied
    return fresh


def _set(row: User | Patient, details: dict[str, Any]) -> set[str]:
    """The names of what is other than it was."""
    changed = {name for name, value in details.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, details[name])
    if changed:
        row.save(update_fields=[*changed, "updated_at"])
    return changed


def _written_down(what: str, by: User, patient: Patient | None, fields: list[str]) -> None:
    audit.record(f"accounts.user.{what}", by=by, on=by, patient=patient, changes={"fields": fields})


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
