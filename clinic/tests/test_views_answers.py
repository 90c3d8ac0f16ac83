"""The pages to which the links in mails lead."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client, override_settings
from django.urls import reverse

from accounts import outbox
from accounts.models import Patient, User
from accounts.models.audit import AuditEntry
from clinic import answers, booking
from clinic.answers import MAILED, Action
from clinic.forms import NewTimeForm
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment, make_visit_type
from clinic.tests.portal import text_of, times
from clinic.tests.refusals import everything, refused

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    """Alice's visit on Monday at 09:00."""
    kind = make_visit_type(name="Skin check")
    dr_chen.visit_types.add(kind)
    return make_appointment(dr_chen, alice, at("09:00"), visit_type=kind, reason="A rash")


def link(visit: Appointment, action: Action) -> str:
    """The path of a link as it is mailed now."""
    return reverse("answer", args=[answers.link_token(Appointment.objects.get(pk=visit.pk), action)])


def page_after(client: Client, path: str, data: dict[str, str] | None = None) -> Any:
    """The page that a press of the button leads to."""
    answer = client.post(path, data or {})
    assert answer.status_code == 302, answer.status_code
    return client.get(answer.headers["Location"])


# --- Looking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [*MAILED, Action.CONFIRMED, Action.MOVED, Action.RESTORED])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_answer_when_looked_at(client: Client, visit: Appointment, action: Action, method: str) -> None:
    # case 093
    before, path = everything(), link(visit, action)

    for _scanner in range(3):
        client.generic(method, path)

    assert everything() == before
    assert client.get(path).status_code == 200


def test_cancelled_page_when_looked_at(client: Client, visit: Appointment, alice: Patient) -> None:
    # case 093
    booking.cancel(visit, by=alice.user, now=NOW)
    before, path = everything(), link(visit, Action.CANCELLED)

    client.get(path)
    client.head(path)

    assert everything() == before


@pytest.mark.parametrize("action", MAILED)
def test_answer_page_tells_no_more_than_it_must(client: Client, visit: Appointment, action: Action) -> None:
    response = client.get(link(visit, action))
    page = response.content.decode()

    for told in ("Mon 1 March 2027, 09:00 (CET)", "Berlin Mitte", visit.reference):
        assert told in text_of(response)
    for untold in ("Alice", "Archer", "alice@", "Chen", "Skin check", "A rash", "Dermatology"):
        assert untold not in page
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert page.count("<title>") == 1
    assert visit.reference not in page.split("</title>")[0]


def test_answer_when_the_form_comes_from_elsewhere(visit: Appointment) -> None:
    # case 093
    client, before = Client(enforce_csrf_checks=True), everything()

    for action in MAILED:
        assert client.post(link(visit, action)).status_code == 403

    assert everything() == before


# --- Confirming ------------------------------------------------------------------------------------


def test_confirm_once(client: Client, visit: Appointment) -> None:
    path = link(visit, Action.CONFIRM)

    page = page_after(client, path)

    visit.refresh_from_db()
    assert visit.confirmed_at == NOW
    assert "Thank you, we expect you" in text_of(page)
    assert client.get(path).status_code == client.post(path).status_code == 404
    before = everything()
    assert client.get(page.request["PATH_INFO"]).status_code == 200  # loaded again
    assert client.post(page.request["PATH_INFO"]).status_code == 302
    assert everything() == before
    assert client.get(link(visit, Action.CANCEL)).status_code == 200


# --- Cancelling ------------------------------------------------------------------------------------


def test_cancel_and_undo(client: Client, visit: Appointment) -> None:
    path = link(visit, Action.CANCEL)

    page = page_after(client, path)

    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
    assert "The appointment is cancelled" in text_of(page)
    assert "Undo: keep the appointment" in text_of(page)
    assert client.post(path).status_code == 404
    receipt = page.request["PATH_INFO"]
    again = page_after(client, receipt)
    visit.refresh_from_db()
    assert (visit.status, visit.sequence) == (Status.SCHEDULED, 1)
    assert "The appointment stands again" in text_of(again)
    assert client.post(receipt).status_code == client.get(path).status_code == 404


def test_undo_when_it_is_too_late(client: Client, visit: Appointment, clock: time_machine.Traveller) -> None:
    receipt = page_after(client, link(visit, Action.CANCEL)).request["PATH_INFO"]
    clock.shift(booking.UNDO_FOR + timedelta(seconds=1))
    before = everything()

    page, pressed = client.get(receipt), client.post(receipt)

    assert "Undo" not in text_of(page)
    assert "too late" in text_of(pressed)
    assert everything() == before


def test_undo_when_the_time_was_taken(client: Client, visit: Appointment, bob: Patient, dr_chen: Doctor) -> None:
    receipt = page_after(client, link(visit, Action.CANCEL)).request["PATH_INFO"]
    make_appointment(dr_chen, bob, at("09:00"))
    before = everything()

    pressed = client.post(receipt)

    assert "This time was just taken." in text_of(pressed)
    assert "Chen" not in pressed.content.decode()
    assert everything() == before


