"""What every page of the admin has in common: it reads by permission, and writes by verbs alone."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import Search, VerbForm
from accounts.admin.verbs import Verb, pages
from accounts.inputs import ClockInput, DayInput
from accounts.models import User
from accounts.searched import words_of

if TYPE_CHECKING:
    DjangoAdmin = admin.ModelAdmin[Any]
else:
    DjangoAdmin = admin.ModelAdmin


LOOKUP = re.compile(r"(__id)?__(exact|isnull|isempty)$")
"""What the admin's own filters append to a field's name."""


def _asks_for(item: Any) -> str:
    """The name by which an item of ``list_filter`` asks in the address."""
    if isinstance(item, tuple | list):
        return str(item[0])
    return item if isinstance(item, str) else str(item.parameter_name)


def actor(request: HttpRequest) -> User:
    """Who is signed in; the admin's site lets nobody in who is not."""
    assert isinstance(request.user, User)
    return request.user


def in_utc(instant: datetime | None) -> str:
    """An instant that belongs to no site, with its zone, such as ``1 March 2027, 08:30 UTC``."""
    return f"{formats.date_format(instant, 'j F Y, H:i')} UTC" if instant else "–"


class VerbAdmin(DjangoAdmin):
    """A model in the admin. Its form's ``save`` calls one verb; ``verbs`` are pages that call others.

    A refusal of the verb comes back at its field, and nothing is saved. Nothing can be deleted unless a subclass says
    so and names the verb. There are no bulk actions: each verb has its own page.
    """

    form = VerbForm
    verbs: tuple[Verb, ...] = ()
    linked_by: tuple[str, ...] = ()
    """Fields that other pages link by (``?doctor=…``), beside those of ``list_filter``."""
    addable: tuple[str, ...] = ()
    """Fields beside which a new object can be added, in a window of its own."""
    may_add = may_change = True
    may_delete = False

    actions = None
    list_per_page = 50
    show_full_result_count = False
    # Counting every filter's rows is slow, and a count can tell what the rows do not.
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    formfield_overrides = {models.DateField: {"widget": DayInput}, models.TimeField: {"widget": ClockInput}}
    readonly_fields: ClassVar[Any] = ("id", "created", "updated")

    # --- Who may ----------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By the role's permission; never where a model is not entered by hand."""
        return self.may_add and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role's permission; never where a model is only looked at, not for superusers either."""
        return self.may_change and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role's permission; never what has history."""
        return self.may_delete and super().has_delete_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        """The rows, for those who may look at them."""
        rows = super().get_queryset(request)
        return rows if self.has_view_or_change_permission(request) else rows.none()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the page itself offers: any other question would be one about columns that it does not show."""
        field = LOOKUP.sub("", lookup)
        return field in self.linked_by or any(_asks_for(item) == field for item in self.list_filter)

    # --- Writing ----------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, told who fills it in, when, and what the verb said a moment ago."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        told = {"by": actor(request), "now": timezone.now(), "refusal": getattr(request, "refusal", None)}
        return type(form)(form.__name__, (form,), told)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page of one object. If the verb refuses, its transaction is undone and the form drawn again with why."""
        tools = {"verbs": self._offered(request, object_id) if object_id else []}
        extra_context = tools | (extra_context or {})
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]  # for get_form
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Call the form's verb. Here and not in ``save_model``: what the verb answers is the object from now on."""
        saved = form.save()
        self.after_change(request)
        return saved

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing: ``save_form`` has called the verb."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: the verb was given the lists too."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Nobody: there are no tables of other objects within a page."""
        raise PermissionDenied

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Call the verb that removes one."""
        self.remove(obj, by=actor(request), now=timezone.now())
        self.after_change(request)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Nobody deletes several at once."""
        raise PermissionDenied

    def remove(self, obj: Any, *, by: User, now: datetime) -> None:
        """The verb that removes one; a model that can be removed names it."""
        raise PermissionDenied

    def after_change(self, request: HttpRequest) -> None:
        """What is to be told after any verb; nothing, unless a subclass knows something."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask, then remove; a refusal is told on the object's page."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return HttpResponseRedirect(self.url("change", object_id))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What the page that asks lists: the objects themselves, since nothing goes with them."""
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """As Django does, for as many words as count."""
        return super().get_search_results(request, queryset, " ".join(words_of(search_term)))

    # --- Pages ------------------------------------------------------------------------------------

    def url(self, page: str, *args: Any) -> str:
        """The address of one of this model's pages."""
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def get_urls(self) -> list[URLPattern]:
        """Django's pages, and one for each verb."""
        return [*pages(self, self.verbs), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, called by what is in it."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Who changed what here; the page's title names nobody."""
        return super().history_view(request, object_id, {"title": _("Change history")} | (extra_context or {}))

    def choice_label(self, obj: Any) -> str:
        """How a field with search names the object."""
        return str(obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A field without Django's row of icons for the object that it refers to; "add" where a subclass wants it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
            field.widget.can_add_related = field.widget.can_add_related and db_field.name in self.addable
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A field whose choices are named as their own admin names them."""
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = Search(db_field, self.admin_site)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if field is not None and isinstance(related, VerbAdmin):
            field.label_from_instance = related.choice_label  # type: ignore[method-assign]
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A box for each choice: Django's field with search for several is no list that can be read out."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.help_text = ""
        return field

    def facts(self, obj: Any) -> list[tuple[Any, str]]:
        """What a verb's page says about the object, so that nobody takes one for another."""
        return [(self.opts.verbose_name, str(obj))]

    @admin.display(description=_("created"))
    def created(self, obj: Any) -> str:
        """When the row was made."""
        return in_utc(obj.created_at)

    @admin.display(description=_("changed"))
    def updated(self, obj: Any) -> str:
        """When it was last changed."""
        return in_utc(obj.updated_at)

    def _offered(self, request: HttpRequest, object_id: str) -> list[tuple[Verb, str]]:
        """The verbs that make sense for the object now, with their addresses."""
        obj = self.get_object(request, unquote(object_id)) if self.verbs else None
        if obj is None:
            return []
        return [(verb, self.url(verb.name, obj.pk)) for verb in self.verbs if verb.is_for(self, request, obj)]
