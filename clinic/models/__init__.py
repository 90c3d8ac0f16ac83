"""The clinic app's models."""

from clinic.models.appointment import Appointment, AppointmentQuerySet, Status
from clinic.models.calendar_feed import CalendarFeed
from clinic.models.doctor import Approval, Availability, Doctor
from clinic.models.hours import ExceptionKind, ScheduleException, WeeklyHours
from clinic.models.idempotency import IdempotencyKey
from clinic.models.opening_hint import OpeningHint
from clinic.models.organisation import Department, Site, Specialty
from clinic.models.to_be_moved import ToBeMoved
from clinic.models.visit_type import Mode, VisitType

__all__ = [
    "Appointment",
    "AppointmentQuerySet",
    "Approval",
    "Availability",
    "CalendarFeed",
    "Department",
    "Doctor",
    "ExceptionKind",
    "IdempotencyKey",
    "Mode",
    "OpeningHint",
    "ScheduleException",
    "Site",
    "Specialty",
    "Status",
    "ToBeMoved",
    "VisitType",
    "WeeklyHours",
]
