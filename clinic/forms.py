"""The portal's forms; each one that changes something calls one verb."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import people
from accounts.inputs import DayInput
from accounts.models import User
from clinic import booking, calendar_feed, directory, doctors, instants
from clinic.booking import LinkHolder, Visitor
from clinic.models import Appointment, Department, Doctor, Site, Specialty, VisitType
from clinic.models.doctor import DoctorQuerySet


class InstantField(forms.CharField):
    """An instant in ISO 8601 with an offset; UTC inside."""

    def to_python(self, value: Any) -> Any:
        """The instant, or what :func:`clinic.instants.parse` refuses."""
        text = super().to_python(value)
        return instants.parse(text) if text else None


class SearchForm(forms.Form):
    """The one search line. Every field may be empty."""

    q = forms.CharField(
        label=_("Specialty or reason"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off", "type": "search"}),
    )
    doctor = forms.CharField(
        label=_("Doctor"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "doctors", "autocomplete": "off", "type": "search"}),
    )
    site = forms.ModelChoiceField(
        label=_("Place"), queryset=Site.objects.public(), required=False, empty_label=_("Any place")
    )
    day = forms.DateField(label=_("From"), required=False, widget=DayInput())


class DirectoryForm(forms.Form):
    """Which doctors are listed. Every field may be empty."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )
    specialty = forms.ModelChoiceField(
        label=_("Specialty"), queryset=Specialty.objects.public(), required=False, empty_label=_("Any")
    )
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.public(), required=False, empty_label=_("Any")
    )
    site = forms.ModelChoiceField(
        label=_("Place"), queryset=Site.objects.public(), required=False, empty_label=_("Any")
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = [(language, language) for language in directory.languages()]
        cast("forms.ChoiceField", self.fields["language"]).choices = [("", _("Any")), *spoken]

    def found(self) -> DoctorQuerySet:
        """:func:`clinic.directory.listed`; nobody, if what was asked makes no sense."""
        return directory.listed(**self.cleaned_data) if self.is_valid() else Doctor.objects.none()


class SpotForm(forms.Form):
    """One time of one doctor, as the picker's buttons send it, or as somebody wanted and did not get it."""

    doctor = forms.ModelChoiceField(queryset=Doctor.objects.public().select_related("user"))
    visit_type = forms.ModelChoiceField(queryset=VisitType.objects.public(), required=False)
    starts_at = InstantField()


class HoldForm(SpotForm):
    """Keep a time."""

    def save(self, *, visitor: Visitor, by: User | None, now: datetime, instead_of: Appointment | None) -> Appointment:
        """:func:`clinic.booking.hold`."""
        return booking.hold(**self.cleaned_data, visitor=visitor, by=by, now=now, instead_of=instead_of)


class MoveForm(forms.Form):
    """Move an appointment to another time."""

    doctor = forms.ModelChoiceField(queryset=Doctor.objects.public().select_related("user"))
    starts_at = InstantField()
    version = forms.CharField(max_length=200)

    def save(self, appointment: Appointment, *, by: User, now: datetime) -> Appointment:
        """:func:`clinic.booking.reschedule`."""
        return booking.reschedule(appointment, **self.cleaned_data, by=by, now=now)


class NewTimeForm(forms.Form):
    """Move an appointment to another time of its doctor, by a link that was mailed to the patient."""

    starts_at = InstantField()

    def save(self, appointment: Appointment, *, by: LinkHolder, now: datetime) -> Appointment:
        """:func:`clinic.booking.reschedule`, if it stands still as it did when the link was read."""
        return booking.reschedule(appointment, **self.cleaned_data, by=by, now=now, version=appointment.etag)


class ConfirmForm(forms.Form):
    """Book what is held. ``hold`` says which time the page showed: another tab may have chosen another since."""

    hold = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What brings you here?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only you and the doctor read this. You may leave it empty."),
    )

    def save(self, hold: Appointment, *, by: User, now: datetime) -> Appointment:
        """:func:`clinic.booking.book_hold`, for the person who is signed in."""
        patient = people.become_patient(by)
        return booking.book_hold(hold, patient=patient, by=by, now=now, reason=self.cleaned_data["reason"])


class CancelForm(forms.Form):
    """Give an appointment up. Patients need not say why; the clinic must."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = not is_own
        if is_own:
            self.fields["reason"].help_text = _("You may leave this empty.")

    def save(self, appointment: Appointment, *, by: User, now: datetime) -> Appointment:
        """:func:`clinic.booking.cancel`."""
        return booking.cancel(appointment, **self.cleaned_data, by=by, now=now)


class FeedForm(forms.Form):
    """An address for one's own calendar."""

    names_patients = forms.BooleanField(
        label=_("Show my patients' names in my calendar"),
        required=False,
        help_text=_("Whoever keeps your calendar, or sees it, reads them too. Without this it shows references."),
    )

    def save(self, *, by: User, renew: bool) -> str:
        """:func:`clinic.calendar_feed.open_feed`, or :func:`clinic.calendar_feed.renew`: the new secret."""
        self.is_valid()
        make = calendar_feed.renew if renew else calendar_feed.open_feed
        return make(by=by, names_patients=self.cleaned_data.get("names_patients", False))


class AgendaForm(forms.Form):
    """Whether a doctor gets his day's times by mail."""

    wants = forms.BooleanField(required=False)

    def save(self, doctor: Doctor, *, by: User) -> Doctor:
        """:func:`clinic.doctors.want_agenda`."""
        self.is_valid()
        return doctors.want_agenda(doctor, self.cleaned_data["wants"], by=by)


class DayForm(forms.Form):
    """Which day a list is for."""

    date = forms.DateField(label=_("Day"), widget=DayInput(), required=False)
