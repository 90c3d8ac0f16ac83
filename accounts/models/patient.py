"""Those who are treated."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.encryption import EncryptedTextField
from accounts.models.base import BaseModel
from accounts.models.user import STAFF_ROLES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.user import User


class ReminderChannel(models.TextChoices):
    """How a patient wants to be reminded."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    NONE = "none", _("Not at all")


class PatientQuerySet(models.QuerySet["Patient"]):
    """Questions about patients."""

    def visible_to(self, user: "User | AnonymousUser") -> "PatientQuerySet":
        """Staff see all; everybody else only himself."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.role in STAFF_ROLES else self.filter(user=user)


class Patient(BaseModel):
    """A person who is treated. Without ``user``: a child, or somebody registered at the desk."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, null=True, blank=True)
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    insurance_provider = models.CharField(_("insurance provider"), max_length=100, blank=True)
    insurance_number = EncryptedTextField(_("insurance number"), blank=True)
    emergency_contact = models.CharField(_("emergency contact"), max_length=200, blank=True)
    reminder_channel = models.CharField(
        _("reminders"), max_length=10, choices=ReminderChannel, default=ReminderChannel.EMAIL
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ("last_name", "first_name", "id")
        indexes = (models.Index(fields=("last_name", "first_name"), name="patient_by_name"),)
        constraints = (
            models.CheckConstraint(
                name="patient_has_a_known_reminder_channel",
                condition=models.Q(reminder_channel__in=ReminderChannel.values),
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
