"""The portal's forms about charts and records; each calls verbs. What was typed stays in a form that is refused."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clinic.models import Appointment
from clinic.workspace.forms.base import Refusable
from records import attachments, charting
from records.files import LARGEST_FILE, LONGEST_NAME
from records.models import AmendmentRequest, BloodType, Chart, MedicalRecord
from records.models.chart import CHART_TEXTS
from records.models.record import RECORD_TEXTS
from records.models.texts import LONGEST, no_control_characters

NOTHING_SEEN = "-"
"""No row's etag: what the caller saw when there was nothing to see."""
SIGN = "sign"
"""The button that closes a record, as ``do``."""
KINDS_OF_FILES = ".pdf,.jpg,.jpeg,.png"
TOO_LARGE = _("Choose a file of at most 10 MB.")


class ClinicalText(forms.CharField):
    """Text about somebody's health, as it was typed but for its line ends, which browsers send as CR LF."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        usual: dict[str, Any] = {
            "required": False,
            "strip": False,
            "max_length": LONGEST,
            "validators": [no_control_characters],
        }
        super().__init__(**usual | {"widget": widget} | options)

    def to_python(self, value: Any) -> str:
        """With LF at the lines' ends."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class Versioned(Refusable, forms.Form):
    """A form about a row that others may change meanwhile: it is sent with the etag of what was shown."""

    version = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput())

    @property
    def seen(self) -> str:
        """For the verb's ``version``."""
        return self.cleaned_data["version"] or NOTHING_SEEN

    def look_again(self, etag: str) -> None:
        """After a refusal as stale: what was typed may now be sent once more, over what is shown beside it."""
        self.data = {name: self.data[name] for name in self.data} | {self.add_prefix("version"): etag}


class TextsForm(Versioned):
    """What a doctor writes of a visit."""

    diagnosis = ClinicalText(label=_("Diagnosis"))
    prescription = ClinicalText(label=_("Prescription"))
    notes = ClinicalText(label=_("Notes"), rows=6)

    def texts(self) -> dict[str, str]:
        """By their names."""
        return {name: self.cleaned_data[name] for name in RECORD_TEXTS}

    def says(self, record: MedicalRecord) -> bool:
        """Whether what was typed is what ``record`` says already."""
        return all(self.cleaned_data[name] == getattr(record, name) for name in RECORD_TEXTS)


def texts_of(record: MedicalRecord | None) -> dict[str, str]:
    """What a form about an opened record shows first."""
    if record is None:
        return {}
    return {"version": record.etag} | {name: getattr(record, name) for name in RECORD_TEXTS}


class RecordForm(TextsForm):
    """The record of a visit, a file beside it, and whether it is signed with that."""

    reason = ClinicalText(
        label=_("Why you amend it"),
        rows=2,
        help_text=_("The record is signed. The patient sees this reason and what stood here before."),
    )
    file = forms.FileField(
        label=_("Add a file"),
        required=False,
        allow_empty_file=True,
        help_text=_("A PDF, JPEG or PNG of at most 10 MB. Choose it again if this page comes back with an error."),
        widget=forms.FileInput(
            attrs={"accept": KINDS_OF_FILES, "data-largest": LARGEST_FILE, "data-too-large": TOO_LARGE}
        ),
    )
    name = forms.CharField(
        label=_("Name of the file"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("Else it keeps its own."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, is_signed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_signed:
            del self.fields["reason"]

    @transaction.atomic
    def save(self, visit: Appointment, record: MedicalRecord | None, *, by: User, now: datetime, sign: bool) -> None:
        """:func:`records.charting.write` or ``change``, then ``sign`` and :func:`records.attachments.add`: all, or
        nothing of it."""
        told = self.cleaned_data
        if record is None:
            written = charting.write(visit, by=by, now=now, **self.texts())
        else:
            texts = self.texts() | {"reason": told.get("reason", "")}
            written = charting.change(record, by=by, now=now, version=self.seen, **texts)
        if sign:
            charting.sign(written, by=by, now=now)
        if told["file"] is not None:
            attachments.add(written, upload=told["file"], by=by, now=now, name=told["name"], once=True)

    def is_done(self, record: MedicalRecord) -> bool:
        """Whether ``record`` says what was typed, and the file lies beside it."""
        file, name = self.cleaned_data["file"], self.cleaned_data["name"]
        return self.says(record) and (file is None or attachments.lies_there(record, upload=file, name=name))


class SignForm(Versioned):
    """Nothing but whether it stands."""

    def save(self, record: MedicalRecord, *, by: User, now: datetime) -> MedicalRecord:
        """:func:`records.charting.sign`."""
        return charting.sign(record, by=by, now=now, version=self.seen)


class AnswerForm(TextsForm):
    """What a doctor answers a patient who asked that a record be put right."""

    explanation = ClinicalText(
        label=_("What you tell the patient"), help_text=_("Why you amend the record, or why you do not.")
    )

    def save(self, asked: AmendmentRequest, *, by: User, now: datetime, amend: bool) -> AmendmentRequest:
        """:func:`records.charting.answer`."""
        told = self.texts() | {"explanation": self.cleaned_data["explanation"]}
        return charting.answer(asked, by=by, now=now, amend=amend, version=self.seen, **told)


class ChartForm(Versioned):
    """What is known of a patient beyond single visits."""

    blood_type = forms.ChoiceField(
        label=_("Blood type"), required=False, choices=[("", _("Not known")), *BloodType.choices]
    )
    allergies = ClinicalText(label=_("Allergies"))
    medical_history = ClinicalText(label=_("Medical history"), rows=6)

    def texts(self) -> dict[str, str]:
        """By their names."""
        return {name: self.cleaned_data[name] for name in CHART_TEXTS}

    def says(self, chart: Chart) -> bool:
        """Whether what was typed is what ``chart`` says already."""
        return all(self.cleaned_data[name] == getattr(chart, name) for name in CHART_TEXTS)

    def save(self, chart: Chart, *, by: User, now: datetime) -> Chart:
        """:func:`records.charting.update_chart`."""
        return charting.update_chart(chart, by=by, now=now, version=self.seen, **self.texts())


class AskForm(Refusable, forms.Form):
    """What a patient wants to have put right in a record."""

    text = ClinicalText(label=_("What is wrong, and what would be right?"), required=True, rows=4)

    def save(self, record: MedicalRecord, *, by: User, now: datetime) -> AmendmentRequest:
        """:func:`records.charting.ask_to_amend`."""
        return charting.ask_to_amend(record, by=by, now=now, text=self.cleaned_data["text"])
