"""What a password may be. Every door asks Django's validators (AUTH_PASSWORD_VALIDATORS); these are ours among them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 1024
"""Characters. Far above what anybody types, and short enough that checking and hashing it costs nothing."""


class MaximumLengthValidator:
    """Refuses what is no password but an attempt to keep the server busy."""

    def validate(self, password: str, user: object = None) -> None:
        """ValidationError (``password_too_long``) above LONGEST characters."""
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """The rule, for the form."""
        return _("Your password can have at most %(longest)d characters.") % {"longest": LONGEST}
