"""What the clinic's messages say, drawn when they are sent, as things stand then.

They can be read over one's shoulder and lie in mailboxes for years: they tell when, where and the reference, and lead
to the page that tells the rest to who signs in. No doctor, no department, no specialty, no reason, no name.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext_lazy

from accounts import outbox
from accounts.letters import Draw, draw, in_their_language
from accounts.models import Message
from accounts.outbox import Attachment, Kind, Letter
from clinic import answers, calendar_file, samples, still_true, when
from clinic.models import Appointment, Approval, Status

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FILES: dict[str, tuple[str, Callable[[Appointment], bytes]]] = {
    **dict.fromkeys(("booked", "moved", "restored"), ("REQUEST", calendar_file.invitation)),
    "cancelled": ("CANCEL", calendar_file.cancellation),
}
"""What the calendar file in a message asks the calendar to do, and the file."""


def register() -> None:
    """Make the clinic's kinds known to the outbox."""
    kinds: dict[str, tuple[Draw, StrOrPromise, Callable[[], Letter]]] = {
        name: (drawn, label, partial(about, name, samples.VISIT, now=samples.NOW))
        for name, drawn, label in (
            ("booked", _about(still_true.standing), gettext_lazy("Appointment booked")),
            ("moved", _about(still_true.standing), gettext_lazy("Appointment moved")),
            ("cancelled", _about(still_true.cancelled), gettext_lazy("Appointment cancelled")),
            ("restored", _about(still_true.standing), gettext_lazy("Appointment booked again")),
            ("reminder", _about(still_true.to_be_reminded_of), gettext_lazy("Reminder")),
            ("to_be_moved", _about(still_true.to_be_moved), gettext_lazy("Another time is needed")),
            ("stands", _about(still_true.stands), gettext_lazy("The time stands after all")),
        )
    }
    decision = gettext_lazy("Application decided")
    kinds["application_decided"] = (_application_decided, decision, partial(decided, Approval.APPROVED))
    today = partial(of_day, samples.VISIT.starts_at.date(), [samples.VISIT])
    kinds["daily_agenda"] = (_daily_agenda, gettext_lazy("A doctor's day"), today)
    for name, (drawn, title, sample) in kinds.items():
        outbox.register(Kind(name, partial(in_their_language, drawn), sample, title))


def about(kind: str, visit: Appointment, *, now: datetime) -> Letter:
    """A letter about one appointment, with its patient and site."""
    zone, patient, offered = visit.site.zone, visit.patient, answers_to(visit, now=now)
    told = {
        "when": when.full(visit.starts_at, zone),
        "site": visit.site,
        "reference": visit.reference,
        # Who has no account, or one that is closed, has no page either.
        "link": _link("booked", visit.pk) if patient and patient.user and patient.user.is_active else "",
        "until": when.full(visit.cancellable_until, zone) if "cancel" in offered else "",
        "answers": offered,
    }
    return draw(kind, told, _files(kind, visit))


def answers_to(visit: Appointment, *, now: datetime) -> dict[str, str]:
    """What the patient can answer with one tap: addresses by what they are for. Those that would be refused are left
    out."""
    patient = visit.patient
    if patient is None or visit.status != Status.SCHEDULED or (patient.user and not patient.user.is_active):
        return {}
    refused = {"confirm"} if visit.confirmed_at else set()
    refused |= set() if visit.is_changeable_by_patient(now) else {"move", "cancel"}
    return {action: link for action, link in answers.links(visit).items() if action not in refused}


def decided(approval: Approval) -> Letter:
    """What an applicant hears."""
    return draw("application_decided", {"is_approved": approval == Approval.APPROVED, "link": _link("start")})


def of_day(day: date, visits: list[Appointment]) -> Letter:
    """A doctor's day: times and references."""
    rows = [
        {
            "clock": when.clock(visit.starts_at, visit.site.zone),
            "zone": when.zone_name(visit.starts_at, visit.site.zone),
            "reference": visit.reference,
        }
        for visit in visits
    ]
    told = {"day": formats.date_format(day, "D j F Y"), "rows": rows, "link": f"{_link('day')}?date={day}"}
    return draw("daily_agenda", told)


def _about(visit: Callable[[Message, datetime], Appointment | None]) -> Draw:
    def drawn(message: Message, now: datetime) -> Letter | None:
        found = visit(message, now)
        return about(message.kind, found, now=now) if found else None

    return drawn


def _application_decided(message: Message, _now: datetime) -> Letter | None:
    decision = still_true.decision(message)
    return decided(decision) if decision else None


def _daily_agenda(message: Message, _now: datetime) -> Letter | None:
    day = still_true.day(message)
    return of_day(*day) if day else None


def _files(kind: str, visit: Appointment) -> tuple[Attachment, ...]:
    if kind not in FILES:
        return ()
    method, file = FILES[kind]
    return (Attachment("appointment.ics", file(visit), f"text/calendar; method={method}"),)


def _link(route: str, *args: object) -> str:
    return settings.SITE_URL + reverse(route, args=args)
