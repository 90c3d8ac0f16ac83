"""The page for one's calendar address, and what a calendar finds there."""

import logging
import re

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from accounts.models import AuditEntry, Patient, User
from clinic.models import CalendarFeed, Doctor
from clinic.tests.factories import at, make_appointment
from clinic.tests.readers import events

pytestmark = pytest.mark.usefixtures("clock")
ADDRESS = re.compile(r"http://testserver(/calendar/[\w-]{43}\.ics)")


@pytest.fixture
def alices(alice: Patient) -> Client:
    client = Client()
    client.force_login(alice.user)
    return client


@pytest.fixture
def stranger() -> Client:
    """A calendar somewhere."""
    cache.clear()
    return Client()


def made(client: Client, **form: str) -> str:
    """The path that is shown after the button was pressed."""
    response = client.post("/calendar/address/", form)
    assert response.status_code == 200
    (path,) = ADDRESS.findall(response.content.decode())
    return str(path)


def test_address_is_shown_once(alices: Client, stranger: Client, alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"))

    before = alices.get("/calendar/").content.decode()
    path = made(alices)
    after = alices.get("/calendar/").content.decode()

    assert "Make an address" in before
    assert path not in after
    assert "Close the address" in after
    response = stranger.get(path)
    assert (response.status_code, len(events(response.content))) == (200, 1)


def test_feed_needs_no_session(alices: Client, stranger: Client) -> None:
    path = made(alices)

    response = stranger.get(path)

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    head = stranger.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert stranger.post(path).status_code == stranger.delete(path).status_code == 405


def test_feed_when_renewed_and_closed(alices: Client, stranger: Client) -> None:
    first = made(alices)
    second = made(alices, renew="1")

    assert [stranger.get(path).status_code for path in (first, second)] == [404, 200]

    closed = alices.post("/calendar/close/", follow=True)

    assert "is closed" in closed.content.decode()
    assert stranger.get(second).status_code == 404


def test_refusals_of_an_address_are_all_alike(alices: Client, stranger: Client, bob: Patient) -> None:
    # case 098, case 101
    bobs = Client()
    bobs.force_login(bob.user)
    closed, gone = made(alices), made(bobs)
    alices.post("/calendar/close/")
    User.objects.filter(pk=bob.user.pk).update(is_active=False)
    address, request_id = re.compile(rb"/calendar/[^\s\"<]*"), re.compile(rb"[0-9a-f-]{36}")

    answers = [stranger.get(path) for path in (closed, gone, "/calendar/x.ics", f"/calendar/{'y' * 2000}.ics")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({request_id.sub(b"", address.sub(b"", answer.content)) for answer in answers}) == 1


def test_address_is_written_down_nowhere(alices: Client, stranger: Client, caplog: pytest.LogCaptureFixture) -> None:
    # case 174
    caplog.set_level(logging.DEBUG)
    path = made(alices)
    mistyped = path.replace(".ics", "x.ics")

    stranger.get(path)
    assert stranger.get(mistyped).status_code == 404
    alices.post("/calendar/close/")
    stranger.get(path)

    token = path.removeprefix("/calendar/").removesuffix(".ics")
    assert caplog.records
    assert not any(token in str(vars(record)) for record in caplog.records)
    assert AuditEntry.objects.filter(verb="request.denied", object_type="calendar-feed").count() == 2
    assert token not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("renew", [{}, {"renew": "1"}])
def test_names_when_a_patient_sends_the_box(renew: dict[str, str], alices: Client) -> None:
    response = alices.post("/calendar/address/", {"names_patients": "on", **renew}, follow=True)

    assert "Only doctors" in response.content.decode()
    assert not CalendarFeed.objects.exists()


def test_page_for_a_doctor(client: Client, dr_chen: Doctor) -> None:
    client.force_login(dr_chen.user)

    page = client.get("/calendar/").content.decode()
    made(client, names_patients="on")

    assert 'name="names_patients"' in page
    assert 'href="/calendar/"' in client.get("/day/").content.decode()
    assert CalendarFeed.objects.get().names_patients


def test_page_when_opened_twice(alices: Client) -> None:
    made(alices)

    again = alices.post("/calendar/address/", follow=True)

    assert "already" in again.content.decode()
    assert not ADDRESS.search(again.content.decode())


def test_page_links(alices: Client) -> None:
    page = alices.get("/appointments/").content.decode()

    assert 'href="/calendar/"' in page


def test_what_is_held_tells_of_the_address(alices: Client) -> None:
    made(alices)

    assert "Address for your calendar" in alices.get("/accounts/my-data/").content.decode()


def test_feed_when_asked_too_often(alices: Client, stranger: Client) -> None:
    path = made(alices)

    with override_settings(ACCOUNT_RATE_LIMITS={"calendar_feed": "1/h/key", "calendar_missed": "1/h/ip"}):
        answers = [stranger.get(path) for _twice in range(2)]
        misses = [stranger.get("/calendar/x.ics") for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert [answer.status_code for answer in misses] == [404, 429]
    assert int(answers[1].headers["Retry-After"]) > 3000
