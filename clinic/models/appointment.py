"""A meeting of a doctor and a patient, from the moment its time is held."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedTextField
from accounts.models import BaseModel, Role
from accounts.models.user import STAFF_ROLES
from clinic.constraints import NoOverlap
from clinic.models.doctor import Approval

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

SAYABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that are not taken for each other on the telephone."""


def new_reference() -> str:
    """Eight characters to be said on the telephone."""
    return "".join(secrets.choice(SAYABLE) for _ in range(8))


class Status(models.TextChoices):
    """Where an appointment stands."""

    HELD = "held", _("Held")
    SCHEDULED = "scheduled", _("Scheduled")
    ARRIVED = "arrived", _("Arrived")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Did not come")


HOLDS_TIME = (Status.HELD, Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)
TIME_IS_HELD = Q(status__in=[status.value for status in HOLDS_TIME])
HOLD_HAS_EXPIRED = Q(status=Status.HELD.value, hold_expires_at__lte=Now())
LONGEST = timedelta(hours=12)
"""No appointment occupies more: 8 hours and 2 hours of buffer on either side."""


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Questions about appointments; those about the clock are given it."""

    def visible_to(self, user: "User | AnonymousUser") -> "AppointmentQuerySet":
        """Staff: all. An approved doctor: those with him. Everybody: his own as a patient. Holds are nobody's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        booked = self.exclude(status=Status.HELD)
        if user.role in STAFF_ROLES:
            return booked
        own = Q(patient__user=user)
        if user.role == Role.DOCTOR:
            own |= Q(doctor__user=user, doctor__approval=Approval.APPROVED)
        return booked.filter(own)

    def occupying(self, start: datetime, end: datetime) -> "AppointmentQuerySet":
        """Those that hold time which touches ``[start, end)``, buffers included; expired holds too."""
        return self.filter(
            TIME_IS_HELD,
            # The lower bound on occupied_from lets the index skip the past.
            occupied_from__gt=start - LONGEST,
            occupied_from__lt=end,
            occupied_until__gt=start,
        )

    def without_expired_holds(self, now: datetime) -> "AppointmentQuerySet":
        """Leave out holds whose deadline has come."""
        return self.exclude(status=Status.HELD, hold_expires_at__lte=now)

    def upcoming(self, now: datetime) -> "AppointmentQuerySet":
        """Not over and not given up, the next first."""
        going = (Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS)
        # The lower bound on starts_at lets the index skip the past.
        soonest = {"starts_at__gt": now - LONGEST, "ends_at__gt": now}
        return self.filter(status__in=going, **soonest).order_by("starts_at", "id")

    def past(self, now: datetime) -> "AppointmentQuerySet":
        """Over or given up, the latest first."""
        going = (Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS)
        return self.exclude(status__in=going, ends_at__gt=now).exclude(status=Status.HELD).order_by("-starts_at", "id")

    def with_names(self) -> "AppointmentQuerySet":
        """Bring along what every page prints: doctor, patient, site, visit type."""
        return self.select_related("doctor__user", "patient__user", "site", "visit_type")


