"""Those who are treated."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.encryption import EncryptedTextField
from accounts.models.base import BaseModel
from accounts.models.found_by import insurance_digest, name_key
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
    """A person who is treated. Without ``user``: a child, or somebody registered at the desk.

    ``name_key`` and ``insurance_digest`` are what :meth:`save` makes of the names and the insurance number, to find
    them by; they are shown nowhere.
    """

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, null=True, blank=True)
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    insurance_provider = models.CharField(_("insurance provider"), max_length=100, blank=True)
    insurance_number = EncryptedTextField(_("insurance number"), blank=True)
    insurance_digest = models.CharField(max_length=64, blank=True, editable=False)
    name_key = models.CharField(max_length=200, blank=True, editable=False)
    emergency_contact = models.CharField(_("emergency contact"), max_length=200, blank=True)
    reminder_channel = models.CharField(
        _("reminders"), max_length=10, choices=ReminderChannel, default=ReminderChannel.EMAIL
    )

    DERIVED = {"name_key": ("first_name", "last_name"), "insurance_digest": ("insurance_number",)}
    """By what somebody is found, and what it is made of."""

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ("last_name", "first_name", "id")
        indexes = (
            models.Index(fields=("last_name", "first_name"), name="patient_by_name"),
            models.Index(fields=("name_key",), name="patient_by_name_key"),
            models.Index(fields=("date_of_birth",), name="patient_by_birth"),
            models.Index(fields=("phone",), name="patient_by_phone", condition=~models.Q(phone="")),
            models.Index(fields=("email",), name="patient_by_email", condition=~models.Q(email="")),
            models.Index(
                fields=("insurance_digest",), name="patient_by_insurance", condition=~models.Q(insurance_digest="")
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="patient_has_a_known_reminder_channel",
                condition=models.Q(reminder_channel__in=ReminderChannel.values),
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Derive what a patient is found by from what is saved; what was not read from the database stays unread."""
        unread, only = self.get_deferred_fields(), kwargs.get("update_fields")
        made = [name for name, sources in self.DERIVED.items() if not unread.intersection(sources)]
        if "name_key" in made:
            self.name_key = name_key(self.first_name, self.last_name)
        if "insurance_digest" in made:
            self.insurance_digest = insurance_digest(self.insurance_number)
        if only is not None:
            kwargs["update_fields"] = {*only, *(name for name in made if set(only).intersection(self.DERIVED[name]))}
        super().save(*args, **kwargs)
