"""When a doctor works: weekly hours, and dated exceptions to them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BaseModel
from clinic.models.doctor import Doctor

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django_stubs_ext import StrOrPromise

    from accounts.models import User

SHORTEST_SLOT, LONGEST_SLOT = 10, 240
"""Minutes."""
SLOT_LIMITS = [MinValueValidator(SHORTEST_SLOT), MaxValueValidator(LONGEST_SLOT)]


class Weekday(models.IntegerChoices):
    """Days as Python and ISO 8601 order them, Monday first, from 0."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class WeeklyHoursQuerySet(models.QuerySet["WeeklyHours"]):
    """Questions about hours."""

    def visible_to(self, user: "User | AnonymousUser") -> "WeeklyHoursQuerySet":
        """Staff: all. Everybody: those of the doctors in the directory, and his own."""
        return self.all() if _is_staff(user) else self.filter(doctor__in=_shown_to(user))


class WeeklyHours(BaseModel):
    """A doctor sees patients at a site on a weekday, from ``starts`` to ``ends`` on the site's wall clock.

    An end before the start lies on the next day. Starts step by ``slot_minutes`` from the block's start.
    """

    doctor = models.ForeignKey("clinic.Doctor", on_delete=models.CASCADE, related_name="weekly_hours")
    site = models.ForeignKey("clinic.Site", on_delete=models.PROTECT, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    slot_minutes = models.PositiveSmallIntegerField(_("slot length in minutes"), default=60, validators=SLOT_LIMITS)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = WeeklyHoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ("doctor", "weekday", "starts")
        indexes = (models.Index(fields=("doctor", "weekday"), name="hours_by_doctor"),)
        constraints = (
            models.CheckConstraint(
                name="hours_do_not_end_when_they_start",
                condition=~Q(starts=F("ends")),
                violation_error_message=_("The end must differ from the start."),
            ),
            models.CheckConstraint(name="hours_are_on_a_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="slots_last_10_minutes_to_4_hours", condition=Q(slot_minutes__gte=10, slot_minutes__lte=240)
            ),
            models.CheckConstraint(
                name="hours_end_being_valid_after_they_begin",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                violation_error_message=_("The last day must not lie before the first."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"

    @property
    def minutes(self) -> int:
        """How long they last by the clock."""
        began, ended = (60 * clock.hour + clock.minute for clock in (self.starts, self.ends))
        return (ended - began) % (24 * 60)

    def clean(self) -> None:
        """Whole minutes only; an end that is not the start; a slot that fits in; a last day that is not before the
        first."""
        super().clean()
        for name in ("starts", "ends"):
            value = getattr(self, name)
            if value is not None and (value.second or value.microsecond):
                raise _refusal(name, "whole_minutes", _("Give whole minutes."))
        if self.starts is not None and self.starts == self.ends:
            raise _refusal("ends", "bad_span", _("The end must differ from the start."))
        if self.starts is not None and self.ends is not None and (self.slot_minutes or 0) > self.minutes:
            raise _refusal("slot_minutes", "slot_longer_than_hours", _("A slot must not be longer than the hours."))
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise _refusal("valid_until", "bad_span", _("The last day must not lie before the first."))


class ExceptionKind(models.TextChoices):
    """What an exception does to the calendar."""

    TIME_OFF = "time_off", _("Time off")
    EXTRA_HOURS = "extra_hours", _("Extra hours")


class ScheduleExceptionQuerySet(models.QuerySet["ScheduleException"]):
    """Questions about exceptions."""

    def visible_to(self, user: "User | AnonymousUser") -> "ScheduleExceptionQuerySet":
        """Staff: all. Everybody: closures, those of the doctors in the directory, and his own."""
        return self.all() if _is_staff(user) else self.filter(Q(doctor=None) | Q(doctor__in=_shown_to(user)))


class ScheduleException(BaseModel):
    """Time off or extra hours between two instants. Time off always wins.

    Time off without a doctor closes the site, without a site too the whole organisation; with both it concerns that
    doctor at that site. Extra hours name both.
    """

    doctor = models.ForeignKey(
        "clinic.Doctor", on_delete=models.CASCADE, null=True, blank=True, related_name="exceptions"
    )
    site = models.ForeignKey("clinic.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="exceptions")
    kind = models.CharField(_("kind"), max_length=12, choices=ExceptionKind)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    slot_minutes = models.PositiveSmallIntegerField(_("slot length in minutes"), default=60, validators=SLOT_LIMITS)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ScheduleExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=("doctor", "ends_at"), name="exceptions_by_doctor"),
            models.Index(fields=("ends_at",), name="exceptions_by_end"),
        )
        constraints = (
            models.CheckConstraint(
                name="exception_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must lie after the start."),
            ),
            models.CheckConstraint(
                name="exception_has_a_known_kind",
                condition=Q(kind__in=ExceptionKind.values),
            ),
            models.CheckConstraint(
                name="extra_hours_name_doctor_and_site",
                condition=Q(kind="time_off") | Q(doctor__isnull=False, site__isnull=False),
                violation_error_message=_("Extra hours need a doctor and a site."),
            ),
            models.CheckConstraint(
                name="extra_slots_last_10_minutes_to_4_hours",
                condition=Q(slot_minutes__gte=10, slot_minutes__lte=240),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at:%Y-%m-%d %H:%M} UTC"

    def clean(self) -> None:
        """An end after the start, and extra hours in which a slot finds room."""
        super().clean()
        if not self.starts_at or not self.ends_at:
            return
        if self.ends_at <= self.starts_at:
            raise _refusal("ends_at", "bad_span", _("The end must lie after the start."))
        is_extra = self.kind == ExceptionKind.EXTRA_HOURS
        if is_extra and timedelta(minutes=self.slot_minutes or 0) > self.ends_at - self.starts_at:
            raise _refusal("slot_minutes", "slot_longer_than_hours", _("A slot must not be longer than the hours."))

    def may_read_reason(self, user: "User | AnonymousUser") -> bool:
        """Whether ``user`` may read why: the doctor himself, and staff."""
        return _is_staff(user) or (self.doctor is not None and self.doctor.user_id == user.pk)


def _is_staff(user: "User | AnonymousUser") -> bool:
    return user.is_authenticated and user.is_active and user.is_staff


def _shown_to(user: "User | AnonymousUser") -> models.QuerySet[Doctor]:
    public = Doctor.objects.public()
    return public | Doctor.objects.filter(user=user) if user.is_authenticated else public


def _refusal(field: str, code: str, message: "StrOrPromise") -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
