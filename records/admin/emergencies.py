"""Emergency accesses: each is looked at afterwards by somebody else, and closed with a word."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import notices
from accounts.admin.base import actor, in_utc
from accounts.admin.verbs import Verb
from accounts.models import User
from records import emergency
from records.admin.metadata import MetadataAdmin
from records.models import EmergencyAccess


class Reviewed(admin.SimpleListFilter):
    """Those to be reviewed, unless others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Beside those that wait."""
        return [("reviewed", _("Reviewed")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """The default is said as what it is."""
        first, *others = super().choices(changelist)
        return [first | {"display": _("To be reviewed")}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The rows in the state asked for."""
        if self.value() == "all":
            return queryset
        return queryset.filter(reviewed_at__isnull=self.value() != "reviewed")


class ReviewForm(forms.Form):
    """What the privacy officer found."""

    review = forms.CharField(
        label=_("What you found"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whether it was right, and what follows. Kept, and read by privacy officers alone."),
    )


@admin.register(EmergencyAccess)
class EmergencyAccessAdmin(MetadataAdmin):
    """Who opened whose chart, and when. The reason, and what the review found, are for privacy officers alone."""

    verbs = (
        Verb(
            name="review",
            label=_("Review"),
            explanation=_(
                "Was this an emergency? The patient was told, and can read the reason too. If you are in doubt, ask"
                " whoever opened the chart. Nobody reviews an access of his own."
            ),
            done=_("The emergency access is reviewed."),
            call=emergency.review,
            offered=lambda by, opened: opened.reviewed_at is None and opened.user_id != by.pk,
            form=ReviewForm,
            permission="review",
        ),
    )
    read_with = ("chart__patient", "user", "reviewed_by")
    list_display = ("opened", "who", "patient", "until", "reviewed")
    list_filter = (Reviewed,)
    search_fields = ("chart__patient__last_name", "user__last_name")
    search_help_text = _("Last name of the patient or of whoever opened the chart")
    readonly_fields = ("who", "patient", "opened", "until", "why", "reviewed", "reviewer", "found", "id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The words for those who review."""
        words = ("why", "found") if actor(request).has_perm(emergency.OFFICERS) else ()
        return [name for name in self.readonly_fields if name in words or name not in ("why", "found")]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One row; for whoever reviews with its words, and that he reads them is written down."""
        row = super().get_object(request, object_id, from_field)
        if row is None or not actor(request).has_perm(emergency.OFFICERS):
            return row
        known = getattr(request, "words_of_emergency", None)
        if known is None:
            known = emergency.open_words(row, by=actor(request))
            request.words_of_emergency = known  # type: ignore[attr-defined]  # written down once for each page
        row.reason, row.review = known
        return row

    def facts(self, obj: EmergencyAccess) -> list[tuple[Any, str]]:
        """What is to be judged; the page is for privacy officers."""
        return [
            (_("opened by"), self.who(obj)),
            (_("patient"), self.patient(obj)),
            (_("opened"), self.opened(obj)),
            (_("until"), self.until(obj)),
            (_("reason"), obj.reason),
        ]

    @admin.display(description=_("opened"), ordering="created_at")
    def opened(self, obj: EmergencyAccess) -> str:
        """When."""
        return in_utc(obj.created_at)

    @admin.display(description=_("until"))
    def until(self, obj: EmergencyAccess) -> str:
        """So long the chart could be read."""
        return in_utc(obj.expires_at)

    @admin.display(description=_("opened by"), ordering="user__last_name")
    def who(self, obj: EmergencyAccess) -> str:
        """By name, and as what."""
        return f"{obj.user}, {obj.user.get_role_display()}"

    @admin.display(description=_("patient"), ordering="chart__patient__last_name")
    def patient(self, obj: EmergencyAccess) -> str:
        """Whose chart."""
        return str(obj.chart.patient)

    @admin.display(description=_("reason"))
    def why(self, obj: EmergencyAccess) -> str:
        """As it was given."""
        return obj.reason

    @admin.display(description=_("reviewed"), ordering="reviewed_at")
    def reviewed(self, obj: EmergencyAccess) -> str:
        """When."""
        return in_utc(obj.reviewed_at)

    @admin.display(description=_("reviewed by"))
    def reviewer(self, obj: EmergencyAccess) -> str:
        """Who."""
        return str(obj.reviewed_by) if obj.reviewed_by else "–"

    @admin.display(description=_("found"))
    def found(self, obj: EmergencyAccess) -> str:
        """The word about it."""
        return obj.review or "–"


def _waiting(user: User) -> notices.Notice | None:
    """How many emergency accesses this person should review."""
    count = emergency.to_be_reviewed(user).exclude(user=user).count()
    if not count:
        return None
    text = ngettext(
        "%(count)d chart was opened in an emergency. Please review that.",
        "%(count)d charts were opened in an emergency. Please review that.",
        count,
    )
    return notices.Notice(text % {"count": count}, reverse("admin:records_emergencyaccess_changelist"))


notices.register(_waiting)