@pytest.mark.parametrize("action", [Action.CANCEL, Action.MOVE])
def test_answer_when_the_deadline_has_passed(
    client: Client, visit: Appointment, clock: time_machine.Traveller, action: Action
) -> None:  # case 040
    clock.move_to(visit.cancellable_until + timedelta(minutes=1))
    before, path = everything(), link(visit, action)

    page, pressed = client.get(path), client.post(path, {"starts_at": at("10:00").isoformat(), "version": visit.etag})

    for answer in (page, pressed):
        assert answer.status_code == 200
        assert "It is too late" in text_of(answer)
        assert "+49 30 123456" in text_of(answer)
        assert visit.reference in text_of(answer)
        assert 'class="slot"' not in answer.content.decode()
    assert everything() == before
    assert client.get(link(visit, Action.CONFIRM)).status_code == 200


# --- Moving ----------------------------------------------------------------------------------------


def test_move(client: Client, visit: Appointment) -> None:
    path = link(visit, Action.MOVE)
    page = client.get(path)
    assert f'<form method="post" action="{path}"' in page.content.decode()
    assert at("10:00").isoformat() in [_utc(time) for time in times(page)]

    done = page_after(client, path, {"starts_at": at("10:00").isoformat(), "version": visit.etag})

    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence, visit.status) == (at("10:00"), 1, Status.SCHEDULED)
    assert "The appointment is moved" in text_of(done)
    assert "10:00 (CET)" in text_of(done)
    assert client.post(path, {"starts_at": at("11:00").isoformat(), "version": visit.etag}).status_code == 404
    entry = AuditEntry.objects.get(verb="clinic.appointment.moved")
    assert (entry.actor, entry.program, entry.patient) == (None, "answer_link", visit.patient_id)


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def test_move_when_the_time_was_taken(client: Client, visit: Appointment, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, bob, at("10:00"))
    before = everything()

    pressed = client.post(link(visit, Action.MOVE), {"starts_at": at("10:00").isoformat(), "version": visit.etag})

    assert "This time was just taken." in text_of(pressed)
    assert times(pressed)
    assert everything() == before


@pytest.mark.parametrize("data", [{}, {"starts_at": "soon"}])
def test_move_when_the_form_is_not_ours(client: Client, visit: Appointment, data: dict[str, str]) -> None:
    before = everything()

    assert client.post(link(visit, Action.MOVE), data).status_code == 200

    assert everything() == before


def test_move_when_it_was_moved_after_the_link_was_read(visit: Appointment) -> None:
    """No version that somebody else names makes a link good twice."""
    found = answers.read(answers.link_token(visit, Action.MOVE), NOW)
    assert found is not None
    booking.reschedule(visit, starts_at=at("10:00"), by=found.holder, now=NOW)
    form = NewTimeForm({"starts_at": at("11:00").isoformat(), "version": "*"})
    assert form.is_valid()

    with refused("stale"):
        form.save(found.appointment, by=found.holder, now=NOW)

    visit.refresh_from_db()
    assert visit.starts_at == at("10:00")


