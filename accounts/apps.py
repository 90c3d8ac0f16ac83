"""The accounts app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People and how they sign in."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Listen for who comes and goes."""
        # Models can be imported only now that the apps are loaded.
        from accounts import holdings, letters, outbox, own_holdings  # noqa: PLC0415  see above
        from accounts.entrance import watch  # noqa: PLC0415  see above

        holdings.register("accounts", own_holdings.tell)
        letters.register()
        if settings.REDIS_URL:
            outbox.nudge_by(import_module("accounts.tasks").nudge)
        watch()
        import_module("accounts.second_factor.adapter")
        import_module("accounts.social.adapter")


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin, on our own site."""

    # This module has two: the other one is the app's.
    default = False
    default_site = "accounts.admin.site.StaffSite"

    def ready(self) -> None:
        """Find every app's pages; ours first, or making the site would import them, and they would make another."""
        import_module("accounts.admin")
        super().ready()
