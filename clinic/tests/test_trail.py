"""Each verb of the clinic leaves one entry in the audit trail; a refused one leaves none."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import desk
from accounts.models import AuditEntry, Outcome, Patient, User
from clinic import availability, booking, organisation
from clinic.models import Department, Doctor, ScheduleException, Site, WeeklyHours
from clinic.tests.desk import CANARY
from clinic.tests.factories import NOW, at, make_appointment

Act = Callable[[dict[str, Any]], Any]


@pytest.fixture
def cast(alice: Patient, dr_chen: Doctor, rita: User, adam: User, berlin: Site) -> dict[str, Any]:
    return {"alice": alice, "dr_chen": dr_chen, "rita": rita, "adam": adam, "berlin": berlin}


def written() -> AuditEntry:
    """The one entry that there is."""
    return AuditEntry.objects.get()


def test_book_when_written_down(cast: dict[str, Any]) -> None:
    # case 184
    alice, doctor = cast["alice"], cast["dr_chen"]

    visit = booking.book(
        doctor=doctor, patient=alice, starts_at=at("10:00"), by=cast["rita"], now=NOW, reason=f"{CANARY} knee"
    )

    entry = written()
    assert (entry.verb, entry.actor, entry.role) == ("clinic.appointment.booked", cast["rita"].pk, "receptionist")
    assert (entry.object_type, entry.object_id, entry.patient) == ("clinic.Appointment", str(visit.pk), alice.pk)
    assert entry.changes == {
        "doctor": [None, str(doctor.pk)],
        "starts_at": [None, "2027-03-01T09:00:00+00:00"],
        "is_overbooked": [None, False],
    }
    assert CANARY not in str(vars(entry))


def test_move_when_written_down(cast: dict[str, Any], dr_diaz: Doctor) -> None:
    # case 033, case 184
    visit = make_appointment(cast["dr_chen"], cast["alice"], at("10:00"))

    booking.reschedule(visit, starts_at=at("11:00"), doctor=dr_diaz, by=cast["rita"], now=NOW)

    entry = written()
    assert (entry.verb, entry.object_id, entry.patient) == ("clinic.appointment.moved", str(visit.pk), cast["alice"].pk)
    assert entry.changes == {
        "doctor": [str(cast["dr_chen"].pk), str(dr_diaz.pk)],
        "starts_at": ["2027-03-01T09:00:00+00:00", "2027-03-01T10:00:00+00:00"],
    }


def test_cancel_when_written_down(cast: dict[str, Any]) -> None:
    # case 184
    visit = make_appointment(cast["dr_chen"], cast["alice"], at("10:00"))

    booking.cancel(visit, by=cast["rita"], now=NOW, reason=f"{CANARY} fever")

    entry = written()
    assert (entry.verb, entry.changes) == ("clinic.appointment.cancelled", {"status": ["scheduled", "cancelled"]})
    assert CANARY not in str(vars(entry))


def test_book_when_refused(cast: dict[str, Any], bob: Patient) -> None:
    visit = make_appointment(cast["dr_chen"], cast["alice"], at("10:00"))

    with pytest.raises(ValidationError):
        booking.book(doctor=cast["dr_chen"], patient=bob, starts_at=at("10:00"), by=bob.user, now=NOW)
    with pytest.raises(PermissionDenied):
        booking.cancel(visit, by=bob.user, now=NOW)

    assert not AuditEntry.objects.exists()


def _shorter(cast: dict[str, Any]) -> Any:
    hours = WeeklyHours.objects.first()
    assert hours is not None
    hours.ends = time(11)
    return availability.set_hours(hours, by=cast["adam"], now=NOW)


def _time_off(cast: dict[str, Any]) -> Any:
    off = ScheduleException(
        doctor=cast["dr_chen"], kind="time_off", starts_at=at("09:00"), ends_at=at("10:00"), reason=f"{CANARY} surgery"
    )
    return availability.set_exception(off, by=cast["adam"], now=NOW)


def _renamed(cast: dict[str, Any]) -> Any:
    site = Site.objects.get(pk=cast["berlin"].pk)
    site.name = "Berlin Süd"
    return organisation.set_entry(site, by=cast["adam"], now=NOW)


def _corrected(cast: dict[str, Any]) -> Any:
    details = {"last_name": f"{CANARY}son", "insurance_number": f"{CANARY}123", "first_name": "Alice"}
    return desk.correct(cast["alice"], by=cast["rita"], today=NOW.date(), **details)


def _registered(cast: dict[str, Any]) -> Any:
    return desk.register(by=cast["rita"], now=NOW, first_name=CANARY, last_name=f"{CANARY}son", phone="")


VERBS: dict[str, tuple[Act, dict[str, Any]]] = {
    "clinic.weekly_hours.set": (_shorter, {"ends": ["12:00:00", "11:00:00"]}),
    "clinic.schedule_exception.set": (_time_off, {"fields": ["reason"]}),
    "clinic.site.set": (_renamed, {"name": ["Berlin Mitte", "Berlin Süd"]}),
    "accounts.patient.corrected": (_corrected, {"fields": ["insurance_number", "last_name"]}),
    "accounts.patient.registered": (_registered, {"fields": ["first_name", "last_name"]}),
}


@pytest.mark.parametrize("verb", VERBS)
def test_verb_when_written_down(cast: dict[str, Any], verb: str) -> None:
    # case 184
    act, changes = VERBS[verb]

    done = act(cast)

    entry = written()
    assert (entry.verb, entry.object_id, entry.outcome) == (verb, str(done.pk), Outcome.ALLOWED)
    assert changes.items() <= entry.changes.items()
    assert CANARY not in str(vars(entry))


def test_removal_when_written_down(cast: dict[str, Any]) -> None:
    # case 184
    adam = cast["adam"]
    hours, department = WeeklyHours.objects.first(), Department.objects.create(name="Oncology")
    off = _time_off(cast)

    availability.remove_hours(hours, by=adam, now=NOW)
    availability.remove_exception(off, by=adam, now=NOW)
    organisation.remove_entry(department, by=adam)

    removed = AuditEntry.objects.filter(verb__endswith=".removed").order_by("pk")
    assert [entry.verb.split(".")[1] for entry in removed] == ["weekly_hours", "schedule_exception", "department"]
    assert removed[2].changes["name"] == ["Oncology", None]
    assert CANARY not in str([vars(entry) for entry in removed])
