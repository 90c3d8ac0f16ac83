"""Those who treat."""

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import BaseModel, Role

if TYPE_CHECKING:
    from clinic.models.organisation import Site


class Availability(models.TextChoices):
    """Whether patients may book online; set by hand."""

    AVAILABLE = "available", _("Available")
    OCCUPIED = "occupied", _("Occupied")


class Approval(models.TextChoices):
    """Whether the organisation has let the doctor in."""

    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class DoctorQuerySet(models.QuerySet["Doctor"]):
    """Questions about doctors."""

    def public(self) -> "DoctorQuerySet":
        """Those in the directory: approved, active, and still doctors."""
        return self.filter(approval=Approval.APPROVED, user__is_active=True, user__role=Role.DOCTOR)

    def bookable_online(self) -> "DoctorQuerySet":
        """Those with whom a patient may book now."""
        return self.public().filter(status=Availability.AVAILABLE)

    def at(self, site: UUID) -> "DoctorQuerySet":
        """Those who have hours at a site, weekly ones or extra ones."""
        hours = Q(weekly_hours__site=site) | Q(exceptions__site=site, exceptions__kind="extra_hours")
        # A query of its own: the joins would show a doctor once for each of his hours.
        return self.filter(pk__in=Doctor.objects.filter(hours).values("pk"))

    def of(self, department: UUID) -> "DoctorQuerySet":
        """Those of a department, if it is open."""
        return self.filter(departments=department, departments__is_active=True)

    def speaking(self, language: str) -> "DoctorQuerySet":
        """Those who name this language, in whatever case."""
        # Not all databases look into lists; all look into their text, in which letters may be written as codes.
        written = {json.dumps(language), json.dumps(language, ensure_ascii=False)}
        said = Q()
        for text in written:
            said |= Q(languages_text__icontains=text)
        return self.annotate(languages_text=Cast("languages", models.TextField())).filter(said)


class Doctor(BaseModel):
    """A doctor's public profile and standing."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT)
    departments = models.ManyToManyField("clinic.Department", blank=True, related_name="doctors")
    specialties = models.ManyToManyField("clinic.Specialty", blank=True, related_name="doctors")
    title = models.CharField(_("title"), max_length=50, blank=True)
    license_number = models.CharField(_("license number"), max_length=50, unique=True, null=True, blank=True)
    practising_since = models.DateField(_("practising since"), null=True, blank=True)
    bio = models.TextField(_("about"), blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    consultation_fee = models.DecimalField(
        _("consultation fee"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    visit_types = models.ManyToManyField("clinic.VisitType", blank=True, related_name="doctors")
    status = models.CharField(_("status"), max_length=10, choices=Availability, default=Availability.AVAILABLE)
    approval = models.CharField(_("approval"), max_length=10, choices=Approval, default=Approval.PENDING)
    wants_agenda = models.BooleanField(_("wants the day's times by e-mail"), default=False)

    objects = DoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        ordering = ("user__last_name", "user__first_name", "id")
        constraints = (
            models.CheckConstraint(name="doctor_has_a_known_status", condition=Q(status__in=Availability.values)),
            models.CheckConstraint(name="doctor_has_a_known_approval", condition=Q(approval__in=Approval.values)),
            models.CheckConstraint(
                name="fee_is_not_negative", condition=Q(consultation_fee__isnull=True) | Q(consultation_fee__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.user}".strip()

    def experience_years(self, today: date | None = None) -> int | None:
        """Whole years in practice on ``today``, or None if it is not known since when."""
        if self.practising_since is None:
            return None
        today, since = today or timezone.localdate(), self.practising_since
        return max(0, today.year - since.year - ((today.month, today.day) < (since.month, since.day)))

    @property
    def sites(self) -> "list[Site]":
        """Where he has weekly hours, by name; one query, none if ``weekly_hours__site`` is prefetched."""
        found = {hours.site_id: hours.site for hours in self.weekly_hours.all()}
        return sorted(found.values(), key=lambda site: site.name)

    @property
    def is_bookable(self) -> bool:
        """Whether anybody at all may book: approved, active, and still a doctor."""
        return self.approval == Approval.APPROVED and self.user.is_active and self.user.role == Role.DOCTOR
