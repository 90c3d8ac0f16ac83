"""The first administrator, who appoints everybody else."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit, people
from accounts.models import Role, User
from accounts.registration import check_password, normal_address

NAMES = {"first_name": "Clinic", "last_name": "Administrator"}


def ensure(*, email: str, password: str) -> bool:
    """Make an administrator and superuser with this proved address; False if he is there, and then nothing is changed.

    ValidationError for what is no address, for a bad password, and if the address belongs to somebody else
    (``not_an_administrator``): nobody is promoted.
    """
    email = normal_address(email)
    validate_email(email)
    holder = User.objects.filter(email=email)
    if not holder.exists():
        check_password(password, email=email, **NAMES)
        try:
            with transaction.atomic():
                user = people.appoint(email=email, password=password, role=Role.ADMIN, is_superuser=True, **NAMES)
                people.vouch_for_addresses([user])
                audit.record("accounts.user.appointed", by="ensure_admin", on=user, changes={"role": [None, user.role]})
        except IntegrityError:
            # Another process, started at the same time, was quicker.
            if not holder.exists():
                raise
        else:
            return True
    if not holder.filter(role=Role.ADMIN, is_superuser=True).exists():
        sentence = _("Somebody who is no administrator has this address; nothing was changed.")
        raise ValidationError(sentence, code="not_an_administrator")
    return False
