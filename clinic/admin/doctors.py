"""Doctors: their profiles, and whether they are let in."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts import staffing
from accounts.admin.base import VerbAdmin
from accounts.admin.verbs import Verb
from accounts.models import User
from clinic import availability, doctors
from clinic.admin.doctor_forms import CopyWeekForm, DoctorForm, EnteringForm
from clinic.admin.visits import of_doctor
from clinic.admin.waiting import TellsWhoWaits
from clinic.models import Approval, Availability, Doctor


def _may_be_copied(_by: User, doctor: Doctor) -> bool:
    return doctor.approval == Approval.APPROVED


def _may_be_let_in(_by: User, doctor: Doctor) -> bool:
    return doctor.approval != Approval.APPROVED


def _may_be_rejected(_by: User, doctor: Doctor) -> bool:
    return doctor.approval != Approval.REJECTED


def _may_be_let_go(by: User, doctor: Doctor) -> bool:
    return doctor.user.is_active and staffing.may_manage(by, doctor.user)


def _may_come_back(by: User, doctor: Doctor) -> bool:
    return not doctor.user.is_active and staffing.may_manage(by, doctor.user)


def _is_available(_by: User, doctor: Doctor) -> bool:
    return doctor.is_bookable and doctor.status == Availability.AVAILABLE


def _is_occupied(_by: User, doctor: Doctor) -> bool:
    return doctor.is_bookable and doctor.status == Availability.OCCUPIED


def _let_go(doctor: Doctor, *, by: User, now: datetime) -> None:
    staffing.deactivate(doctor.user, by=by, now=now)


def _let_back(doctor: Doctor, *, by: User, now: datetime) -> None:
    staffing.reactivate(doctor.user, by=by, now=now)


@admin.register(Doctor)
class DoctorAdmin(TellsWhoWaits):
    """A doctor is never deleted: the account is deactivated, or the doctor rejected."""

    form = DoctorForm
    verbs = (
        Verb(
            name="approve",
            label=_("Approve"),
            explanation=_("The doctor appears in the directory and can be booked. An applicant becomes a doctor."),
            done=_("The doctor is approved."),
            call=doctors.approve,
            offered=_may_be_let_in,
        ),
        Verb(
            name="reject",
            label=_("Reject"),
            explanation=_("The doctor leaves the directory. Visits to come are listed to be moved."),
            done=_("The doctor is rejected."),
            call=doctors.reject,
            offered=_may_be_rejected,
            takes_away=True,
            goes_with=of_doctor,
        ),
        Verb(
            name="copy-week",
            label=_("Copy week to a colleague"),
            explanation=_(
                "The colleague works when this doctor does, at the same sites. Hours that the colleague has are"
                " replaced; visits that lose their place by it are listed to be moved."
            ),
            done=_("The week is copied."),
            call=availability.copy_week,
            offered=_may_be_copied,
            form=CopyWeekForm,
        ),
        Verb(
            name="occupied",
            label=_("Take no new bookings"),
            explanation=_("Patients see the doctor, and cannot book. Visits that are booked stay booked."),
            done=_("The doctor takes no new bookings from patients."),
            call=partial(doctors.correct, status=Availability.OCCUPIED),
            offered=_is_available,
        ),
        Verb(
            name="available",
            label=_("Take bookings again"),
            explanation=_("Patients can book the doctor's free times."),
            done=_("The doctor takes bookings again."),
            call=partial(doctors.correct, status=Availability.AVAILABLE),
            offered=_is_occupied,
        ),
        Verb(
            name="deactivate",
            label=_("Deactivate"),
            explanation=_(
                "The doctor can sign in no more and leaves the directory. What was done stays. Visits to come are"
                " listed to be moved."
            ),
            done=_("The doctor's account is deactivated."),
            call=_let_go,
            offered=_may_be_let_go,
            takes_away=True,
            goes_with=of_doctor,
        ),
        Verb(
            name="reactivate",
            label=_("Reactivate"),
            explanation=_("The doctor can sign in again, and is in the directory again if he is approved."),
            done=_("The doctor's account is active again."),
            call=_let_back,
            offered=_may_come_back,
        ),
    )
    list_display = ("name", "known_for", "found_in", "status", "approval", "is_active")
    list_filter = ("approval", "status", "departments", "specialties")
    list_select_related = ("user",)
    search_fields = ("user__last_name", "user__first_name", "license_number")
    search_help_text = _("Name or license number")
    autocomplete_fields = ("user",)
    readonly_fields = ("approval", "is_active", "calendar", *VerbAdmin.readonly_fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """All doctors, with what the list prints."""
        rows = super().get_queryset(request)
        return rows.select_related("user").prefetch_related("specialties", "departments")

    def get_fieldsets(self, request: HttpRequest, obj: Doctor | None = None) -> Any:
        """Who, what for, and the public profile; standing and calendar once there is one."""
        invited = _("An account is made, and its owner gets a mail with a link, by which to set a password.")
        blocks: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": ("user", "title", "status")}),
            *([] if obj else [(_("Or somebody who has no account"), {"fields": doctors.WHO, "description": invited})]),
            (_("Work"), {"fields": ("departments", "specialties", "visit_types", "consultation_fee")}),
            (_("Profile"), {"fields": ("license_number", "practising_since", "languages", "bio")}),
        ]
        if obj is None:
            return blocks
        return [*blocks, (_("Standing"), {"fields": self.readonly_fields})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """For a new one, a form that knows of new people too."""
        return super().get_form(request, obj, change, **({} if obj else {"form": EnteringForm}) | kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Doctor | None = None) -> tuple[str, ...]:
        """Whose profile it is, once there is one."""
        return ("user", *self.readonly_fields) if obj else self.readonly_fields

    def choice_label(self, obj: Doctor) -> str:
        """With a word about those who take no bookings."""
        return str(obj) if obj.is_bookable else f"{obj} ({_('takes no bookings')})"

    @admin.display(description=_("doctor"), ordering="user__last_name")
    def name(self, obj: Doctor) -> str:
        """Title and name."""
        return str(obj)

    @admin.display(description=_("specialties"))
    def known_for(self, obj: Doctor) -> str:
        """The doctor's specialties."""
        return ", ".join(str(specialty) for specialty in obj.specialties.all())

    @admin.display(description=_("departments"))
    def found_in(self, obj: Doctor) -> str:
        """The doctor's departments."""
        return ", ".join(str(department) for department in obj.departments.all())

    @admin.display(description=_("active"), boolean=True, ordering="user__is_active")
    def is_active(self, obj: Doctor) -> bool:
        """Whether the doctor's account is."""
        return obj.user.is_active

    @admin.display(description=_("calendar"))
    def calendar(self, obj: Doctor) -> str:
        """Where the doctor's hours, time off and visits are."""
        pages = (("weeklyhours", _("Hours")), ("scheduleexception", _("Time off")), ("appointment", _("Visits")))
        links = ((reverse(f"admin:clinic_{page}_changelist"), obj.pk, name) for page, name in pages)
        return format_html_join(" · ", '<a href="{}?doctor__id__exact={}">{}</a>', links)
