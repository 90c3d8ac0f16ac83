"""Sign-ins through the API: to be looked at, and ended."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import staffing
from accounts.admin.base import VerbAdmin, in_utc
from accounts.admin.verbs import Verb
from accounts.models import TokenFamily, User


def _is_alive(_by: User, family: TokenFamily) -> bool:
    return family.revoked_at is None and family.expires_at > timezone.now()


class Ended(admin.SimpleListFilter):
    """Those that somebody ended, and the others."""

    title = _("state")
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Ended or not."""
        return [("no", _("Not ended")), ("yes", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The sign-ins asked for."""
        return queryset.filter(revoked_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(TokenFamily)
class TokenFamilyAdmin(VerbAdmin):
    """What is stored of a token, its hash, is shown to nobody."""

    may_add = may_change = False
    verbs = (
        Verb(
            name="end",
            label=_("End this sign-in"),
            explanation=_("Every token of this sign-in stops working at once. The person can sign in again."),
            done=_("The sign-in has ended."),
            call=staffing.end_sign_in,
            offered=_is_alive,
            permission="view",
            takes_away=True,
        ),
    )
    list_display = ("user", "signed_in", "expires", "revoked")
    list_filter = (Ended,)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__last_name")
    search_help_text = _("E-mail address or last name")
    fields: ClassVar[Any] = ("user", "signed_in", "expires", "revoked", *VerbAdmin.readonly_fields)
    readonly_fields = fields

    @admin.display(description=_("signed in"), ordering="created_at")
    def signed_in(self, obj: TokenFamily) -> str:
        """When it began."""
        return in_utc(obj.created_at)

    @admin.display(description=_("expires"), ordering="expires_at")
    def expires(self, obj: TokenFamily) -> str:
        """Until when it lasts, if it is not renewed."""
        return in_utc(obj.expires_at)

    @admin.display(description=_("ended"), ordering="revoked_at")
    def revoked(self, obj: TokenFamily) -> str:
        """When it was ended before its time."""
        ended: datetime | None = obj.revoked_at
        return in_utc(ended)
