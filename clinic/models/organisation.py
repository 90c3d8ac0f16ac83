"""Where care is given, and how it is divided."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import BaseModel, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

NO_PLACES = {"localtime", "Factory"}
"""In the database of zones too, but the first is another on each machine, and the second none."""


def known_zone(name: str) -> None:
    """ValidationError (``unknown_zone``) unless ``name`` is a zone of the IANA time zone database."""
    if name not in available_timezones() - NO_PLACES:
        raise ValidationError(_("Enter a time zone such as Europe/Berlin."), code="unknown_zone")


class SiteQuerySet(models.QuerySet["Site"]):
    """Questions about sites."""

    def public(self) -> "SiteQuerySet":
        """Every site: an address is no secret."""
        return self.all()


class Site(BaseModel):
    """A place where patients are seen, with its own clock."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    address = models.TextField(_("address"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[known_zone], default="Europe/Berlin")
    phone = PhoneNumberField(_("phone"), blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)


class DepartmentQuerySet(models.QuerySet["Department"]):
    """Questions about departments."""

    def public(self) -> "DepartmentQuerySet":
        """Those that are open."""
        return self.filter(is_active=True)

    def visible_to(self, user: "User | AnonymousUser") -> "DepartmentQuerySet":
        """An administrator: all. Everybody else: those that are open."""
        arranges = user.is_authenticated and user.is_active and user.role == Role.ADMIN
        return self.all() if arranges else self.public()


class Department(BaseModel):
    """A part of the organisation, such as Oncology."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SpecialtyQuerySet(models.QuerySet["Specialty"]):
    """Questions about specialties."""

    def public(self) -> "SpecialtyQuerySet":
        """Every specialty."""
        return self.all()


class Specialty(BaseModel):
    """What a doctor is trained in, such as Cardiology."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = SpecialtyQuerySet.as_manager()

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
