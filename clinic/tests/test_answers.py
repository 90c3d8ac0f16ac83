"""Links for answers: each good for one thing, one visit, one version of it, and for nothing else."""

import base64
import re
from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Patient, User
from clinic import answers, booking
from clinic.answers import MAILED, Action
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment
from clinic.tests.test_booking_changes import cancel, move


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    """Alice's visit on Monday at 09:00."""
    return make_appointment(dr_chen, alice, at("09:00"))


def good(tokens: dict[Action, str]) -> list[Action]:
    """Which of the tokens are good for anything at NOW."""
    return [action for action, token in tokens.items() if answers.read(token, NOW) is not None]


def mailed(visit: Appointment) -> dict[Action, str]:
    """The tokens of one mail."""
    return {action: answers.link_token(visit, action) for action in MAILED}


@pytest.mark.parametrize("action", MAILED)
def test_read_when_nothing_has_happened(visit: Appointment, action: Action) -> None:
    token = answers.link_token(visit, action)

    found = answers.read(token, NOW)

    assert found is not None
    assert (found.appointment, found.action) == (visit, action)
    assert (found.holder.appointment, found.holder.patient) == (visit.pk, visit.patient_id)


def test_links_lead_to_the_site(visit: Appointment, settings: Settings) -> None:
    settings.SITE_URL = "https://clinic.example.org"

    links = answers.links(visit)

    assert list(links) == ["confirm", "move", "cancel"]
    for link in links.values():
        assert re.fullmatch(r"https://clinic\.example\.org/answer/[A-Za-z0-9_-]{56}/", link)


def test_link_tells_nobody_anything(visit: Appointment) -> None:
    for token in mailed(visit).values():
        content = base64.urlsafe_b64decode(token)
        for told in ("alice", "archer", visit.reference, str(visit.patient_id), "chen"):
            assert told.lower().encode() not in content.lower()


def test_read_after_a_move(visit: Appointment) -> None:
    tokens = mailed(visit)

    there = move(visit, at("10:00"))
    back = move(there, at("09:00"))

    assert good(tokens) == []
    assert good(mailed(back)) == list(MAILED)


def test_read_after_a_cancel_and_after_its_undoing(visit: Appointment, alice: Patient) -> None:
    tokens = mailed(visit)

    cancelled = cancel(visit)
    assert good(tokens) == []
    receipt = {Action.CANCELLED: answers.link_token(cancelled, Action.CANCELLED)}
    assert good(receipt) == [Action.CANCELLED]

    stands = booking.undo(cancelled, by=alice.user, now=NOW)
    assert good(tokens | receipt) == []
    assert good(mailed(stands)) == list(MAILED)


def test_read_after_confirming(visit: Appointment, alice: Patient) -> None:
    tokens = mailed(visit)

    booking.confirm(visit, by=alice.user, now=NOW)

    assert good(tokens) == [Action.MOVE, Action.CANCEL]


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SCHEDULED, Status.HELD}))
def test_read_when_it_is_not_to_come_any_more(visit: Appointment, status: Status) -> None:
    tokens = mailed(visit)

    Appointment.objects.update(status=status)
    visit.refresh_from_db()

    assert good(tokens | mailed(visit)) == []


@pytest.mark.parametrize(("before", "is_good"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_read_when_the_visit_begins(visit: Appointment, before: timedelta, is_good: bool) -> None:
    for token in mailed(visit).values():
        assert (answers.read(token, visit.starts_at - before) is not None) == is_good


def test_read_when_it_is_tampered_with(visit: Appointment, bob: Patient, dr_chen: Doctor) -> None:
    other = make_appointment(dr_chen, bob, at("10:00"))
    for action, token in mailed(visit).items():
        content = bytearray(base64.urlsafe_b64decode(token))
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1
            assert answers.read(base64.urlsafe_b64encode(changed).decode(), NOW) is None
        for forged in (
            other.pk.bytes + bytes(content[16:]),
            *(bytes(content[:16]) + bytes([one.value]) + bytes(content[17:]) for one in Action if one != action),
            *(bytes(content[:length]) for length in range(len(content))),
            bytes(content) + b"\0" * 3,
        ):
            assert answers.read(base64.urlsafe_b64encode(forged).decode(), NOW) is None


@pytest.mark.parametrize(
    "change", ["{} ", " {}", "{}\n", "{}=", "{}====", "{}!", "{}\u00e9", "{}\ud800", "", "x", "=" * 56]
)
def test_read_when_it_is_garbage(visit: Appointment, change: str) -> None:
    for token in mailed(visit).values():
        assert answers.read(change.format(token), NOW) is None


def test_read_when_the_patient_has_another_address(visit: Appointment, alice: Patient) -> None:
    tokens = mailed(visit)

    User.objects.filter(pk=alice.user_id).update(email="archer@example.org")

    assert good(tokens) == []


def test_read_when_the_account_is_closed(visit: Appointment, alice: Patient) -> None:
    tokens = mailed(visit)

    User.objects.filter(pk=alice.user_id).update(is_active=False)

    assert good(tokens) == []


def test_read_when_the_visit_is_another_patients(visit: Appointment, bob: Patient) -> None:
    tokens = mailed(visit)

    Appointment.objects.update(patient=bob)

    assert good(tokens) == []


def test_read_when_the_key_was_changed(visit: Appointment, settings: Settings) -> None:
    tokens, before = mailed(visit), settings.SECRET_KEY

    settings.SECRET_KEY = "another" * 10
    assert good(tokens) == []
    settings.SECRET_KEY_FALLBACKS = [before]
    assert good(tokens) == list(MAILED)


def test_read_when_it_is_held(visit: Appointment) -> None:
    Appointment.objects.update(status=Status.HELD, hold_expires_at=at("09:00"))
    visit.refresh_from_db()

    assert good(mailed(visit)) == []


def test_read_when_the_patient_has_another_telephone(visit: Appointment, alice: Patient) -> None:
    tokens = mailed(visit)

    Patient.objects.filter(pk=alice.pk).update(phone="+4930999999")

    assert good(tokens) == []
