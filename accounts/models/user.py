"""Everybody who signs in."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models.base import BaseModel


class Role(models.TextChoices):
    """What a person is to the clinic; it decides what he may do."""

    PATIENT = "patient", _("Patient")
    DOCTOR = "doctor", _("Doctor")
    RECEPTIONIST = "receptionist", _("Receptionist")
    ADMIN = "admin", _("Administrator")

    @classmethod
    def parse(cls, text: str) -> "Role":
        """The role named in any letter case; ``member`` and ``user`` mean patient. ValueError for any other word."""
        word = text.strip().lower()
        return cls.PATIENT if word in ("member", "user") else cls(word)


STAFF_ROLES = (Role.RECEPTIONIST, Role.ADMIN)


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is always kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user; without a password nobody can sign in with one. ValueError if there is no address."""
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator whom no permission is asked of. A superuser opens no medical record by that."""
        return self.create_user(email, password, role=Role.ADMIN, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, in any letter case."""
        return self.get(email=(username or "").strip().lower())


class User(BaseModel, AbstractBaseUser, PermissionsMixin):
    """A person with an e-mail address to sign in with, and one role."""

    email = models.EmailField(
        _("e-mail address"), unique=True, error_messages={"unique": _("Somebody has this e-mail address already.")}
    )
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PATIENT)
    phone = PhoneNumberField(_("phone"), blank=True)
    picture = models.ImageField(_("picture"), upload_to="pictures/", blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("last_name", "first_name", "id")
        constraints = (
            models.CheckConstraint(name="user_has_a_known_role", condition=models.Q(role__in=Role.values)),
            models.CheckConstraint(name="user_email_is_lower_case", condition=models.Q(email=Lower("email"))),
        )

    def __str__(self) -> str:
        return self.get_full_name()

    def clean(self) -> None:
        """Bring the address into the one form that is stored."""
        super().clean()
        self.email = self.email.strip().lower()

    @property
    def is_staff(self) -> bool:
        """Whether the admin opens: receptionists and administrators."""
        return self.role in STAFF_ROLES

    def get_full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """First name."""
        return self.first_name
