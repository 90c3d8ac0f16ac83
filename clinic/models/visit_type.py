"""What a visit can be."""

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BaseModel, Role
from accounts.models.user import STAFF_ROLES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class Mode(models.TextChoices):
    """How doctor and patient meet."""

    IN_PERSON = "in_person", _("In person")
    VIDEO = "video", _("Video call")
    PHONE = "phone", _("Telephone")


class VisitTypeQuerySet(models.QuerySet["VisitType"]):
    """Questions about visit types."""

    def public(self) -> "VisitTypeQuerySet":
        """Those that patients may book themselves."""
        return self.filter(online_bookable=True)

    def visible_to(self, user: "User | AnonymousUser") -> "VisitTypeQuerySet":
        """Staff and doctors: all. Everybody else: those that patients may book themselves."""
        works_here = user.is_authenticated and user.is_active and user.role in (*STAFF_ROLES, Role.DOCTOR)
        return self.all() if works_here else self.public()


class VisitType(BaseModel):
    """A kind of visit: its length, the minutes that the doctor needs before and after, and what to bring."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MinValueValidator(5), MaxValueValidator(480)])
    buffer_before = models.PositiveSmallIntegerField(
        _("minutes kept free before"), default=0, validators=[MaxValueValidator(120)]
    )
    buffer_after = models.PositiveSmallIntegerField(
        _("minutes kept free after"), default=0, validators=[MaxValueValidator(120)]
    )
    online_bookable = models.BooleanField(_("patients may book it"), default=True)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.IN_PERSON)
    instructions = models.TextField(_("what to bring, how to prepare"), blank=True)

    objects = VisitTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit type")
        verbose_name_plural = _("visit types")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                name="visit_lasts_5_minutes_to_8_hours", condition=Q(minutes__gte=5, minutes__lte=480)
            ),
            models.CheckConstraint(
                name="visit_buffers_are_at_most_2_hours", condition=Q(buffer_before__lte=120, buffer_after__lte=120)
            ),
            models.CheckConstraint(name="visit_type_has_a_known_mode", condition=Q(mode__in=Mode.values)),
        )

    def __str__(self) -> str:
        return self.name
