"""The steps of a visit: every state, every verb, every role; when each is due; and the last one taken back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import Patient, User
from accounts.models.audit import AuditEntry
from clinic import booking
from clinic.booking import UNDO_FOR
from clinic.booking.undo import TAKEN_AT
from clinic.models import Appointment, Approval, Doctor, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.signals import appointment_changed
from clinic.tests.calendars import DAY, free
from clinic.tests.factories import NOW, at, make_appointment
from clinic.tests.refusals import denied, refused
from clinic.tests.test_booking_threads import outcomes

BEGUN = at("09:05")
"""Alice's visit with Dr. Chen on Monday at 09:00 is to have begun."""
WORDS = {
    "-": "denied",
    "final": "already_final",
    "wrong": "wrong_status",
    "begun": "already_begun",
    "late": "too_late_to_cancel",
    "nothing": "nothing_to_undo",
    "past": "in_the_past",
}
TABLE = """
when   who     verb        held  scheduled    arrived      in_progress  completed    cancelled  no_show

begun  clinic  arrive      -     arrived      wrong        wrong        final        final      final
begun  clinic  start       -     in_progress  in_progress  wrong        final        final      final
begun  clinic  complete    -     wrong        wrong        completed    final        final      final
begun  clinic  no_show     -     no_show      wrong        wrong        final        final      final
begun  clinic  cancel      -     cancelled    cancelled    begun        final        final      final
begun  clinic  reschedule  -     scheduled    begun        begun        final        final      final
begun  clinic  undo        -     nothing      scheduled    scheduled    in_progress  scheduled  scheduled

begun  patient arrive      -     -            -            -            -            -          -
begun  patient start       -     -            -            -            -            -          -
begun  patient complete    -     -            -            -            -            -          -
begun  patient no_show     -     -            -            -            -            -          -
begun  patient cancel      -     late         late         late         final        final      final
begun  patient reschedule  -     late         late         late         final        final      final
begun  patient undo        -     nothing      -            -            -            past       -

before clinic  arrive      -     not_yet      wrong        wrong        final        final      final
before clinic  start       -     not_yet      not_yet      wrong        final        final      final
before clinic  complete    -     wrong        wrong        not_yet      final        final      final
before clinic  no_show     -     not_yet      wrong        wrong        final        final      final
before clinic  cancel      -     cancelled    cancelled    begun        final        final      final
before clinic  reschedule  -     scheduled    begun        begun        final        final      final
before clinic  undo        -     nothing      scheduled    scheduled    in_progress  scheduled  scheduled

before patient arrive      -     -            -            -            -            -          -
before patient start       -     -            -            -            -            -          -
before patient complete    -     -            -            -            -            -          -
before patient no_show     -     -            -            -            -            -          -
before patient cancel      -     cancelled    cancelled    begun        final        final      final
before patient reschedule  -     scheduled    begun        begun        final        final      final
before patient undo        -     nothing      -            -            -            scheduled  -
"""
"""What becomes of it, or why not. ``undo`` is of one's own step, and a patient's only step is to cancel."""
HEADER, *ROWS = (line.split() for line in TABLE.splitlines() if line)
OUTCOMES = {
    (when, who, verb, Status(state)): WORDS.get(outcome, outcome)
    for when, who, verb, *outcomes in ROWS
    for state, outcome in zip(HEADER[3:], outcomes, strict=True)
}
VERBS: dict[str, Callable[..., Appointment]] = {
    "arrive": booking.arrive,
    "start": booking.start,
    "complete": booking.complete,
    "no_show": booking.no_show,
    "cancel": booking.cancel,
    "undo": booking.undo,
    "reschedule": booking.reschedule,
}
MORE: dict[str, dict[str, Any]] = {"cancel": {"reason": "An operation."}, "reschedule": {"starts_at": at("11:00")}}


@pytest.fixture
def cast(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User) -> dict[str, User]:
    """Everybody, by what he is to Alice's visit."""
    people = {"patient": alice.user, "other patient": bob.user, "doctor": dr_chen.user, "other doctor": dr_diaz.user}
    return {**{name: user for name, user in people.items() if user}, "receptionist": rita, "admin": adam}


def in_state(doctor: Doctor, patient: Patient, status: Status, by: User | None, now: datetime) -> Appointment:
    """The visit of Monday, 09:00, brought into this state by ``by`` at ``now``."""
    fields: dict[str, Any] = {"status": status}
    if status == Status.HELD:
        fields["hold_expires_at"] = now + DAY
    if status in TAKEN_AT:
        whose = "cancelled_by" if status == Status.CANCELLED else "last_step_by"
        fields |= {TAKEN_AT[status]: now, whose: by}
    return make_appointment(doctor, patient, at("09:00"), **fields)


