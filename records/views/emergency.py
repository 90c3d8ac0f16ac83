"""Opening a chart because somebody is in danger: whose it is, that it is you, why, and then the chart."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import throttles
from accounts.inputs import DayInput
from accounts.models import Patient, User
from accounts.views import again
from clinic.workspace.forms.base import Refusable
from records import access, emergency
from records.models import EmergencyAccess
from records.views.frame import missing_unless_his, page, viewer

DEED = "emergency"
LIMIT = "emergency_search"


class WhoForm(Refusable, forms.Form):
    """Both of it, so that nobody leafs through the patients."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    date_of_birth = forms.DateField(label=_("Date of birth"), widget=DayInput)

    def find(self, *, by: User) -> list[Patient]:
        """:func:`records.emergency.find`."""
        return emergency.find(self.cleaned_data["name"], self.cleaned_data["date_of_birth"], by=by)


class WhyForm(Refusable, forms.Form):
    """Why it is urgent."""

    reason = forms.CharField(
        label=_("What has happened?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=_("At least ten characters. The patient and the privacy officers read it."),
    )

    def clean(self) -> dict[str, Any]:
        """The reason before anything is spent: :func:`records.emergency.check_reason`."""
        if "reason" in self.cleaned_data:
            emergency.check_reason(self.cleaned_data["reason"])
        return self.cleaned_data

    def open(self, patient: UUID, *, by: User) -> EmergencyAccess:
        """:func:`records.emergency.open_chart`."""
        return emergency.open_chart(patient, by=by, now=timezone.now(), reason=self.cleaned_data["reason"])


def of_rescuers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of doctors who are let in and of administrators; 404 for everybody else."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.may_break_the_glass(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(never_cache(run))


@require_http_methods(["GET", "HEAD", "POST"])
@of_rescuers
def search(request: HttpRequest) -> HttpResponse:
    """Whose chart. POST looks, so that no name gets into an address."""
    form, found = WhoForm(request.POST or None), None
    if form.is_valid():
        key = str(viewer(request).pk)
        if throttles.spend(LIMIT, key, request) is None:
            throttles.refused(request, LIMIT, key)
            return render(request, "429.html", status=429)
        try:
            found = form.find(by=viewer(request))
        except ValidationError as refusal:
            form.refuse(refusal)
    return page(request, "emergency_search", {"form": form, "found": found})


@require_http_methods(["GET", "HEAD", "POST"])
@of_rescuers
def open_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What will happen, and why it is urgent; whoever reads the chart anyway is shown it."""
    user = viewer(request)
    if access.charts(user, now=timezone.now()).filter(pk=pk).exists():
        return redirect("chart", pk)
    if not again.has_shown(request, DEED):
        return again.ask(request, otherwise="emergency")
    form = WhyForm(request.POST or None)
    with missing_unless_his():
        if form.is_valid():
            if not again.spend(request, DEED):
                # It may be this very chart that the other request opens: pressed twice.
                return redirect("emergency-chart", pk)
            try:
                form.open(pk, by=user)
            except ValidationError as refusal:
                form.refuse(refusal)
            else:
                return redirect("chart", pk)
        patient = emergency.consider(pk, by=user)
    return page(
        request,
        "emergency",
        {"form": form, "patient": patient, "minutes": settings.EMERGENCY_ACCESS_MINUTES},
    )
