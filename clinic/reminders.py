"""Reminding patients of their visits, and doctors of their day.

:func:`plan` looks through the database at what is due, and writes it to the outbox; it is called again and again, by
any number of processes. Nothing else remembers what is to come: what was moved, cancelled or missed needs no tidying.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, Replace

from accounts import outbox
from accounts.models import Message
from accounts.models.patient import ReminderChannel
from accounts.outbox import Note
from clinic import agenda
from clinic.models import Appointment, Status, ToBeMoved

BATCH = 500
TOO_LONG = timedelta(minutes=10)
"""Nothing that is due should wait so long to be written."""


def plan(*, now: datetime) -> int:
    """Write what is due at ``now`` to the outbox: reminders, and doctors' agendas. How many there were."""
    return _remind(now) + agenda.plan(now=now)


def key(appointment: Appointment, hours: int) -> str:
    """Of a reminder: an appointment that is moved is another one, and is reminded of anew."""
    return f"reminder:{appointment.pk.hex}:{appointment.sequence}:{hours}"


def due(hours: int, *, now: datetime) -> QuerySet[Appointment]:
    """Appointments whose reminder of so many hours before is the latest that has come, and is not written yet.

    Who agreed on the time after that moment had passed was told only then, and is not reminded; nor is who was told
    that this time cannot be kept.
    """
    later = [other for other in settings.REMINDER_HOURS_BEFORE if other < hours]
    # Nearer ones have come to a later reminder, or to their start, and this one is not made up for.
    beyond = now + timedelta(hours=max(later, default=0))
    written = Message.objects.filter(key=_key(hours))
    to_be_moved = ToBeMoved.objects.filter(appointment=OuterRef("pk"), resolved_at=None)
    return (
        Appointment.objects.filter(
            _reachable(),
            status=Status.SCHEDULED,
            starts_at__gt=beyond,
            starts_at__lte=now + timedelta(hours=hours),
            starts_at__gte=Coalesce(F("agreed_at"), F("created_at")) + timedelta(hours=hours),
        )
        .exclude(patient__reminder_channel=ReminderChannel.NONE)
        .exclude(Exists(to_be_moved))
        .exclude(Exists(written))
        # In one order for all: two that write the same would wait for each other.
        .order_by("starts_at", "id")
    )


def are_late(*, now: datetime) -> bool:
    """Whether a reminder could have been written TOO_LONG ago, and nobody has: :func:`plan` is not called."""
    then = now - TOO_LONG
    for hours in settings.REMINDER_HOURS_BEFORE:
        # Of the last hour alone: it is asked often, and an index answers that.
        lately = {"starts_at__gt": then + timedelta(hours=hours - 1)}
        if due(hours, now=then).filter(**lately).exists():
            return True
    return False


def _remind(now: datetime) -> int:
    planned = 0
    for hours in settings.REMINDER_HOURS_BEFORE:
        is_full = True
        while is_full:
            visits = list(due(hours, now=now).select_related("patient").defer("reason", "notes")[:BATCH])
            planned += outbox.enqueue_all("reminder", [_note(visit, hours) for visit in visits], now=now)
            is_full = len(visits) == BATCH
    return planned


def _note(visit: Appointment, hours: int) -> Note:
    assert visit.patient is not None
    return Note(
        key=key(visit, hours),
        to=visit.patient,
        context={"appointment": visit.pk, "sequence": visit.sequence},
        not_after=visit.starts_at,
        channel=outbox.chosen_by(visit.patient),
        about=visit.pk,
    )


def _key(hours: int) -> Concat:
    """What :func:`key` answers, for the database: by it the index of the messages is asked."""
    # PostgreSQL writes an id with hyphens, SQLite without.
    pk = Replace(Cast(OuterRef("pk"), CharField()), Value("-"), Value(""))
    sequence = Cast(OuterRef("sequence"), CharField())
    return Concat(Value("reminder:"), pk, Value(":"), sequence, Value(f":{hours}"), output_field=CharField())


def _reachable() -> Q:
    """As :func:`clinic.news.reaches`."""
    mail = Q(patient__user__isnull=False) | ~Q(patient__email="")
    if settings.SMS_CHANNEL == "none":
        return mail
    return mail | (Q(patient__reminder_channel=ReminderChannel.SMS) & ~Q(patient__phone=""))