def what_comes_of(verb: str, visit: Appointment, by: User, now: datetime) -> str:
    """The state it is in then, or the code of the refusal, which has changed nothing."""
    before = Appointment.objects.values().get(pk=visit.pk)
    try:
        outcome = str(VERBS[verb](visit, by=by, now=now, **MORE.get(verb, {})).status)
    except PermissionDenied:
        outcome = "denied"
    except ValidationError as refusal:
        errors = refusal.error_dict.values() if hasattr(refusal, "error_dict") else [refusal.error_list]
        outcome = next(iter(errors))[0].code or ""
    else:
        assert Appointment.objects.get(pk=visit.pk).status == outcome
        return outcome
    assert Appointment.objects.values().get(pk=visit.pk) == before
    return outcome


@pytest.mark.parametrize("when", ["begun", "before"])
@pytest.mark.parametrize("state", Status)
def test_every_verb_in_every_state_by_everybody(  # fault B2-7, case 119
    cast: dict[str, User], alice: Patient, dr_chen: Doctor, state: Status, when: str
) -> None:
    now = {"begun": BEGUN, "before": NOW}[when]
    came, expected, offered, offers = {}, {}, {}, {}

    for role, by in cast.items():
        who = {"patient": "patient", "other patient": "", "other doctor": ""}.get(role, "clinic")
        # What a patient cannot have done was done by another.
        taken_by = by if who == "clinic" or (who and state == Status.CANCELLED) else cast["receptionist"]
        for verb in VERBS:
            with transaction.atomic():
                visit = in_state(dr_chen, alice, state, taken_by, now)
                offers[role] = booking.next_steps(visit, by=by, now=now)
                came[verb, role] = what_comes_of(verb, visit, by, now)
                transaction.set_rollback(True)
            expected[verb, role] = OUTCOMES[when, who, verb, state] if who else "denied"
        if who != "patient" or state != Status.ARRIVED:  # a patient who is here is not asked whether he comes
            can = [verb for (verb, whose), outcome in expected.items() if whose == role and outcome in Status.values]
            offered[role] = tuple(verb for verb in can if verb != "reschedule")

    assert came == expected
    assert offers == offers | offered


@pytest.mark.parametrize("state", [Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW])
def test_undo_of_what_another_has_done(
    cast: dict[str, User], alice: Patient, dr_chen: Doctor, rita: User, state: Status
) -> None:
    visit = in_state(dr_chen, alice, state, rita, BEGUN)

    for role, by in cast.items():
        if role != "receptionist":
            with denied():
                booking.undo(visit, by=by, now=BEGUN)
            assert "undo" not in booking.next_steps(visit, by=by, now=BEGUN)
    with refused("too_late_to_undo"):
        booking.undo(visit, by=rita, now=BEGUN + UNDO_FOR + timedelta(microseconds=1))

    booking.undo(visit, by=rita, now=BEGUN + UNDO_FOR)

    # Only the last step: what was before it is no more to be taken back.
    with refused("nothing_to_undo"):
        booking.undo(visit, by=rita, now=BEGUN + UNDO_FOR)


def test_a_visits_way_and_back(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    flag = ToBeMoved.objects.create(appointment=visit, cause=Cause.HOURS)
    heard: list[tuple[Any, ...]] = []

    def listen(**news: Any) -> None:
        heard.append((news["change"], news["before"], news["by"], news["now"]))

    doctor = dr_chen.user
    times = [at("08:50"), at("09:02"), at("09:03"), at("09:04"), at("09:31"), at("09:32"), at("09:33")]
    appointment_changed.connect(listen)
    try:
        booking.arrive(visit, by=rita, now=times[0])
        for act, now in zip(("start", "undo", "start", "complete", "undo", "complete"), times[1:], strict=True):
            VERBS[act](visit, by=doctor, now=now)
    finally:
        appointment_changed.disconnect(listen)

    visit.refresh_from_db()
    assert (visit.status, visit.last_step_by, visit.sequence) == (Status.COMPLETED, doctor, 0)
    assert (visit.arrived_at, visit.started_at, visit.completed_at) == (times[0], times[3], times[6])
    told = [("arrived", "scheduled", rita), ("started", "arrived", doctor), ("undone", "in_progress", doctor)]
    told += [("started", "arrived", doctor), ("completed", "in_progress", doctor), ("undone", "completed", doctor)]
    told += [("completed", "in_progress", doctor)]
    assert heard == [(*news, now) for news, now in zip(told, times, strict=True)]
    trail = AuditEntry.objects.order_by("id").values_list("verb", "actor", "changes")
    after = [*(before for _change, before, *_who in heard[1:]), "completed"]
    assert list(trail) == [
        (f"clinic.appointment.{change}", by.pk, {"status": [before, then]})
        for (change, before, by, _now), then in zip(heard, after, strict=True)
    ]
    flag.refresh_from_db()
    assert flag.resolved_at == times[0]


# --- When ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["arrive", "start"])
def test_arrive_and_start_from_the_day_of_the_visit(alice: Patient, dr_chen: Doctor, rita: User, verb: str) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))

    with refused("not_yet"):
        VERBS[verb](visit, by=rita, now=at("00:00") - timedelta(microseconds=1))

    assert VERBS[verb](visit, by=rita, now=at("00:00")).status != Status.SCHEDULED  # Berlin's midnight, not UTC's


