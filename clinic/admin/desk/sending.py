"""What the desk's forms send: each is done once, however often it is sent."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clinic.idempotency import Caller, once
from clinic.models import Appointment


def done_once(
    operation: str, key: str, verb: Callable[..., Model], asked: Mapping[str, Any], *, by: User, now: datetime
) -> UUID:
    """Call ``verb(**asked, by=by, now=now)``, unless ``by`` has sent just this with this key before; the id of what it
    made, then or now."""
    body = {name: str(getattr(value, "pk", value)) for name, value in asked.items()}
    caller = Caller.person(by)
    return once(caller, operation, key, body, now=now, act=lambda: UUID(str(verb(**asked, by=by, now=now).pk))).made


def new_key() -> str:
    """What tells one form from another."""
    return uuid4().hex


class VisitForm(forms.Form):
    """The last words before a visit is booked."""

    reason = forms.CharField(
        label=_("Reason for the visit"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only the patient and this doctor can read it; you cannot once it is saved."),
    )
    override_reason = forms.CharField(
        label=_("Reason for overbooking"),
        required=False,
        max_length=500,
        help_text=_("Kept with the appointment, and seen by all who work here. Name no health facts."),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", new_key())

    def book(self, operation: str, verb: Callable[..., Appointment], *, by: User, now: datetime, **asked: Any) -> UUID:
        """Call ``verb`` with what was asked and these words, once; the id of the appointment."""
        asked |= {name: self.cleaned_data[name] for name in ("reason", "override_reason")}
        return done_once(operation, self.cleaned_data["key"], verb, asked, by=by, now=now)
