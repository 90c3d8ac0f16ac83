"""Confirming, taking a cancellation back, and what the holder of a mailed link may do by the verbs."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import Patient, User
from accounts.models.audit import AuditEntry
from accounts.tests.factories import make_patient
from clinic import booking
from clinic.booking import UNDO_FOR, LinkHolder
from clinic.models import Appointment, Approval, Doctor, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.signals import appointment_changed
from clinic.tests.calendars import DAY, free
from clinic.tests.factories import NOW, at, make_appointment, make_time_off
from clinic.tests.refusals import denied, refused
from clinic.tests.test_booking import book
from clinic.tests.test_booking_changes import cancel, move
from clinic.tests.test_booking_threads import outcomes

JUST_BEFORE_THE_END = NOW + UNDO_FOR


def undo(visit: Appointment, **more: Any) -> Appointment:
    """As the patient does it, a moment later, unless said otherwise."""
    return booking.undo(visit, **{"by": visit.patient.user, "now": NOW + timedelta(minutes=1)} | more)


def holder_of(visit: Appointment) -> LinkHolder:
    """Whoever has the patient's mail."""
    assert visit.patient_id is not None
    return LinkHolder(visit.pk, visit.patient_id)


@pytest.fixture
def cancelled(alice: Patient, dr_chen: Doctor) -> Appointment:
    """Alice's visit on Monday at 09:00, which she has given up at NOW."""
    return cancel(book(dr_chen, alice, at("09:00")), reason="I am away.")


# --- Undoing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [NOW, JUST_BEFORE_THE_END])
def test_undo_when_the_time_is_free(cancelled: Appointment, now: Any) -> None:
    heard: list[dict[str, Any]] = []

    def listen(**news: Any) -> None:
        heard.append(news)

    appointment_changed.connect(listen)
    try:
        visit = undo(cancelled, now=now)
    finally:
        appointment_changed.disconnect(listen)

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_by, visit.cancelled_at) == (Status.SCHEDULED, None, None)
    assert (visit.cancel_reason, visit.sequence, visit.agreed_at) == ("", cancelled.sequence + 1, now)
    assert (visit.reference, visit.starts_at) == (cancelled.reference, cancelled.starts_at)
    assert [(news["change"], news["by"]) for news in heard] == [("restored", visit.booked_by)]
    entry = AuditEntry.objects.get(verb="clinic.appointment.restored")
    assert entry.changes == {"status": ["cancelled", "scheduled"]}


@pytest.mark.parametrize("late", [timedelta(microseconds=1), DAY])
def test_undo_when_it_is_too_late(cancelled: Appointment, late: timedelta) -> None:
    with refused("too_late_to_undo"):
        undo(cancelled, now=JUST_BEFORE_THE_END + late)


def test_undo_when_it_was_cancelled_nobody_knows_when(alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"), status=Status.CANCELLED, cancelled_by=alice.user)

    with refused("too_late_to_undo"):
        undo(visit)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.CANCELLED, Status.HELD}))
def test_undo_when_it_is_not_cancelled(alice: Patient, dr_chen: Doctor, status: Status) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"), status=status)

    with refused("nothing_to_undo"):
        undo(visit)


def test_undo_when_it_was_somebody_else_who_cancelled(
    cancelled: Appointment, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User
) -> None:
    for by in (bob.user, dr_chen.user, dr_diaz.user, rita, adam):
        with denied():
            undo(cancelled, by=by)

    assert undo(cancelled).status == Status.SCHEDULED


@pytest.mark.parametrize("who", ["doctor", "staff"])
def test_undo_by_the_clinic(alice: Patient, dr_chen: Doctor, rita: User, who: str) -> None:
    by = rita if who == "staff" else dr_chen.user
    visit = cancel(book(dr_chen, alice, at("09:00")), by=by, reason="a mistake")

    for other in (alice.user, holder_of(visit), dr_chen.user if by == rita else rita):
        with denied():
            undo(visit, by=other)

    assert undo(visit, by=by).status == Status.SCHEDULED


def test_undo_when_the_time_was_taken(  # case 037
    cancelled: Appointment, bob: Patient, dr_chen: Doctor
) -> None:
    book(dr_chen, bob, at("09:00"))

    with refused("slot_taken", field="starts_at") as refusal:
        undo(cancelled)

    assert [slot.starts_at for slot in refusal.value.alternatives] == [at("09:30"), at("10:00"), at("10:30")]


