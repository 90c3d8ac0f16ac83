"""Programs of others that use the API."""

from allauth.idp.oidc.models import Client
from django.utils.translation import gettext_lazy as _


class Integrator(Client):
    """allauth's client of our OAuth2 server, by the clinic's name for it; ``accounts.integrations`` has the verbs."""

    class Meta:
        proxy = True
        verbose_name = _("integrator")
        verbose_name_plural = _("integrators")
        ordering = ("name",)

    def __str__(self) -> str:
        return str(self.name)
