"""The first step at the desk: the patient is found, or registered if he is not here yet.

What is searched for is sent in the body of a form; from then on the address has the patient's id, and nothing else of
him.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import desk, duplicates, patient_search
from accounts.admin.base import actor
from accounts.duplicates import Likeness
from accounts.inputs import DayInput, tell
from accounts.models import Patient, User
from accounts.registration import one_line
from clinic.admin.desk.choice import Choice
from clinic.admin.desk.sending import done_once, new_key

MOST = 20
"""Patients who are listed; beyond it the search has to say more."""
ALIKE = {
    "insurance_number": _("same insurance number"),
    "name": _("same name"),
    "date_of_birth": _("same date of birth"),
    "phone": _("same telephone number"),
    "email": _("same e-mail address"),
    "last_name": _("same last name"),
}


class FindForm(forms.Form):
    """Whom to look for. Sent in the body: names and numbers belong in no address."""

    words = forms.CharField(
        label=_("Name, telephone number, date of birth or insurance number"),
        max_length=100,
        help_text=_("A date as 3.5.1980 or 1980-05-03; an insurance number whole."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
    )


class RegisterForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's has no parameters at run time
    """A patient who is new; ends in :func:`accounts.desk.register`, once however often it is sent."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000)
    """Who was shown as possibly the same: only for them "register all the same" counts."""

    class Meta:
        model = Patient
        fields = (
            "first_name",
            "last_name",
            "date_of_birth",
            "phone",
            "email",
            "insurance_provider",
            "insurance_number",
        )
        widgets = {"date_of_birth": DayInput(), "insurance_number": forms.TextInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_new_%s"
        self.initial.setdefault("key", new_key())
        for name in ("first_name", "last_name"):
            self.fields[name].validators.append(one_line)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def details(self) -> dict[str, Any]:
        """What was said of the patient."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def alike(self, by: User) -> list[Likeness]:
        """Who may be the same, and whether somebody was not yet shown."""
        return duplicates.possible(self.details(), by=by)

    def has_shown(self, alike: list[Likeness]) -> bool:
        """Whether all of them were shown before."""
        return {str(one.patient.pk) for one in alike} <= set(self.cleaned_data["seen"].split())

    def save(self, *, by: User, now: datetime) -> UUID:  # type: ignore[override]  # commits always
        """Register; the id of the patient."""
        return done_once("desk-register", self.cleaned_data["key"], desk.register, self.details(), by=by, now=now)


def step(request: HttpRequest, choice: Choice) -> dict[str, Any] | HttpResponseRedirect:
    """What the page shows while nobody is chosen; a redirect once somebody is registered."""
    what = request.POST.get("do", "") if request.method == "POST" else ""
    if what == "register":
        return _register(request, choice)
    context: dict[str, Any] = {"find": FindForm(), "register": RegisterForm(), "is_searched": False}
    if what == "find":
        form = context["find"] = FindForm(request.POST)
        if form.is_valid():
            words = form.cleaned_data["words"]
            context |= {"is_searched": True, **_found(request, words)}
            context["register"] = RegisterForm(initial=patient_search.understood(words))
    return context


def _found(request: HttpRequest, words: str) -> dict[str, Any]:
    by = actor(request)
    patients = patient_search.matching(Patient.objects.visible_to(by), words, by_insurance=True)
    rows = list(patients.select_related("user").defer("insurance_number")[: MOST + 1])
    return {"patients": rows[:MOST], "has_more": len(rows) > MOST}


def _register(request: HttpRequest, choice: Choice) -> dict[str, Any] | HttpResponseRedirect:
    by, now = actor(request), timezone.now()
    form = RegisterForm(request.POST)
    context: dict[str, Any] = {"find": FindForm(), "register": form, "is_registering": True}
    if not form.is_valid():
        return context
    alike = form.alike(by)
    if alike and not ("anyway" in request.POST and form.has_shown(alike)):
        posted = request.POST.copy()
        posted["seen"] = " ".join(str(one.patient.pk) for one in alike)
        form.data = posted
        return context | {"alike": [_in_words(one) for one in alike]}
    try:
        made = form.save(by=by, now=now)
    except ValidationError as refusal:
        tell(form, refusal)
        return context
    patient = Patient.objects.visible_to(by).get(pk=made)
    messages.success(request, _now("The patient is registered."))
    return redirect(f"{request.path}?{choice.but(patient=patient).query()}")


def _in_words(one: Likeness) -> dict[str, Any]:
    return {"patient": one.patient, "why": [ALIKE[name] for name in one.alike]}