def test_undo_when_somebody_is_booking_the_time(cancelled: Appointment, dr_chen: Doctor) -> None:
    visitor = booking.Visitor.session("a browser")
    booking.hold(doctor=dr_chen, starts_at=at("09:00"), visitor=visitor, by=None, now=NOW)

    with refused("slot_taken", field="starts_at"):
        undo(cancelled)
    assert undo(cancelled, now=JUST_BEFORE_THE_END).status == Status.SCHEDULED  # the hold has expired
    assert not Appointment.objects.filter(status=Status.HELD).exists()


def test_undo_when_the_patient_is_elsewhere(cancelled: Appointment, alice: Patient, dr_diaz: Doctor) -> None:
    book(dr_diaz, alice, at("09:00"))

    with refused("patient_busy"):
        undo(cancelled)


def test_undo_when_the_patient_has_too_many(
    cancelled: Appointment, alice: Patient, dr_chen: Doctor, settings: Any
) -> None:
    settings.MAX_UPCOMING_PER_PATIENT = 1
    book(dr_chen, alice, at("10:00"))

    with refused("too_many_upcoming"):
        undo(cancelled)


def test_undo_when_the_doctor_is_away_or_gone(cancelled: Appointment, dr_chen: Doctor) -> None:
    off = make_time_off(at("08:00"), at("10:00"), dr_chen)
    with refused("time_off"):
        undo(cancelled)
    off.delete()
    Doctor.objects.update(approval=Approval.REJECTED)
    with refused("doctor_not_bookable"):
        undo(cancelled)
    Doctor.objects.update(approval=Approval.APPROVED)
    dr_chen.weekly_hours.all().delete()
    with refused("outside_hours"):
        undo(cancelled)


def test_undo_when_the_visit_would_have_begun(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User, settings: Any
) -> None:
    settings.CANCELLATION_NOTICE_HOURS = 0
    mine, visit = book(dr_chen, alice, at("09:30")), book(dr_chen, bob, at("09:00"))
    cancel(mine, now=at("09:30"))
    cancel(visit, by=rita, reason="a mistake", now=at("09:05"))

    with refused("in_the_past"):
        undo(mine, now=at("09:30"))

    # The desk pressed the wrong button, and the patient is sitting there.
    assert undo(visit, by=rita, now=at("09:06")).status == Status.SCHEDULED


def test_undo_when_the_visit_would_have_begun_and_the_time_was_taken(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User
) -> None:
    visit = book(dr_chen, alice, at("09:00"))
    cancel(visit, by=rita, reason="a mistake", now=at("09:05"))
    make_appointment(dr_chen, bob, at("09:10"))

    with refused("slot_taken", field="starts_at"):
        undo(visit, by=rita, now=at("09:06"))


def test_undo_when_it_was_changed_meanwhile(cancelled: Appointment) -> None:
    seen = cancelled.etag
    undo(cancelled)
    again = cancel(Appointment.objects.get())

    with refused("stale"):
        undo(again, version=seen)


