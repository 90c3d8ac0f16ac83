"""The clinic app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Who can be seen, where, when, and by whom."""

    name = "clinic"
    verbose_name = _("Clinic")