class Appointment(BaseModel):
    """A time that one doctor keeps for one patient.

    ``[starts_at, ends_at)`` is the visit; ``[occupied_from, occupied_until)`` adds the buffers. Both UTC. While held,
    the patient may be unknown and ``hold_expires_at`` is the deadline.
    """

    reference = models.CharField(_("reference"), max_length=8, unique=True, default=new_reference, editable=False)
    doctor = models.ForeignKey("clinic.Doctor", on_delete=models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(
        "accounts.Patient", on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    site = models.ForeignKey("clinic.Site", on_delete=models.PROTECT, related_name="appointments")
    visit_type = models.ForeignKey(
        "clinic.VisitType", on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    occupied_from = models.DateTimeField(_("occupied from"))
    occupied_until = models.DateTimeField(_("occupied until"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.SCHEDULED)
    reason = EncryptedTextField(_("reason"), blank=True)
    notes = EncryptedTextField(_("notes"), blank=True)
    booked_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="booked_appointments"
    )
    visitor = models.CharField(max_length=64, blank=True, editable=False)
    hold_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    hold_extended = models.BooleanField(default=False, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    no_show_at = models.DateTimeField(_("did not come"), null=True, blank=True)
    # Of a visit that goes its way, who took its last step and may take it back; empty once it was taken back.
    last_step_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    cancelled_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="cancelled_appointments"
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancel_reason = models.CharField(_("reason for cancelling"), max_length=500, blank=True)
    is_overbooked = models.BooleanField(_("overbooked"), default=False)
    override_reason = models.CharField(_("reason for overbooking"), max_length=500, blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # Since when it stands at this time: what should have been told before is not told any more.
    agreed_at = models.DateTimeField(null=True, blank=True, editable=False)

    TRANSITIONS = {
        Status.HELD: (Status.SCHEDULED,),
        Status.SCHEDULED: (Status.ARRIVED, Status.IN_PROGRESS, Status.CANCELLED, Status.NO_SHOW),
        Status.ARRIVED: (Status.IN_PROGRESS, Status.CANCELLED),
        Status.IN_PROGRESS: (Status.COMPLETED,),
        Status.COMPLETED: (),
        Status.CANCELLED: (),
        Status.NO_SHOW: (),
    }

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=("doctor", "occupied_from"), name="appointments_by_doctor"),
            models.Index(fields=("patient", "starts_at"), name="appointments_by_patient"),
            models.Index(fields=("site", "starts_at"), name="appointments_by_site"),
            models.Index(fields=("starts_at",), name="appointments_by_start"),
            models.Index(fields=("updated_at",), name="appointments_by_change"),
            models.Index(fields=("hold_expires_at",), name="holds_by_deadline", condition=Q(status="held")),
        )
        constraints = (
            NoOverlap(
                name="doctor_sees_one_patient_at_a_time",
                owner="doctor",
                start="occupied_from",
                end="occupied_until",
                while_=TIME_IS_HELD & Q(is_overbooked=False),
                ignored=HOLD_HAS_EXPIRED,
                violation_error_code="slot_taken",
                violation_error_message=_("This time was just taken."),
            ),
            NoOverlap(
                name="patient_is_in_one_place_at_a_time",
                owner="patient",
                start="starts_at",
                end="ends_at",
                while_=TIME_IS_HELD,
                ignored=HOLD_HAS_EXPIRED,
                violation_error_code="patient_busy",
                violation_error_message=_("There is another appointment at this time."),
            ),
            models.CheckConstraint(name="appointment_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="occupied_time_covers_the_visit",
                condition=Q(occupied_from__lte=F("starts_at"), occupied_until__gte=F("ends_at")),
            ),
            models.CheckConstraint(name="appointment_has_a_known_status", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="only_a_hold_is_without_patient", condition=Q(status="held") | Q(patient__isnull=False)
            ),
            models.CheckConstraint(
                name="a_hold_has_a_deadline",
                condition=Q(status="held", hold_expires_at__isnull=False)
                | (~Q(status="held") & Q(hold_expires_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="overbooking_has_a_reason", condition=Q(is_overbooked=False) | ~Q(override_reason="")
            ),
            models.UniqueConstraint(
                name="visitor_has_one_live_hold", fields=("visitor",), condition=Q(status="held") & ~Q(visitor="")
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def cancellable_until(self) -> datetime:
        """Until when the patient may cancel or move it (UTC); the clinic always may."""
        return self.starts_at - timedelta(hours=settings.CANCELLATION_NOTICE_HOURS)

    def may_become(self, status: Status) -> bool:
        """Whether ``status`` may follow the present one."""
        return status in self.TRANSITIONS[Status(self.status)]

    def is_changeable_by_patient(self, now: datetime) -> bool:
        """Whether the patient may still cancel or move it at ``now``."""
        return self.status == Status.SCHEDULED and now <= self.cancellable_until

    def may_read_reason(self, user: "User | AnonymousUser") -> bool:
        """Whether ``user`` may read why the patient comes: the patient, and the doctor of this appointment."""
        if not user.is_authenticated:
            return False
        if self.patient is not None and self.patient.user_id == user.pk:
            return True
        return user.role == Role.DOCTOR and self.doctor.user_id == user.pk

    def is_run_by(self, user: "User | AnonymousUser") -> bool:
        """Whether ``user`` stands on the clinic's side of it: staff, or its doctor. Whoever is its patient does not."""
        if not user.is_authenticated or not user.is_active:
            return False
        if self.patient is not None and self.patient.user_id == user.pk:
            return False
        is_its_doctor = user.role == Role.DOCTOR and self.doctor.user_id == user.pk
        return user.role in STAFF_ROLES or (is_its_doctor and self.doctor.approval == Approval.APPROVED)

    @property
    def etag(self) -> str:
        """The version of this row, as an HTTP entity tag (RFC 9110, 8.8.3)."""
        return f'"{self.pk.hex}-{self.sequence}-{self.status}-{int(self.updated_at.timestamp() * 1_000_000)}"'
