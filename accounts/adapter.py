"""Where allauth asks us."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """allauth, with our addresses in lower case and mails that come from the organisation."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Fill the user from the sign-up form; the form's ``signup`` then makes the patient."""
        user.email = form.cleaned_data["email"].strip().lower()
        user.first_name = form.cleaned_data["first_name"]
        user.last_name = form.cleaned_data["last_name"]
        user.set_password(form.cleaned_data["password1"])
        user.save()
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of allauth's mails; its links lead to SITE_URL and nowhere else."""
        super().send_mail(
            template_prefix, email, context | {"organisation": settings.ORGANISATION, "site_url": settings.SITE_URL}
        )
