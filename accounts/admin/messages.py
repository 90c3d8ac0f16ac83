"""What people are told, and whether it reached them; what could not be delivered is sent again, or told another way."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import notices
from accounts.admin.base import VerbAdmin, actor, in_utc
from accounts.admin.verbs import Verb
from accounts.models import Message, User
from accounts.models.message import State
from accounts.outbox import again, kinds

UNHEARD = "unheard"


class StateFilter(admin.SimpleListFilter):
    """What has become of them. First those whose people should be told another way."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All states, and one part."""
        return [(UNHEARD, _("To be told another way")), *State.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The messages asked for."""
        asked = self.value()
        if asked == UNHEARD:
            return queryset.unheard(timezone.now())
        return queryset.in_state(State(asked)) if asked in State.values else queryset


class KindFilter(admin.SimpleListFilter):
    """Of what they tell. The choices are known; to ask a million messages for theirs takes long."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All kinds that there are."""
        return [(name, kinds.label(name)) for name in kinds.names()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The messages asked for."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


def _is_given_up(_by: User, message: Message) -> bool:
    return message.state == State.GIVEN_UP


@admin.register(Message)
class MessageAdmin(VerbAdmin):
    """What a message says is on no page here, nor the address that it went to: both may tell of more than its kind."""

    may_add = may_change = False
    verbs = (
        Verb(
            name="send-again",
            label=_("Send again"),
            explanation=_("The message goes out anew, to the address or number that the person has now."),
            done=_("The message will be sent within a minute."),
            call=again.send_again,
            offered=_is_given_up,
            permission="view",
        ),
        Verb(
            name="settle",
            label=_("Told another way"),
            explanation=_("Somebody has told the person, by telephone for example. The message is not sent any more."),
            done=_("The message is not needed any more."),
            call=again.settle,
            offered=_is_given_up,
            permission="view",
        ),
    )
    list_display = ("what", "to", "written", "became", "attempts", "last_error", "channel")
    list_filter = (StateFilter, KindFilter)
    list_select_related = ("patient", "user")
    linked_by = ("patient", "about")
    search_fields = ("patient__last_name", "patient__first_name")
    search_help_text = _("Name of the patient")
    fields = ("what", "to", "channel", "written", "became", "not_before_utc", "attempts", "last_error", "id")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """All messages, for staff; whether they are told of whose account it is."""
        may_see = actor(request).has_perm("accounts.view_user")
        return super().get_queryset(request).visible_to(actor(request)).annotate(names_accounts=Value(may_see))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One message; its kind, in words, is the first line, and not said twice."""
        return super().changeform_view(request, object_id, form_url, {"subtitle": ""} | (extra_context or {}))

    def facts(self, obj: Message) -> list[tuple[Any, str]]:
        """Enough to see that it is the right one."""
        return [(_("kind"), self.what(obj)), (_("to"), self.to(obj)), (_("state"), self.became(obj))]

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, obj: Message) -> str:
        """Of what it tells."""
        return kinds.label(obj.kind)

    @admin.display(description=_("to"))
    def to(self, obj: Any) -> str:
        """Whom it is for, by name; never the address."""
        if obj.patient:
            return str(obj.patient)
        if obj.user:
            return str(obj.user) if obj.names_accounts else str(_("an account"))
        return str(_("an address"))

    @admin.display(description=_("written"), ordering="created_at")
    def written(self, obj: Message) -> str:
        """When."""
        return in_utc(obj.created_at)

    @admin.display(description=_("state"))
    def became(self, obj: Message) -> str:
        """What has become of it, and when."""
        ended: datetime | None = obj.sent_at or obj.failed_at or obj.dropped_at
        return f"{obj.state.label}, {in_utc(ended)}" if ended else str(obj.state.label)

    @admin.display(description=_("next attempt"))
    def not_before_utc(self, obj: Message) -> str:
        """When it is sent, if it waits."""
        return in_utc(obj.not_before) if obj.state == State.WAITING else "–"


def _unheard(user: User) -> notices.Notice | None:
    """How many messages somebody has to tell another way."""
    count = Message.objects.visible_to(user).unheard(timezone.now()).count()
    if not count:
        return None
    text = ngettext(
        "%(count)d message could not be delivered. Please call the person.",
        "%(count)d messages could not be delivered. Please call these people.",
        count,
    )
    address = reverse("admin:accounts_message_changelist")
    return notices.Notice(text % {"count": count}, f"{address}?{StateFilter.parameter_name}={UNHEARD}")


notices.register(_unheard)