def test_undo_of_an_overbooked_visit(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    book(dr_chen, bob, at("09:00"))
    visit = make_appointment(dr_chen, alice, at("09:00"), is_overbooked=True, override_reason="urgent")
    flag = ToBeMoved.objects.create(appointment=visit, cause=Cause.HOURS)
    done = ToBeMoved.objects.create(appointment=visit, cause=Cause.HOURS, resolved_at=NOW - DAY)

    cancel(visit, by=rita, reason="a mistake")
    undo(visit, by=rita)

    visit.refresh_from_db()
    assert (visit.status, visit.is_overbooked) == (Status.SCHEDULED, True)
    assert set(ToBeMoved.objects.values_list("pk", "resolved_at")) == {(flag.pk, None), (done.pk, done.resolved_at)}


def test_undo_twice_at_once_and_a_rival(db: None, transactional_db: None, alice: Patient, dr_chen: Doctor) -> None:
    rival = make_patient()
    visit = cancel(book(dr_chen, alice, at("09:00")))

    def undone() -> Appointment:
        return undo(Appointment.objects.select_related("patient__user").get(pk=visit.pk))

    told = outcomes(
        undone,
        undone,
        partial(booking.book, doctor=dr_chen, patient=rival, starts_at=at("09:00"), by=rival.user, now=NOW),
    )

    assert told in (["done", "nothing_to_undo", "slot_taken"], ["done", "slot_taken", "slot_taken"])
    assert Appointment.objects.filter(status=Status.SCHEDULED).count() == 1


# --- Confirming ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["patient", "link", "staff"])
def test_confirm(alice: Patient, dr_chen: Doctor, rita: User, who: str) -> None:
    visit = book(dr_chen, alice, at("09:00"))
    by: Any = {"patient": alice.user, "link": holder_of(visit), "staff": rita}[who]

    booking.confirm(visit, by=by, now=NOW)
    booking.confirm(visit, by=by, now=NOW + DAY)

    visit.refresh_from_db()
    assert (visit.confirmed_at, visit.sequence) == (NOW, 0)
    entry = AuditEntry.objects.get(verb="clinic.appointment.confirmed")
    assert (entry.actor, entry.program) == ((None, "answer_link") if who == "link" else (by.pk, ""))


def test_confirm_by_whom_it_is_not_to_say(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    visit = book(dr_chen, alice, at("09:00"))

    for by in (bob.user, dr_chen.user, dr_diaz.user):
        with denied():
            booking.confirm(visit, by=by, now=NOW)


def test_confirm_when_it_is_over_or_has_begun(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice, at("09:00"))
    with refused("already_begun"):
        booking.confirm(visit, by=alice.user, now=at("09:00"))
    cancel(visit)
    with refused("already_final"):
        booking.confirm(visit, by=alice.user, now=NOW)


def test_confirm_when_it_is_moved_then(alice: Patient, dr_chen: Doctor) -> None:
    visit = booking.confirm(book(dr_chen, alice, at("09:00")), by=alice.user, now=NOW)

    assert move(visit, at("10:00")).confirmed_at is None


# --- Whoever holds a link --------------------------------------------------------------------------

CHANGES: list[Callable[..., Appointment]] = [
    booking.confirm,
    booking.cancel,
    partial(booking.reschedule, starts_at=at("10:00")),
]


@pytest.mark.parametrize("change", CHANGES)
def test_link_holder_when_it_is_another_visit(
    alice: Patient, bob: Patient, dr_chen: Doctor, change: Callable[..., Appointment]
) -> None:
    visit, other = book(dr_chen, alice, at("09:00")), book(dr_chen, alice, at("09:30"))

    for by in (holder_of(other), LinkHolder(visit.pk, bob.pk), LinkHolder(other.pk, bob.pk)):
        with denied():
            change(visit, by=by, now=NOW)
    assert change(visit, by=holder_of(visit), now=NOW).pk == visit.pk


@pytest.mark.parametrize("change", CHANGES)
def test_link_holder_when_the_account_is_closed(
    alice: Patient, dr_chen: Doctor, change: Callable[..., Appointment]
) -> None:
    visit = book(dr_chen, alice, at("09:00"))
    User.objects.filter(pk=alice.user_id).update(is_active=False)

    with denied():
        change(visit, by=holder_of(visit), now=NOW)


@pytest.mark.parametrize("change", CHANGES[1:])
def test_link_holder_when_it_is_too_late(
    alice: Patient, dr_chen: Doctor, change: Callable[..., Appointment]
) -> None:  # case 040
    visit = book(dr_chen, alice, at("09:00"))

    with refused("too_late_to_cancel"):
        change(visit, by=holder_of(visit), now=visit.cancellable_until + timedelta(seconds=1))


def test_link_holder_of_a_patient_without_account(dr_chen: Doctor, rita: User) -> None:
    patient = Patient.objects.create(first_name="Dora", last_name="Desk", email="dora@example.org")
    visit = book(dr_chen, patient, at("09:00"), by=rita)
    by = holder_of(visit)

    moved = booking.reschedule(visit, starts_at=at("10:00"), by=by, now=NOW)
    given_up = booking.cancel(moved, by=by, now=NOW)

    assert (given_up.status, given_up.cancelled_by) == (Status.CANCELLED, None)
    assert "10:00" in free(dr_chen)
    with denied():
        undo(given_up, by=rita)
    assert undo(given_up, by=by).status == Status.SCHEDULED


def test_link_holder_and_the_patient_are_one_person(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice, at("09:00"))
    booking.cancel(visit, by=holder_of(visit), now=NOW)

    assert undo(visit, by=alice.user).status == Status.SCHEDULED