def test_move_takes_no_other_doctor(client: Client, visit: Appointment, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    data = {"starts_at": at("10:00").isoformat(), "version": visit.etag, "doctor": str(dr_diaz.pk)}
    path = link(visit, Action.MOVE)
    assert "Diaz" not in client.get(f"{path}?of={dr_diaz.pk}&doctor=Diaz").content.decode()

    page_after(client, path, data)

    visit.refresh_from_db()
    assert visit.doctor == dr_chen


def test_move_page_turns(client: Client, visit: Appointment) -> None:
    path = link(visit, Action.MOVE)

    later = client.get(path, {"day": "2027-03-15"})

    assert times(later)[0].startswith("2027-03-15")
    assert path in later.content.decode()
    for odd in ("x", "2027-13-99", "9999-12-31", "0001-01-01"):
        assert client.get(path, {"day": odd}).status_code == 200


def test_move_when_nothing_is_free(client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    dr_chen.weekly_hours.all().delete()

    assert "Nothing is free here at present." in text_of(client.get(link(visit, Action.MOVE)))
    Doctor.objects.update(status="occupied")
    assert "Nothing is free here at present." in text_of(client.get(link(visit, Action.MOVE)))


# --- Links that are no good ------------------------------------------------------------------------


def test_dead_links_are_all_alike(
    client: Client, visit: Appointment, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:
    moved = make_appointment(dr_chen, bob, at("11:00"))
    old = link(moved, Action.CANCEL)
    booking.reschedule(moved, starts_at=at("11:30"), by=bob.user, now=NOW)
    used = link(visit, Action.CONFIRM)
    client.post(used)
    forged = link(visit, Action.CANCEL)[:-8] + "AAAAAAA/"
    before = everything()

    pages = set()
    for path in (old, used, forged, "/answer/x/", f"/answer/{visit.pk}/", "/answer/%00/", "/answer/%F0%9F%98%80/"):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 404
            pages.add(text_of(answer).replace(answer.headers["X-Request-ID"], ""))

    assert len(pages) == 1
    assert "This link does not work any more" in pages.pop()
    assert everything() == before


def test_dead_link_is_not_written_down(client: Client, visit: Appointment) -> None:
    path = link(visit, Action.CONFIRM)
    client.post(path)

    client.get(path)

    entry = AuditEntry.objects.get(verb="request.denied")
    assert (entry.object_type, entry.object_id) == ("answer", "")


def test_answer_when_asked_too_often(client: Client, visit: Appointment) -> None:
    cache.clear()
    before, path = everything(), link(visit, Action.CANCEL)

    with override_settings(ACCOUNT_RATE_LIMITS={"answer": "2/m/ip"}):
        answers_ = [client.get(path), client.get(path), client.get(path), client.post(path)]

    assert [answer.status_code for answer in answers_] == [200, 200, 429, 429]
    assert int(answers_[2].headers["Retry-After"]) > 0
    assert everything() == before


def test_two_presses_at_once(transactional_db: None, visit: Appointment) -> None:
    path, barrier = link(visit, Action.CANCEL), Barrier(2)

    def press(_which: int) -> int:
        client = Client()
        barrier.wait(30)
        try:
            return client.post(path).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(press, range(2), timeout=60))

    assert told == [302, 404]
    assert AuditEntry.objects.filter(verb="clinic.appointment.cancelled").count() == 1


# --- The portal's undo -----------------------------------------------------------------------------


def test_portal_undo(client: Client, visit: Appointment, alice: Patient) -> None:
    client.force_login(alice.user)
    page = client.post(reverse("cancel", args=[visit.pk]), {"version": visit.etag}, follow=True)
    assert "Undo: keep the appointment" in text_of(page)

    done = client.post(reverse("undo-cancel", args=[visit.pk]), follow=True)

    visit.refresh_from_db()
    assert visit.status == Status.SCHEDULED
    assert "The appointment stands again." in text_of(done)
    again = client.post(reverse("undo-cancel", args=[visit.pk]), follow=True)
    assert "Your visit is booked" in text_of(again)


def test_portal_undo_when_it_is_only_looked_at(client: Client, visit: Appointment, alice: Patient) -> None:
    # case 093
    client.force_login(alice.user)
    booking.cancel(visit, by=alice.user, now=NOW)
    before = everything()

    assert client.get(reverse("undo-cancel", args=[visit.pk])).status_code == 405

    assert everything() == before


def test_portal_undo_by_somebody_else(
    client: Client, visit: Appointment, alice: Patient, bob: Patient, dr_chen: Doctor, rita: User
) -> None:
    booking.cancel(visit, by=alice.user, now=NOW)
    before = everything()

    for user, status in ((bob.user, 404), (dr_chen.user, 302), (rita, 302)):
        assert user is not None
        client.force_login(user)
        assert client.post(reverse("undo-cancel", args=[visit.pk])).status_code == status
    assert "Undo" not in text_of(client.get(reverse("booked", args=[visit.pk])))

    assert everything() == before


def test_portal_undo_when_it_is_too_late(
    client: Client, visit: Appointment, alice: Patient, clock: time_machine.Traveller
) -> None:
    booking.cancel(visit, by=alice.user, now=NOW)
    clock.shift(booking.UNDO_FOR + timedelta(seconds=1))
    client.force_login(alice.user)
    before = everything()

    page = client.post(reverse("undo-cancel", args=[visit.pk]), follow=True)

    assert "This cannot be taken back any more." in text_of(page)
    assert "Undo" not in text_of(page)
    assert everything() == before


def test_portal_undo_when_the_time_was_taken(
    client: Client, visit: Appointment, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:
    booking.cancel(visit, by=alice.user, now=NOW)
    make_appointment(dr_chen, bob, at("09:00"))
    client.force_login(alice.user)
    before = everything()

    page = client.post(reverse("undo-cancel", args=[visit.pk]), follow=True)

    assert "Sorry, this time was taken just now" in text_of(page)
    assert "The nearest free times" in text_of(page)
    assert everything() == before


# --- From the mail ---------------------------------------------------------------------------------


def mailed_link(word: str) -> str:
    """The path behind a line of the newest mail that begins with ``word``, as a telephone would find it."""
    outbox.deliver_due(NOW)
    lines = str(mail.outbox[-1].body).splitlines()
    start = next(number for number, line in enumerate(lines) if word in line)
    address = next(line.strip() for line in lines[start + 1 :] if line.strip())
    assert address.startswith(settings.SITE_URL)
    return address.removeprefix(settings.SITE_URL)


def test_links_of_a_mail_after_each_change(client: Client, alice: Patient, dr_chen: Doctor) -> None:
    visit = booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:00"), by=alice.user, now=NOW)
    confirm, first = mailed_link("Confirm"), mailed_link("Cancel")
    page_after(client, confirm)

    page = page_after(client, first)
    page_after(client, page.request["PATH_INFO"])

    again = mailed_link("Cancel")
    assert client.get(first).status_code == 404
    assert "The appointment is cancelled" in text_of(page_after(client, again))
    visit.refresh_from_db()
    assert (visit.status, visit.sequence) == (Status.CANCELLED, 1)
