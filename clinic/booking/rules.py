"""The rules of booking, each said once. All are asked under the verb's locks."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Patient, Role, User
from clinic import slots
from clinic.booking.actors import Actor, LinkHolder
from clinic.booking.transaction import Lost
from clinic.models import Appointment, Doctor, Status, VisitType
from clinic.models.appointment import TIME_IS_HELD
from clinic.slots import Slot, SlotTaken
from clinic.slots.check import refusal
from clinic.slots.obstacles import of_doctor, refused

NO_HOLD = Q(pk__in=[])


def binds(by: Actor | None, patient: Patient | None) -> bool:
    """Whether the patients' rules bind: for strangers, patients and their links, and whoever books for himself."""
    if by is None or isinstance(by, LinkHolder):
        return True
    return by.role == Role.PATIENT or (patient is not None and patient.user_id == by.pk)


def is_staff(by: Actor) -> bool:
    """Whether ``by`` works at the clinic's desk."""
    return isinstance(by, User) and by.is_staff


def holds_for_himself(by: User | None, doctor: Doctor) -> bool:
    """Whether a hold is kept by patients' rules: staff hold for anybody, a doctor for the patients of his calendar."""
    return by is None or not (by.is_staff or (by.role == Role.DOCTOR and doctor.user_id == by.pk))


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


def may_change(by: Actor, appointment: Appointment) -> None:
    """PermissionDenied unless ``by`` is its patient, its doctor or staff, or holds a link to this very appointment."""
    if isinstance(by, LinkHolder):
        patient = appointment.patient
        if patient is None or (by.appointment, by.patient) != (appointment.pk, patient.pk):
            raise PermissionDenied
        if appointment.status == Status.HELD or (patient.user is not None and not patient.user.is_active):
            raise PermissionDenied
        return
    if not Appointment.objects.visible_to(by).filter(pk=appointment.pk).exists():
        raise PermissionDenied


def doctor_takes(doctor: Doctor, visit_type: VisitType | None, *, online: bool) -> None:
    """Refuse a doctor who is not bookable or does not offer the visit; ``online`` adds what binds patients."""
    for obstacle in of_doctor(doctor, visit_type, online=online):
        raise refused(obstacle)


def free_slot(
    doctor: Doctor,
    starts_at: datetime,
    *,
    visit_type: VisitType | None,
    now: datetime,
    binds_patient: bool,
    ignoring: Collection[UUID] = (),
) -> Slot:
    """The slot, or its refusal; a taken one brings alternatives along."""
    try:
        return slots.check(
            doctor, starts_at, now=now, visit_type=visit_type, binds_patient=binds_patient, ignoring=ignoring
        )
    except SlotTaken as error:
        raise Lost(error, doctor, starts_at, visit_type, now) from None


def patient_is_free(
    patient: Patient, starts_at: datetime, ends_at: datetime, *, now: datetime, ignoring: Collection[UUID] = ()
) -> None:
    """Refuse a second place at one time (``patient_busy``); nobody can override this."""
    others = Appointment.objects.filter(TIME_IS_HELD, patient=patient, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if others.exclude(pk__in=ignoring).without_expired_holds(now).exists():
        raise refusal("patient_busy", _("There is another appointment at this time."))


def not_too_many(patient: Patient, *, now: datetime) -> None:
    """Refuse a patient more than MAX_UPCOMING_PER_PATIENT appointments to come."""
    if Appointment.objects.filter(patient=patient).upcoming(now).count() >= settings.MAX_UPCOMING_PER_PATIENT:
        raise ValidationError(_("There are too many appointments to come already."), code="too_many_upcoming")


def own_holds(patient: Patient, by: Actor) -> list[UUID]:
    """What the patient holds, if he books himself: it is not in his own way, and is given up when he has booked."""
    if isinstance(by, LinkHolder) or patient.user_id != by.pk:
        return []
    return list(Appointment.objects.filter(patient=patient, status=Status.HELD).values_list("pk", flat=True))


def expired_in_the_way(
    doctor: Doctor, patient: Patient | None, visit: tuple[datetime, datetime], occupied: tuple[datetime, datetime]
) -> Q:
    """Which holds would stand in the constraints' way, which cannot look at the clock, if they have expired."""
    found = Q(doctor=doctor, occupied_from__lt=occupied[1], occupied_until__gt=occupied[0])
    if patient is not None:
        found |= Q(patient=patient, starts_at__lt=visit[1], ends_at__gt=visit[0])
    return found


def remove_holds(given_up: Q, *, expired: Q = NO_HOLD, now: datetime, but: UUID | None = None) -> None:
    """Delete the holds that are ``given_up``, and those of ``expired`` whose deadline has come.

    ``but`` is a hold that is to become an appointment: it is left, and ``hold_expired`` is raised if it is gone.

    Not every hold's doctor is locked here. So each verb locks all holds that it touches at once, in the order of their
    ids, or two verbs would wait for each other; and asks under these locks whether they are holds still, or one that
    has just become an appointment would be deleted.
    """
    which = given_up | (expired & Q(hold_expires_at__lte=now)) | Q(pk__in=[but] if but else [])
    held = Appointment.objects.filter(which, status=Status.HELD).order_by("pk").select_for_update()
    found = set(held.values_list("pk", flat=True))
    if but is not None and but not in found:
        raise hold_expired()
    if found - {but}:
        Appointment.objects.filter(pk__in=found - {but}).delete()


def hold_expired() -> ValidationError:
    """The refusal of a hold whose time has run out."""
    return ValidationError(_("The time is not kept for you any more; please choose one again."), code="hold_expired")


def occupied(slot: Slot) -> tuple[datetime, datetime]:
    """The slot with the buffers of its visit."""
    kind = slot.visit_type
    before, after = (kind.buffer_before, kind.buffer_after) if kind else (0, 0)
    return slot.starts_at - timedelta(minutes=before), slot.ends_at + timedelta(minutes=after)
