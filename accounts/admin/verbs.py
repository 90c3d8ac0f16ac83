"""Verbs beside "save", each on a page of its own: it says what will happen, asks what must be asked, and calls."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.consequences import Consequence
from accounts.inputs import tell
from accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.admin.base import VerbAdmin


@dataclass(frozen=True, kw_only=True)
class Verb:
    """``call(object, by=, now=, **what the form asked)``, for whoever may change the object.

    ``offered(user, object)`` tells whether it makes sense to offer it: the button, not the rule, which is the verb's.
    ``goes_with(user, object, now)`` is what its page lists before anybody confirms.
    """

    name: str
    label: "StrOrPromise"
    explanation: "StrOrPromise"
    done: "StrOrPromise"
    call: Callable[..., Any]
    offered: Callable[[User, Any], bool]
    form: type[forms.Form] = forms.Form
    initial: Callable[[Any], dict[str, Any]] = field(default=lambda _obj: {})
    permission: str = "change"
    takes_away: bool = False
    goes_with: Callable[[User, Any, datetime], list[Consequence]] = field(default=lambda _by, _obj, _now: [])

    def is_for(self, page: "VerbAdmin", request: HttpRequest, obj: Any) -> bool:
        """Whether the person who looks is offered this verb."""
        assert isinstance(request.user, User)
        return self.is_permitted(page, request.user) and self.offered(request.user, obj)

    def is_permitted(self, page: "VerbAdmin", user: User) -> bool:
        """Whether the role lets ``user`` call it at all."""
        return user.has_perm(f"{page.opts.app_label}.{self.permission}_{page.opts.model_name}")


def pages(page: "VerbAdmin", verbs: Iterable[Verb]) -> list[URLPattern]:
    """An address for each verb, below the object's."""
    name = f"{page.opts.app_label}_{page.opts.model_name}"
    return [
        path(
            f"<path:object_id>/{verb.name}/",
            page.admin_site.admin_view(partial(_view, page=page, verb=verb)),
            name=f"{name}_{verb.name}",
        )
        for verb in verbs
    ]


def _view(request: HttpRequest, object_id: str, *, page: "VerbAdmin", verb: Verb) -> HttpResponse:
    """Ask on GET, call on POST; the verb's refusal comes back at its field."""
    assert isinstance(request.user, User)
    if not verb.is_permitted(page, request.user):
        raise PermissionDenied
    obj = page.get_object(request, unquote(object_id))
    if obj is None:
        messages.warning(request, _("This does not exist, or not any more."))
        return redirect("admin:index")
    if request.method == "POST":
        form = verb.form(request.POST)
        if form.is_valid() and _called(request, page, verb, obj, form):
            return HttpResponseRedirect(page.url("change", obj.pk))
    else:
        form = verb.form(initial=verb.initial(obj))
    context = page.admin_site.each_context(request) | {
        "title": verb.label,
        "opts": page.opts,
        "original": obj,
        "verb": verb,
        "form": form,
        "media": page.media,
        "change_url": page.url("change", obj.pk),
        "facts": page.facts(obj),
        "goes_with": verb.goes_with(request.user, obj, timezone.now()),
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "admin/verb.html", context)


def _called(request: HttpRequest, page: "VerbAdmin", verb: Verb, obj: Any, form: forms.Form) -> bool:
    """Call the verb; False if it refused, the form now telling why."""
    now: datetime = timezone.now()
    try:
        verb.call(obj, by=request.user, now=now, **form.cleaned_data)
    except ValidationError as refusal:
        tell(form, refusal)
        return False
    page.log_change(request, obj, str(verb.label))
    page.message_user(request, verb.done, messages.SUCCESS)
    page.after_change(request)
    return True
