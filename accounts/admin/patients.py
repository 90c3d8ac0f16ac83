"""Patients: registered at the desk, found by name, telephone number or date of birth."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from accounts import claims, desk, patient_search
from accounts.admin.base import VerbAdmin, actor
from accounts.admin.forms import VerbForm
from accounts.admin.verbs import Verb
from accounts.models import Patient
from accounts.reach import Reach, reach

HOW = {
    Reach.MAIL: _("By e-mail."),
    Reach.SMS: _("By text message."),
    Reach.NO_REMINDERS: _("By e-mail; no reminders."),
    Reach.MAIL_WITHOUT_PHONE: _("By e-mail: a text message is wanted, but there is no telephone number."),
    Reach.MAIL_WITHOUT_SMS: _("By e-mail: a text message is wanted, but none are sent here."),
    Reach.NONE: _("Not at all: there is no address for them. Please call this patient."),
}


class PatientForm(VerbForm):
    """Registers a patient, or corrects what was written."""

    def call(self) -> Patient:
        """The desk's verbs."""
        details = {name: self.cleaned_data[name] for name in desk.DETAILS if name in self.cleaned_data}
        if self.instance._state.adding:
            return desk.register(by=self.by, now=self.now, **details)
        return desk.correct(self.instance, by=self.by, today=self.now.date(), **details)


class HasAccount(admin.SimpleListFilter):
    """Those who can sign in, and those registered at the desk."""

    title = _("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """With and without."""
        return [("yes", _("With an account")), ("no", _("Without"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The patients asked for."""
        return queryset.filter(user__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Patient)
class PatientAdmin(VerbAdmin):
    """The insurance number is shown in full to those who may change it, and to nobody else, and in no list."""

    form = PatientForm
    verbs = (
        Verb(
            name="invite",
            label=_("Send an invitation"),
            explanation=_(
                "The patient gets a mail with a link to an account of his own, which asks for the date of birth."
            ),
            done=_("The invitation is on its way."),
            call=claims.invite,
            offered=lambda _by, patient: claims.is_invitable(patient),
        ),
    )
    list_display = ("name", "date_of_birth", "phone", "email", "insurance_provider", "has_account")
    list_filter = (HasAccount, "reminder_channel")
    # The fields say that there is a search; how it searches is ``get_search_results``.
    search_fields = ("last_name",)
    search_help_text = _("Name, telephone number, or date of birth (1980-05-03 or 3.5.1980)")
    ordering = ("last_name", "first_name", "id")
    readonly_fields = ("account", "reached", "masked_insurance_number", *VerbAdmin.readonly_fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """All patients, for staff."""
        return super().get_queryset(request).visible_to(actor(request))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Whom the words describe."""
        return patient_search.matching(queryset, search_term), False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who, how to reach them, insurance; what is kept about the row last."""
        may_read = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        reminders = ("reminder_channel", "reached") if obj else ("reminder_channel",)
        number = "insurance_number" if may_read else "masked_insurance_number"
        blocks: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": ("first_name", "last_name", "date_of_birth")}),
            (_("How to reach the patient"), {"fields": ("phone", "email", "emergency_contact", *reminders)}),
            (_("Insurance"), {"fields": ("insurance_provider", number)}),
        ]
        if obj:
            blocks.append((_("Record"), {"fields": ("account", *VerbAdmin.readonly_fields)}))
        return blocks

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An insurance number is one line, though the database keeps it as text."""
        if db_field.name == "insurance_number":
            kwargs["widget"] = admin.widgets.AdminTextInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def choice_label(self, obj: Patient) -> str:
        """With the date of birth: two patients may have one name."""
        if obj.date_of_birth is None:
            return str(obj)
        return f"{obj}, {formats.date_format(obj.date_of_birth, 'j F Y')}"

    @admin.display(description=_("name"), ordering="last_name")
    def name(self, obj: Patient) -> str:
        """As in a card index."""
        return f"{obj.last_name}, {obj.first_name}"

    @admin.display(description=_("account"), boolean=True, ordering="user")
    def has_account(self, obj: Patient) -> bool:
        """Whether the patient can sign in."""
        return obj.user_id is not None

    @admin.display(description=_("account"))
    def account(self, obj: Patient) -> str:
        """The address that the patient signs in with."""
        return obj.user.email if obj.user else str(_("None: registered at the desk"))

    @admin.display(description=_("messages go"))
    def reached(self, obj: Patient) -> str:
        """How messages go to the patient, and what is in the way of what he wants."""
        return str(HOW[reach(obj)])

    @admin.display(description=_("insurance number"))
    def masked_insurance_number(self, obj: Patient) -> str:
        """Its last three characters, enough to compare with a card."""
        return f"•••{obj.insurance_number[-3:]}" if obj.insurance_number else "–"
