"""The desk's page of one visit that is to be moved, and the list of all that wait."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Message, Patient, User
from accounts.tests.factories import make_patient
from clinic.models import Doctor, Specialty, ToBeMoved
from clinic.tests.desk import client_of, page
from clinic.tests.factories import NOW, at, make_appointment, make_time_off

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def flag(alice: Patient, dr_chen: Doctor) -> ToBeMoved:
    """Alice's visit at ten, over which Dr. Chen is away for the morning."""
    off = make_time_off(at("09:00"), at("12:00"), dr_chen)
    return ToBeMoved.objects.create(
        appointment=make_appointment(dr_chen, alice, at("10:00")), cause="exception", exception=off
    )


@pytest.fixture
def address(flag: ToBeMoved) -> str:
    return reverse("admin:desk-move", args=[flag.pk])


def offers(shown: Any) -> list[str]:
    return [text for _slot, text in shown.context["offered"]]


def button(shown: Any, number: int = 0) -> dict[str, Any]:
    """What the form of one of the buttons sends."""
    slot = shown.context["offered"][number][0]
    return {"starts_at": slot.starts_at.isoformat(), "doctor": slot.doctor.pk, "version": shown.context["visit"].etag}


def test_nearest_times_are_offered(rita: User, address: str) -> None:
    shown = client_of(rita).get(address)

    assert "Tue 2 March 2027, 09:00 (CET) with Dr. Wei Chen, Berlin Mitte" in offers(shown)
    assert not any("Mon 1 March" in text for text in offers(shown))
    assert "Alice Archer" in shown.content.decode()


def test_one_click_moves(rita: User, flag: ToBeMoved, address: str) -> None:
    client = client_of(rita)
    shown = client.get(address)

    answer = client.post(address, button(shown), follow=True)

    flag.refresh_from_db()
    visit = flag.appointment
    visit.refresh_from_db()
    assert visit.starts_at == shown.context["offered"][0][0].starts_at
    assert flag.resolved_at is not None
    assert Message.objects.filter(kind="moved", about=visit.pk).count() == 1
    assert "The visit is moved to" in answer.content.decode()
    assert answer.redirect_chain == [(page(ToBeMoved, "changelist"), 302)]


def test_one_click_moves_to_a_colleague(
    rita: User, flag: ToBeMoved, dr_chen: Doctor, dr_diaz: Doctor, address: str
) -> None:
    heart = Specialty.objects.create(name="Cardiology")
    heart.doctors.add(dr_chen, dr_diaz)
    make_time_off(NOW, NOW + timedelta(days=60), dr_chen)
    client = client_of(rita)
    shown = client.get(address)
    assert "Mon 1 March 2027, 10:00 (CET) with Dr. Ana Diaz, Berlin Mitte" in offers(shown)

    client.post(
        address, button(shown, offers(shown).index("Mon 1 March 2027, 10:00 (CET) with Dr. Ana Diaz, Berlin Mitte"))
    )

    flag.appointment.refresh_from_db()
    assert (flag.appointment.doctor, flag.appointment.starts_at) == (dr_diaz, at("10:00"))


def test_time_that_was_taken_meanwhile(rita: User, dr_chen: Doctor, flag: ToBeMoved, address: str) -> None:
    client = client_of(rita)
    shown = client.get(address)
    make_appointment(dr_chen, make_patient(), shown.context["offered"][0][0].starts_at)

    answer = client.post(address, button(shown))

    assert "This time was just taken." in answer.content.decode()
    assert offers(answer)[0] != offers(shown)[0]
    flag.appointment.refresh_from_db()
    assert flag.appointment.starts_at == at("10:00")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"version": "stale"}, "It was changed meanwhile; please look again."),
        ({"starts_at": "nonsense"}, "Choose one of the times offered."),
        ({"doctor": "nonsense"}, "Choose one of the times offered."),
        ({"starts_at": "2027-02-01T09:00:00+00:00"}, "This time has passed."),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, ""),
    ],
)
def test_what_no_button_says_moves_nothing(
    rita: User, flag: ToBeMoved, address: str, said: dict[str, Any], message: str
) -> None:  # case 150
    client = client_of(rita)
    sent = button(client.get(address)) | said

    answer = client.post(address, sent)

    assert answer.status_code == 200
    assert message in answer.content.decode()
    flag.appointment.refresh_from_db()
    assert flag.appointment.starts_at == at("10:00")


def test_visit_that_does_not_wait_any_more(rita: User, flag: ToBeMoved, address: str) -> None:
    client = client_of(rita)
    sent = button(client.get(address))
    client.post(address, sent)
    flag.appointment.refresh_from_db()
    moved_to = flag.appointment.starts_at

    answer = client.post(address, sent, follow=True)

    assert "does not wait to be moved" in answer.content.decode()
    flag.appointment.refresh_from_db()
    assert flag.appointment.starts_at == moved_to


def test_page_is_for_the_desk(alice: Patient, dr_chen: Doctor, flag: ToBeMoved, address: str) -> None:  # case 119
    for user in (alice.user, dr_chen.user):
        assert client_of(user).get(address, follow=True).status_code == 403
        assert client_of(user).post(address, {}, follow=True).status_code == 403


def test_list_says_who_waits_since_when(rita: User, address: str) -> None:
    shown = client_of(rita).get(page(ToBeMoved, "changelist")).content.decode()

    assert "22 February 2027, 08:00 UTC" in shown
    assert "Alice Archer" in shown
    assert address in shown


def test_list_asks_as_little_for_many_as_for_one(rita: User, dr_chen: Doctor, flag: ToBeMoved) -> None:  # case 214
    client, listed = client_of(rita), page(ToBeMoved, "changelist")
    client.get(listed)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(listed)
        return len(asked)

    few = queries()
    for clock in ("09:00", "09:30", "10:30", "11:00", "11:30"):
        ToBeMoved.objects.create(appointment=make_appointment(dr_chen, make_patient(), at(clock)), cause="hours")

    assert queries() == few
