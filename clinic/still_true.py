"""What a message tells of, if it is still so when the message is sent; None if not. Times are UTC.

Between writing and sending there may be hours: what was booked is moved by then, what was cancelled stands again.
"""

from datetime import date, datetime

from django.db.models import Q

from accounts.models import Message
from accounts.models.patient import ReminderChannel
from clinic import agenda, news
from clinic.models import Appointment, Approval, Doctor, Status, ToBeMoved

STANDING = (Status.SCHEDULED, Status.ARRIVED)


def standing(message: Message, now: datetime) -> Appointment | None:
    """An appointment that stands as it did, and has not begun."""
    visit = _unchanged(message, now)
    return visit if visit and visit.status in STANDING else None


def cancelled(message: Message, now: datetime) -> Appointment | None:
    """One that was cancelled, and would be still to come."""
    visit = _unchanged(message, now)
    return visit if visit and visit.status == Status.CANCELLED else None


def to_be_reminded_of(message: Message, now: datetime) -> Appointment | None:
    """One that stands, and keeps, the time for which the reminder was planned, of a patient who still wants it."""
    visit = _unchanged(message, now)
    if visit is None or visit.patient is None or visit.patient.reminder_channel == ReminderChannel.NONE:
        return None
    if visit.status != Status.SCHEDULED or visit.starts_at != message.not_after:
        return None
    return None if ToBeMoved.objects.filter(appointment=visit, resolved_at=None).exists() else visit


def to_be_moved(message: Message, now: datetime) -> Appointment | None:
    """One that still waits to be moved."""
    flags = ToBeMoved.objects.filter(pk=message.context["flag"], resolved_at=None)
    flag = flags.select_related("appointment__site", "appointment__patient__user").first()
    visit = flag.appointment if flag else None
    return visit if visit and visit.status == Status.SCHEDULED and visit.starts_at > now else None


def stands(message: Message, now: datetime) -> Appointment | None:
    """One whose patient was told that it must be moved, and that stands as it did and need not be moved any more."""
    visit = standing(message, now)
    # A message that somebody is just sending may have been drawn before the flag was resolved.
    was_told = Message.objects.filter(Q(sent_at__isnull=False) | Q(claimed_at__isnull=False))
    if visit is None or not was_told.filter(key=news.key_of("to_be_moved", message.context["flag"])).exists():
        return None
    return None if ToBeMoved.objects.filter(appointment=visit, resolved_at=None).exists() else visit


def decision(message: Message) -> Approval | None:
    """What was decided about an application, if nothing else was decided since."""
    approval = Approval(message.context["approval"])
    applicant = Doctor.objects.filter(pk=message.context["doctor"], approval=approval, user__is_active=True)
    return approval if applicant.exists() else None


def day(message: Message) -> tuple[date, list[Appointment]] | None:
    """The day of an agenda and its visits; None without visits, and for who wants it no more."""
    doctor = Doctor.objects.public().filter(pk=message.context["doctor"], wants_agenda=True).first()
    told = date.fromisoformat(message.context["day"])
    visits = agenda.of_day(told, message.context["zone"]).filter(doctor=doctor).select_related("site")
    found = list(visits.defer("reason", "notes")) if doctor else []
    return (told, found) if found else None


def _unchanged(message: Message, now: datetime) -> Appointment | None:
    """The appointment that a message is about, unless it has begun, or was moved or restored since."""
    visits = Appointment.objects.select_related("site", "patient__user").defer("reason", "notes")
    told = {"pk": message.context["appointment"], "sequence": message.context["sequence"]}
    return visits.filter(**told, starts_at__gt=now).first()
