"""Somebody is refused again and again, and the privacy officers hear of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import override_settings

from accounts import outbox
from accounts.models import AuditEntry, Message, Outcome, User
from clinic.tests.clients import Caller
from clinic.tests.desk import client_of
from records import denials
from records.tests.actors import LATER, People


@pytest.fixture(autouse=True)
def often_is_three(people: People) -> Any:
    with override_settings(DENIALS_ALERT=3), time_machine.travel(LATER, tick=False) as clock:
        yield clock


def knock(people: People, name: str, times: int = 3) -> None:
    """At charts, records and appointments, in the portal and by the API."""
    user = people.who[name]
    addresses = (
        f"/records/{people.record.pk}/",
        f"/records/patients/{people.patient.pk}/",
        f"/appointments/{people.visit.pk}/",
    )
    browser, program = client_of(user), Caller(user)
    for number in range(times):
        address = addresses[number % 3]
        assert browser.get(address).status_code == 404
    assert program.get(f"medical-records/{people.record.pk}/").status_code == 404


def told() -> list[Message]:
    return list(Message.objects.filter(kind=denials.KIND))


def test_burst_is_told_to_privacy_officers_once(people: People, often_is_three: Any) -> None:
    # case 183
    other = people.who["other_doctor"]
    knock(people, "other_doctor")

    assert denials.alert(now=datetime.now(UTC)) == 1
    often_is_three.shift(120)
    assert denials.alert(now=datetime.now(UTC)) == 0

    assert {message.user for message in told()} == {people.who["admin"], people.who["superuser"]}
    assert {message.about for message in told()} == {other.pk}
    denied = AuditEntry.objects.filter(outcome=Outcome.DENIED, actor=other.pk)
    assert {entry.entry_point for entry in denied} == {"portal", "api"}
    # An hour later, if he still does it.
    often_is_three.shift(3600)
    knock(people, "other_doctor")
    assert denials.alert(now=datetime.now(UTC)) == 1


def test_message_names_nobody_and_leads_to_what_was_refused(people: People) -> None:
    # case 183
    knock(people, "other_doctor")
    denials.alert(now=datetime.now(UTC))
    mail.outbox.clear()

    outbox.sweep(clock=lambda: datetime.now(UTC), goes_on=lambda: True)

    officers = [each for each in mail.outbox if each.to == [people.who["admin"].email]]
    [letter] = [each for each in officers if "again and again" in each.subject]
    said = f"{letter.subject} {letter.body}"
    assert not [name for name in _names(people) if name in said]
    link = next(word for word in str(letter.body).split() if "/admin/accounts/auditentry/" in word)
    officer = client_of(people.who["admin"])
    shown = officer.get(link.removeprefix(settings.SITE_URL)).content.decode()
    assert shown.count("request.denied") == 4
    assert "was refused charts or appointments again and again" in officer.get("/admin/").content.decode()


def _names(people: People) -> list[str]:
    return [name for user in people.who.values() for name in (user.first_name, user.last_name) if name]


@pytest.mark.parametrize("how", ["seldom", "slowly", "elsewhere"])
def test_no_burst(people: People, often_is_three: Any, how: str) -> None:
    user = people.who["receptionist"]
    if how == "elsewhere":
        for _each in range(5):
            assert client_of(user).get("/admin/accounts/user/").status_code == 403
    else:
        knock(people, "other_doctor", times=1)
    if how == "slowly":
        often_is_three.shift(timedelta(minutes=11))
        knock(people, "other_doctor", times=1)

    assert denials.alert(now=datetime.now(UTC)) == 0
    assert told() == []
    assert User.objects.filter(pk=user.pk, is_active=True).exists()
