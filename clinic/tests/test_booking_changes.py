"""What is true of moving and of cancelling, and cancelling."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Patient, User
from accounts.people import become_patient
from clinic import booking
from clinic.models import Appointment, Approval, Doctor, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.signals import appointment_changed
from clinic.tests.calendars import DAY, free
from clinic.tests.factories import MONDAY, NOW, at, make_appointment
from clinic.tests.refusals import denied, everything, refused
from clinic.tests.test_booking import book

FINAL = [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW]


def move(mine: Appointment, starts_at: datetime, **more: Any) -> Appointment:
    """As the patient does it, unless said otherwise."""
    return booking.reschedule(mine, **{"by": mine.patient.user, "now": NOW, "starts_at": starts_at} | more)


def cancel(mine: Appointment, **more: Any) -> Appointment:
    """As the patient does it, unless said otherwise."""
    return booking.cancel(mine, **{"by": mine.patient.user, "now": NOW} | more)


def test_change_by_whom_it_does_not_concern(
    alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User
) -> None:  # case 119, case 120
    mine = book(dr_chen, alice, at("09:00"))
    rita.is_active = False

    for by in (bob.user, dr_diaz.user, rita):
        with denied():
            move(mine, at("10:00"), by=by)
        with denied():
            cancel(mine, by=by, reason="why not")


def test_change_by_a_doctor_who_was_let_go(alice: Patient, dr_chen: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    Doctor.objects.update(approval=Approval.REJECTED)

    with denied():
        cancel(mine, by=dr_chen.user, reason="I am not there any more")


@pytest.mark.parametrize("change", [move, cancel])
@pytest.mark.parametrize("status", FINAL)
def test_change_when_it_is_over(  # case 037, fault B2-7
    alice: Patient, dr_chen: Doctor, rita: User, change: Any, status: Status
) -> None:
    mine = make_appointment(dr_chen, alice, at("09:00"), status=status)
    what = {"starts_at": at("10:00")} if change is move else {"reason": "a reason"}

    for by in (alice.user, rita, dr_chen.user):
        with refused("already_final"):
            change(mine, by=by, **what)


def test_change_when_the_visit_has_begun(alice: Patient, dr_chen: Doctor, rita: User) -> None:  # fault B2-7
    mine = make_appointment(dr_chen, alice, at("09:00"), status=Status.IN_PROGRESS)

    with refused("already_begun"):
        cancel(mine, by=rita, reason="he left")
    with refused("already_begun"):
        move(mine, at("10:00"), by=rita)


def test_change_when_the_patient_has_arrived(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    mine = make_appointment(dr_chen, alice, at("09:00"), status=Status.ARRIVED)

    with refused("already_begun"):
        move(mine, at("10:00"), by=rita)
    assert cancel(mine, by=rita, reason="he left").status == Status.CANCELLED


@pytest.mark.parametrize("hours", [23, 1, -1])
def test_change_when_it_is_too_late_for_the_patient(  # case 040
    alice: Patient, dr_chen: Doctor, rita: User, hours: int
) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    now = at("09:00") - timedelta(hours=hours)

    with refused("too_late_to_cancel"):
        cancel(mine, now=now)
    with refused("too_late_to_cancel"):
        move(mine, at("11:00", MONDAY + DAY), now=now)
    cancelled = cancel(mine, by=rita, reason=" The doctor is ill. ", now=now)

    assert (cancelled.cancelled_by, cancelled.cancel_reason) == (rita, "The doctor is ill.")


@pytest.mark.parametrize("change", ["cancel", "move"])
def test_change_at_the_last_moment(alice: Patient, dr_chen: Doctor, change: str) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    now = mine.cancellable_until

    assert now == at("09:00") - DAY
    with refused("too_late_to_cancel"):
        cancel(mine, now=now + timedelta(microseconds=1))
    assert (cancel(mine, now=now) if change == "cancel" else move(mine, at("11:00"), now=now)).pk == mine.pk


def test_change_when_no_notice_is_asked(alice: Patient, dr_chen: Doctor, settings: Settings) -> None:
    settings.CANCELLATION_NOTICE_HOURS = 0
    mine = book(dr_chen, alice, at("09:00"))

    assert cancel(mine, now=at("09:00")).status == Status.CANCELLED


def test_cancel_by_the_patient(alice: Patient, dr_chen: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))

    cancel(mine)

    mine.refresh_from_db()
    assert (mine.status, mine.cancelled_by, mine.cancel_reason) == (Status.CANCELLED, alice.user, "")
    assert "09:00" in free(dr_chen)


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_cancel_by_the_clinic_without_a_reason(alice: Patient, dr_chen: Doctor, rita: User, reason: str) -> None:
    mine = book(dr_chen, alice, at("09:00"))

    for by in (rita, dr_chen.user):
        with refused("reason_required", field="reason"):
            cancel(mine, by=by, reason=reason)


@pytest.mark.parametrize("who", ["rita", "dr_chen"])
def test_change_what_is_ones_own_is_to_be_a_patient(dr_chen: Doctor, dr_diaz: Doctor, rita: User, who: str) -> None:
    person = rita if who == "rita" else dr_chen.user
    mine = book(dr_diaz, become_patient(person), at("09:00"))

    with refused("too_late_to_cancel"):
        cancel(mine, by=person, reason="I know the rules", now=at("08:00"))
    with refused("off_grid"):
        move(mine, at("10:10"), by=person)
    assert move(mine, at("10:00"), by=person, doctor=dr_diaz).starts_at == at("10:00")


def test_change_what_was_changed_meanwhile(alice: Patient, dr_chen: Doctor, rita: User) -> None:  # case 036
    mine = book(dr_chen, alice, at("09:00"))
    seen = mine.etag
    move(mine, at("10:00"), by=rita)

    with refused("stale"):
        move(mine, at("11:00"), version=seen)
    with refused("stale"):
        cancel(mine, version=seen)
    now_seen = Appointment.objects.get().etag
    assert move(mine, at("11:00"), version=now_seen).sequence == 2
    assert cancel(mine, version="*").status == Status.CANCELLED


def test_change_what_was_cancelled_meanwhile(alice: Patient, dr_chen: Doctor) -> None:  # case 036
    mine = book(dr_chen, alice, at("09:00"))
    seen = mine.etag
    cancel(mine)

    with refused("stale"):
        move(mine, at("11:00"), version=seen)
    assert Appointment.objects.get().status == Status.CANCELLED


def test_version_is_that_of_the_row(alice: Patient, dr_chen: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))

    assert mine.etag == Appointment.objects.get().etag
    moved = move(mine, at("10:00"))
    assert moved.etag == Appointment.objects.get().etag != mine.etag


def test_change_what_another_doctor_has_by_now(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    """Whoever read the row before the move still changes the right calendar."""
    mine = book(dr_chen, alice, at("09:00"))
    read_before, read_too = (Appointment.objects.get() for _times in range(2))
    move(mine, at("09:00"), doctor=dr_diaz, by=rita)

    moved = move(read_before, at("10:00"))
    assert (moved.doctor, moved.starts_at) == (dr_diaz, at("10:00"))
    cancel(read_too)

    assert Appointment.objects.get().status == Status.CANCELLED


@pytest.mark.parametrize("change", ["cancel", "move"])
def test_change_of_what_had_to_be_moved(alice: Patient, bob: Patient, dr_chen: Doctor, change: str) -> None:
    mine, others = book(dr_chen, alice, at("09:00")), book(dr_chen, bob, at("10:00"))
    for one in (mine, others):
        ToBeMoved.objects.create(appointment=one, cause=Cause.HOURS)

    if change == "cancel":
        cancel(mine)
    else:
        move(mine, at("11:00"))

    assert [flag.appointment for flag in ToBeMoved.objects.filter(resolved_at=None)] == [others]
    assert ToBeMoved.objects.get(appointment=mine).resolved_at == NOW


def test_changes_tell_the_news(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    told: list[tuple[str, User, object]] = []

    def listen(change: str, by: User, **news: Any) -> None:
        told.append((change, by, news.get("before")))

    appointment_changed.connect(listen)
    try:
        move(mine, at("10:00"), doctor=dr_diaz, by=rita)
        move(mine, at("10:00"), doctor=dr_diaz, by=rita)  # no news
        cancel(mine)
    finally:
        appointment_changed.disconnect(listen)

    assert told == [("moved", rita, (dr_chen.pk, at("09:00"))), ("cancelled", alice.user, None)]


@pytest.mark.parametrize("change", ["cancel", "move"])
def test_change_when_a_receiver_of_the_news_fails(alice: Patient, dr_chen: Doctor, change: str) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    ToBeMoved.objects.create(appointment=mine, cause=Cause.HOURS)
    before = everything()

    def fail(**_news: Any) -> None:
        raise RuntimeError("no")

    appointment_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            cancel(mine) if change == "cancel" else move(mine, at("10:00"))
    finally:
        appointment_changed.disconnect(fail)

    assert everything() == before


def test_deactivated_doctor_keeps_what_is_booked(alice: Patient, dr_chen: Doctor) -> None:  # case 020
    mine = book(dr_chen, alice, at("09:00"))

    User.objects.filter(pk=dr_chen.user_id).update(is_active=False)

    assert list(Appointment.objects.visible_to(alice.user).upcoming(NOW)) == [mine]
    assert cancel(mine).status == Status.CANCELLED
