"""The rules of booking, each said once. All are asked under the verb's locks."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Patient, Role, User
from clinic import slots
from clinic.booking.transaction import Lost
from clinic.models import Appointment, Availability, Doctor, Status, VisitType
from clinic.models.appointment import TIME_IS_HELD
from clinic.slots import Slot, SlotTaken
from clinic.slots.check import refusal


def binds(by: User | None, patient: Patient | None) -> bool:
    """Whether the patients' rules bind: for strangers, patients, and whoever books for himself."""
    return by is None or by.role == Role.PATIENT or (patient is not None and patient.user_id == by.pk)


def may_book_for(by: User, patient: Patient, doctor: Doctor) -> None:
    """PermissionDenied unless ``by`` is the patient, staff, or the doctor and has treated the patient."""
    if not by.is_active:
        raise PermissionDenied
    if patient.user_id == by.pk or by.is_staff:
        return
    if by.role == Role.DOCTOR and doctor.user_id == by.pk and doctor.is_bookable:
        shared = Appointment.objects.visible_to(by).filter(patient=patient, doctor=doctor)
        if shared.exclude(status__in=(Status.CANCELLED, Status.NO_SHOW)).exists():
            return
    raise PermissionDenied


def may_change(by: User, appointment: Appointment) -> None:
    """PermissionDenied unless ``by`` is its patient, its doctor or staff."""
    if not Appointment.objects.visible_to(by).filter(pk=appointment.pk).exists():
        raise PermissionDenied


def doctor_takes(doctor: Doctor, visit_type: VisitType | None, *, online: bool) -> None:
    """Refuse a doctor who is not bookable or does not offer the visit; ``online`` adds what binds patients."""
    if not doctor.is_bookable or (online and doctor.status == Availability.OCCUPIED):
        raise refusal("doctor_not_bookable", _("This doctor takes no bookings at present."), "doctor")
    if visit_type is None:
        return
    offered = doctor.visit_types.filter(pk=visit_type.pk).exists()
    if not offered or (online and not visit_type.online_bookable):
        raise refusal("visit_type_not_offered", _("This doctor does not offer this visit."), "visit_type")


def free_slot(
    doctor: Doctor,
    starts_at: datetime,
    *,
    visit_type: VisitType | None,
    now: datetime,
    binds_patient: bool,
    ignoring: UUID | None = None,
) -> Slot:
    """The slot, or its refusal; a taken one brings alternatives along."""
    try:
        return slots.check(
            doctor, starts_at, now=now, visit_type=visit_type, binds_patient=binds_patient, ignoring=ignoring
        )
    except SlotTaken as error:
        raise Lost(error, doctor, starts_at, visit_type, now) from None


def patient_is_free(
    patient: Patient, starts_at: datetime, ends_at: datetime, *, now: datetime, ignoring: UUID | None = None
) -> None:
    """Refuse a second place at one time (``patient_busy``); nobody can override this."""
    others = Appointment.objects.filter(TIME_IS_HELD, patient=patient, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if ignoring is not None:
        others = others.exclude(pk=ignoring)
    if others.without_expired_holds(now).exists():
        raise refusal("patient_busy", _("There is another appointment at this time."))


def not_too_many(patient: Patient, *, now: datetime) -> None:
    """Refuse a patient more than MAX_UPCOMING_PER_PATIENT appointments to come."""
    if Appointment.objects.filter(patient=patient).upcoming(now).count() >= settings.MAX_UPCOMING_PER_PATIENT:
        raise ValidationError(_("There are too many appointments to come already."), code="too_many_upcoming")


def give_up_own_holds(patient: Patient, by: User, *, but: UUID | None = None) -> None:
    """Delete what the patient holds, so that it is not in his own way when he books something himself."""
    if patient.user_id == by.pk:
        held = Appointment.objects.filter(patient=patient, status=Status.HELD)
        (held.exclude(pk=but) if but else held).delete()


def drop_expired_holds(
    slot: Slot, occupied: tuple[datetime, datetime], *, doctor: Doctor, patient: Patient | None, now: datetime
) -> None:
    """Delete holds past their deadline that would stand in the constraints' way: they cannot look at the clock."""
    in_the_way = Q(doctor=doctor, occupied_from__lt=occupied[1], occupied_until__gt=occupied[0])
    if patient is not None:
        in_the_way |= Q(patient=patient, starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at)
    Appointment.objects.expired_holds(now).filter(in_the_way).delete()


def occupied(slot: Slot) -> tuple[datetime, datetime]:
    """The slot with the buffers of its visit."""
    kind = slot.visit_type
    before, after = (kind.buffer_before, kind.buffer_after) if kind else (0, 0)
    return slot.starts_at - timedelta(minutes=before), slot.ends_at + timedelta(minutes=after)
