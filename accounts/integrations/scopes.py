"""What an integrator may be allowed to do: the words of its tokens, and which of them a request needs."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

READING = ("GET", "HEAD", "OPTIONS")


class Scope(models.TextChoices):
    """Each with the sentence that a person reads before agreeing."""

    OPENID = "openid", _("Know who you are")
    PROFILE = "profile", _("Read your name")
    EMAIL = "email", _("Read your email address")
    DIRECTORY_READ = "directory.read", _("Look up doctors, sites and free times")
    APPOINTMENTS_READ = "appointments.read", _("Read the appointments that you can see")
    APPOINTMENTS_WRITE = "appointments.write", _("Book, move and cancel appointments for you")
    CALENDARS_WRITE = "calendars.write", _("Change the working hours and the time off that you may change")
    PATIENTS_READ = "patients.read", _("Read the details of patients that you can see")


ABOUT_PEOPLE = (Scope.OPENID, Scope.PROFILE, Scope.EMAIL)
"""Those that make sense only when a person signs in."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a view of the API asks of an integrator, to read and to write; None: integrators have no business there."""

    read: Scope | None = None
    write: Scope | None = None

    def needed(self, method: str | None) -> Scope | None:
        """The scope for a request with this method."""
        return self.read if method in READING else self.write
