"""Integrators: the programs that may use the API, each registered here by an administrator."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

import accounts.admin.libraries  # noqa: F401  takes allauth's own page out first
from accounts import integrations
from accounts.admin.base import VerbAdmin, actor, in_utc
from accounts.admin.forms import VerbForm
from accounts.admin.verbs import Verb
from accounts.integrations import Kind, Scope
from accounts.models import Integrator, User


class Receptionists(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Accounts at the front desk, known by their addresses."""

    def label_from_instance(self, obj: User) -> str:
        """Name and address."""
        return f"{obj} <{obj.email}>"


class IntegratorForm(VerbForm):
    """Registers an integrator, or changes what may be changed of it. The secret is made for it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=forms.RadioSelect)
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=[(s.value, f"{s.value}: {s.label}") for s in Scope], widget=forms.CheckboxSelectMultiple
    )
    redirect_uris = forms.CharField(
        label=_("Addresses to return to"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text=_("Where people are sent after they agreed: one to a line, to the letter. None for a service."),
    )
    service_user = Receptionists(
        label=_("Acts for"),
        queryset=User.objects.none(),
        required=False,
        help_text=_(
            "For a service alone: a receptionist's account that is this service's own. It can do what a receptionist"
            " can, and of that what is ticked above."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance
        if "service_user" in self.fields:
            self.fields["service_user"].queryset = integrations.service_users()  # type: ignore[attr-defined]
        if not known._state.adding:
            self.fields.pop("kind", None)
            self.initial = dict(self.initial) | {
                "scopes": known.get_scopes(),
                "redirect_uris": "\n".join(known.get_redirect_uris()),
                "service_user": known.owner_id,
            }

    def _post_clean(self) -> None:
        """Nothing: the verb is given what was entered; the fields are no columns."""

    def call(self) -> Any:
        """The verbs of integrations; a new one's secret goes along, to be told once."""
        data = self.cleaned_data
        told = {name: data[name] for name in ("name", "scopes", "service_user")}
        told["redirect_uris"] = data["redirect_uris"].splitlines()
        if not self.instance._state.adding:
            integrations.change(self.instance, by=self.by, **told)
            return self.instance
        made = integrations.register(by=self.by, kind=Kind(data["kind"]), **told)
        row = self._meta.model(pk=made.client.pk, name=made.client.name)
        row.told_secret = made.secret
        return row


def _has_secret(_by: User, obj: Integrator) -> bool:
    return Kind.of(obj) != Kind.APP


NEW_SECRET = Verb(
    name="secret",
    label=_("New secret"),
    explanation=_(
        "The secret that it has is good for nothing from now on; the new one is shown once. Tokens that it has got with"
        " the old one live on for some minutes."
    ),
    done=_("There is a new secret."),
    call=lambda obj, **_told: None,
    offered=_has_secret,
    takes_away=True,
)


@admin.register(Integrator)
class IntegratorAdmin(VerbAdmin):
    """The secret is stored as a hash: it is shown on the page that answers its making, and never again."""

    form = IntegratorForm
    verbs = ()
    may_delete = True
    list_display = ("name", "kind_shown", "owner", "registered")
    list_select_related = ("owner",)
    search_fields = ("name", "id")
    search_help_text = _("Name or id")
    ordering = ("name",)
    readonly_fields = ("id", "kind_shown", "registered")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The kind is chosen once; the id is known afterwards."""
        entered = ("scopes", "redirect_uris", "service_user")
        return [(None, {"fields": ("name", *(self.readonly_fields if obj else ("kind",)), *entered)})]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The integrator; None for what cannot be an id, which not every database takes."""
        known = integrations.client(unquote(object_id))
        return super().get_object(request, object_id, from_field) if known else None

    def get_urls(self) -> list[URLPattern]:
        """With the page for a new secret, which answers with it instead of leading on."""
        page = path(
            "<path:object_id>/secret/", self.admin_site.admin_view(self.secret_view), name="accounts_integrator_secret"
        )
        return [page, *super().get_urls()]

    def secret_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask on GET; on POST make a new secret, and show it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None or not _has_secret(actor(request), obj):
            messages.warning(request, _("This does not exist, or not any more."))
            return redirect("admin:index")
        if request.method == "POST":
            made = integrations.new_secret(obj, by=actor(request))
            self.log_change(request, obj, str(NEW_SECRET.label))
            return self._show(request, obj, made.secret, NEW_SECRET.label)
        told = {"title": NEW_SECRET.label, "verb": NEW_SECRET, "form": forms.Form(), "facts": self.facts(obj)}
        return TemplateResponse(request, "admin/verb.html", self._context(request, obj) | told)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The secret, once; an app has none."""
        secret = getattr(obj, "told_secret", "")
        return self._show(request, obj, secret, _("Registered"))

    def remove(self, obj: Any, *, by: User, now: datetime) -> None:
        """Forget it; its tokens end."""
        integrations.remove(obj, by=by)

    def _offered(self, request: HttpRequest, object_id: str) -> list[tuple[Verb, str]]:
        obj = self.get_object(request, object_id)
        if obj is None or not NEW_SECRET.is_for(self, request, obj):
            return []
        return [(NEW_SECRET, self.url(NEW_SECRET.name, obj.pk))]

    def _show(self, request: HttpRequest, obj: Any, secret: str, title: Any) -> HttpResponse:
        told = {"title": title, "secret": secret}
        return TemplateResponse(request, "admin/integrator_secret.html", self._context(request, obj) | told)

    def _context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        request.current_app = self.admin_site.name  # as Django's own pages do
        return self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": obj,
            "media": self.media,
            "change_url": self.url("change", obj.pk),
        }

    @admin.display(description=_("kind"))
    def kind_shown(self, obj: Any) -> str:
        """In words."""
        return str(Kind.of(obj).label)

    @admin.display(description=_("registered"), ordering="created_at")
    def registered(self, obj: Any) -> str:
        """When."""
        return in_utc(obj.created_at)
