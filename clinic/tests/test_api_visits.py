"""The steps of a visit through the API, and its history."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.models import Patient, User
from clinic import booking
from clinic.booking import LinkHolder
from clinic.models import Appointment, Doctor, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at, make_appointment
from clinic.tests.test_api_changes import row
from clinic.tests.test_api_queries import queries

STEPS = ("arrive", "start", "complete", "no-show")


@pytest.fixture(autouse=True)
def five_past_nine() -> Iterator[time_machine.Traveller]:
    """The clock stands at Monday, 09:05."""
    with time_machine.travel(at("09:05"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def hers(dr_chen: Doctor, alice: Patient) -> Appointment:
    """Alice with Dr. Chen, Monday at 9."""
    return make_appointment(dr_chen, alice, at("09:00"), reason="A cough.")


def test_a_visit_by_its_addresses(hers: Appointment, dr_chen: Doctor, rita: User) -> None:  # fault B4-11
    desk, doctor, came = Caller(rita), Caller(dr_chen.user), []

    for caller, step in [
        *((desk, "arrive"), (desk, "undo"), (desk, "no-show"), (desk, "undo"), (desk, "arrive")),
        *((doctor, "start"), (doctor, "complete"), (doctor, "undo"), (doctor, "complete")),
    ]:
        answer = caller.post(f"appointments/{hers.pk}/{step}/")
        assert answer.status_code == 200, answer.content
        assert answer.headers["ETag"] == Appointment.objects.get().etag
        came.append(answer.json()["status"])

    assert came == [
        *("arrived", "scheduled", "no_show", "scheduled", "arrived"),
        *("in_progress", "completed", "in_progress", "completed"),
    ]
    assert refusal(desk.post(f"appointments/{hers.pk}/undo/")) == (403, "permission_denied")
    assert refusal(desk.post(f"appointments/{hers.pk}/start/")) == (409, "already_final")


@pytest.mark.parametrize(
    ("said", "status"),
    [("arrived", "arrived"), ("IN_PROGRESS", "in_progress"), ("No-Show", "no_show"), (" Cancelled ", "cancelled")],
)
def test_status_when_it_can_follow(hers: Appointment, rita: User, said: str, status: str) -> None:
    more = {"reason": "She called."} if status == "cancelled" else {}

    answer = Caller(rita).patch(f"appointments/{hers.pk}/status/", {"status": said, **more})

    hers.refresh_from_db()
    assert (answer.status_code, answer.json()["status"], hers.status) == (200, status, status)
    assert hers.cancel_reason == more.get("reason", "")


@pytest.mark.parametrize(
    ("state", "body", "told"),
    [
        (Status.SCHEDULED, {"status": "completed"}, (400, "wrong_status")),
        (Status.SCHEDULED, {"status": "scheduled"}, (400, "wrong_status")),
        (Status.COMPLETED, {"status": "scheduled"}, (409, "already_final")),
        (Status.CANCELLED, {"status": "arrived"}, (409, "already_final")),
        (Status.SCHEDULED, {"status": "cancelled"}, (400, "reason_required")),
        (Status.SCHEDULED, {"status": "held"}, (400, "invalid")),
        (Status.SCHEDULED, {"status": 1}, (400, "invalid")),
        (Status.SCHEDULED, {"status": ["arrived"]}, (400, "invalid")),
        (Status.SCHEDULED, {}, (400, "invalid")),
    ],
)
def test_status_when_it_cannot_follow(  # fault B2-7
    dr_chen: Doctor, alice: Patient, rita: User, state: Status, body: dict[str, Any], told: tuple[int, str]
) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"), status=state)
    before = row(visit)

    answer = Caller(rita).patch(f"appointments/{visit.pk}/status/", body)

    assert refusal(answer) == told
    assert row(visit) == before


def test_steps_by_the_patient(hers: Appointment, bob: Patient, dr_diaz: Doctor) -> None:  # case 119
    before = row(hers)

    for step in STEPS:
        assert refusal(Caller(hers.patient.user).post(f"appointments/{hers.pk}/{step}/")) == (403, "permission_denied")
        for other in (bob.user, dr_diaz.user):
            assert refusal(Caller(other).post(f"appointments/{hers.pk}/{step}/")) == (404, "not_found")
    for status in ("arrived", "in_progress", "no_show"):
        answer = Caller(hers.patient.user).patch(f"appointments/{hers.pk}/status/", {"status": status})
        assert refusal(answer) == (403, "permission_denied")

    assert row(hers) == before


def test_a_cancelled_one_when_its_time_was_given_away(  # case 037
    hers: Appointment, bob: Patient, dr_chen: Doctor, five_past_nine: time_machine.Traveller
) -> None:
    five_past_nine.move_to(NOW)
    caller = Caller(hers.patient.user)
    assert caller.post(f"appointments/{hers.pk}/cancel/").status_code == 200
    body = {"doctor": str(dr_chen.pk), "starts_at": "2027-03-01T09:00:00+01:00"}
    assert Caller(bob.user).post("appointments/", body).status_code == 201
    before = row(hers)

    back = caller.patch(f"appointments/{hers.pk}/status/", {"status": "scheduled"})
    undone = caller.post(f"appointments/{hers.pk}/undo/")

    assert refusal(back) == (409, "already_final")
    assert refusal(undone) == (409, "slot_taken")
    assert len(undone.json()["error"]["alternatives"]) == 3
    assert row(hers) == before


def test_steps_when_it_was_changed_meanwhile(hers: Appointment, rita: User) -> None:  # case 036
    desk, seen = Caller(rita), hers.etag
    arrived = desk.post(f"appointments/{hers.pk}/arrive/", headers={"If-Match": seen})

    for late in ("start", "undo"):
        assert refusal(desk.post(f"appointments/{hers.pk}/{late}/", headers={"If-Match": seen})) == (409, "stale")
    answer = desk.patch(f"appointments/{hers.pk}/status/", {"status": "in_progress"}, headers={"If-Match": seen})
    assert refusal(answer) == (409, "stale")

    again = desk.post(f"appointments/{hers.pk}/start/", headers={"If-Match": arrived.headers["ETag"]})
    assert again.status_code == 200


# --- History ---------------------------------------------------------------------------------------


def story(answer: Any) -> list[tuple[str, Any, str, Any]]:
    """What a history tells."""
    assert answer.status_code == 200, answer.content
    return [
        tuple(deed[key] for key in ("actor_name", "role", "action", "changes")) for deed in answer.json()["results"]
    ]


@pytest.fixture
def eventful(alice: Patient, dr_chen: Doctor, rita: User) -> Appointment:
    """Booked by alice, confirmed by a mailed link, moved by rita, begun by Dr. Chen, taken back, cancelled by rita."""
    assert alice.user is not None
    visit = booking.book(
        doctor=dr_chen, patient=alice, starts_at=at("10:00"), by=alice.user, now=NOW, reason="A cough."
    )
    booking.confirm(visit, by=LinkHolder(visit.pk, alice.pk), now=NOW)
    booking.reschedule(visit, starts_at=at("09:00"), by=rita, now=NOW)
    booking.start(visit, by=dr_chen.user, now=at("09:00"))
    booking.undo(visit, by=dr_chen.user, now=at("09:01"))
    return booking.cancel(visit, by=rita, now=at("09:02"), reason="She fell ill.")


def test_history_by_who_looks(eventful: Appointment, alice: Patient, dr_chen: Doctor, rita: User) -> None:
    doctor = str(dr_chen.pk)
    at_nine, at_ten = "2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00"

    def told(desk: str) -> list[tuple[Any, ...]]:
        return [
            ("Alice Archer", "patient", "booked", {"doctor": [None, doctor], "starts_at": [None, at_ten]}),
            ("A link in a message", None, "confirmed", {}),
            (desk, "receptionist", "moved", {"doctor": [doctor, doctor], "starts_at": [at_ten, at_nine]}),
            ("Dr. Wei Chen", "doctor", "started", {"status": ["scheduled", "in_progress"]}),
            ("Dr. Wei Chen", "doctor", "undone", {"status": ["in_progress", "scheduled"]}),
            (desk, "receptionist", "cancelled", {"status": ["scheduled", "cancelled"]}),
        ]

    path = f"appointments/{eventful.pk}/history/"
    hers, clinics = Caller(alice.user).get(path), Caller(rita).get(path)

    assert story(hers) == told("Reception")
    booked, *others = story(clinics)
    assert (booked[3].pop("is_overbooked"), [booked, *others]) == ([None, False], told("Rita Rivera"))
    assert story(Caller(dr_chen.user).get(path))[1:] == others
    assert hers.json()["results"][0]["at"].startswith("2027-03-01T09:05:00+01:00")
    for answer in (hers, clinics):
        assert b"cough" not in answer.content
        assert b"ill" not in answer.content


def test_history_of_anothers(eventful: Appointment, bob: Patient, dr_diaz: Doctor) -> None:
    for by in (bob.user, dr_diaz.user):
        assert refusal(Caller(by).get(f"appointments/{eventful.pk}/history/")) == (404, "not_found")


def test_history_in_pages_and_few_queries(eventful: Appointment, rita: User) -> None:
    caller, path = Caller(rita), f"appointments/{eventful.pk}/history/?page_size=100"
    few = queries(lambda: caller.get(path))
    for _again in range(10):
        booking.undo(eventful, by=rita, now=at("09:03"))
        booking.cancel(eventful, by=rita, now=at("09:03"), reason="She fell ill.")

    assert queries(lambda: caller.get(path)) == few
    page = caller.get(f"appointments/{eventful.pk}/history/?page_size=5&page=2").json()
    assert (page["count"], len(page["results"])) == (26, 5)