@pytest.mark.parametrize(("verb", "state"), [("complete", Status.IN_PROGRESS), ("no_show", Status.SCHEDULED)])
def test_complete_and_no_show_from_the_start(
    alice: Patient, dr_chen: Doctor, rita: User, verb: str, state: Status
) -> None:
    visit = in_state(dr_chen, alice, state, rita, at("08:50"))

    with refused("not_yet"):
        VERBS[verb](visit, by=rita, now=at("09:00") - timedelta(microseconds=1))

    assert VERBS[verb](visit, by=rita, now=at("09:00")).status == verb.replace("complete", "completed")


def test_steps_by_those_who_are_not_the_clinic_any_more(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User, adam: User
) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    Doctor.objects.update(approval=Approval.REJECTED)
    User.objects.filter(pk=rita.pk).update(is_active=False)
    Patient.objects.filter(pk=alice.pk).update(user=adam)
    rita.refresh_from_db()
    visit = Appointment.objects.with_names().get()

    for by in (dr_chen.user, rita, adam):
        with denied():
            booking.arrive(visit, by=by, now=BEGUN)
        assert "arrive" not in booking.next_steps(visit, by=by, now=BEGUN)


def test_a_step_when_it_was_changed_meanwhile(alice: Patient, dr_chen: Doctor, rita: User) -> None:  # case 036
    visit = make_appointment(dr_chen, alice, at("09:00"))
    seen = visit.etag
    arrived = booking.arrive(visit, by=rita, now=BEGUN)

    for verb in ("start", "undo"):
        with refused("stale"):
            VERBS[verb](visit, by=rita, now=BEGUN, version=seen)

    assert booking.start(visit, by=rita, now=BEGUN, version=arrived.etag).status == Status.IN_PROGRESS


# --- Who came after all ----------------------------------------------------------------------------


@pytest.fixture
def missed(alice: Patient, dr_chen: Doctor, rita: User) -> Appointment:
    """Alice did not come at 09:00, rita noted at 09:05."""
    return booking.no_show(make_appointment(dr_chen, alice, at("09:00")), by=rita, now=BEGUN)


def test_undo_of_a_no_show_when_the_time_was_given_away(  # case 037
    missed: Appointment, bob: Patient, dr_chen: Doctor, rita: User
) -> None:
    make_appointment(dr_chen, bob, at("09:00"), minutes=15)

    with refused("slot_taken", field="starts_at") as refusal:
        booking.undo(missed, by=rita, now=BEGUN)

    assert [slot.starts_at for slot in refusal.value.alternatives] == [at("10:00"), at("10:30"), at("11:00")]


def test_undo_of_a_no_show_when_the_patient_is_elsewhere(
    missed: Appointment, alice: Patient, dr_diaz: Doctor, rita: User
) -> None:
    make_appointment(dr_diaz, alice, at("09:15"))

    with refused("patient_busy"):
        booking.undo(missed, by=rita, now=BEGUN)


def test_undo_of_a_no_show_beside_what_is_in_nobodys_way(
    missed: Appointment, bob: Patient, dr_chen: Doctor, rita: User
) -> None:
    make_appointment(dr_chen, bob, at("09:00"), is_overbooked=True, override_reason="An emergency.")
    held = {"status": Status.HELD, "hold_expires_at": BEGUN}
    make_appointment(dr_chen, None, at("09:00"), **held)
    dr_chen.weekly_hours.all().delete()

    visit = booking.undo(missed, by=rita, now=BEGUN)

    assert (visit.status, visit.no_show_at, visit.sequence) == (Status.SCHEDULED, None, missed.sequence)
    assert not Appointment.objects.filter(status=Status.HELD).exists()


def test_no_show_frees_the_time_and_its_undo_takes_it(missed: Appointment, dr_chen: Doctor, rita: User) -> None:
    assert "09:00" in free(dr_chen)

    booking.undo(missed, by=rita, now=BEGUN)

    assert "09:00" not in free(dr_chen)


def test_two_at_the_desk_press_different_buttons(
    transactional_db: None, alice: Patient, dr_chen: Doctor, rita: User, adam: User
) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))

    def press(verb: str, by: User) -> Callable[[], Appointment]:
        return lambda: VERBS[verb](Appointment.objects.with_names().get(pk=visit.pk), by=by, now=BEGUN)

    told = outcomes(press("no_show", rita), press("complete", adam), press("no_show", adam))

    assert told in (["already_final", "already_final", "done"], ["already_final", "done", "wrong_status"])
    assert Appointment.objects.get().status == Status.NO_SHOW
    assert AuditEntry.objects.count() == 1
