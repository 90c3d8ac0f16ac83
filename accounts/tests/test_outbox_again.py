"""What staff do about messages that were given up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import outbox
from accounts.models import AuditEntry, Message, Patient, Role, User
from accounts.models.message import State
from accounts.outbox import Kind, Letter, again, kinds
from accounts.tests.factories import make_user

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def lost(alice: Patient, monkeypatch: pytest.MonkeyPatch) -> Message:
    """A message to alice that was given up."""
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: Letter("Hello", "Good day.")))
    outbox.enqueue("greeting", key="k", to=alice, now=NOW)
    message = Message.objects.get()
    ended = {"failed_at": NOW, "attempts": 7, "last_error": "smtp_550"}
    Message.objects.filter(pk=message.pk).update(**ended)
    return message


@pytest.fixture
def doctor(db: None) -> User:
    """Somebody who has an account and is no patient."""
    return make_user(Role.DOCTOR)


def row() -> dict[str, Any]:
    return dict(Message.objects.values().get())


def test_send_again(lost: Message, rita: User, alice: Patient) -> None:
    again.send_again(lost, by=rita, now=LATER)

    lost.refresh_from_db()
    assert (lost.state, lost.attempts, lost.not_before) == (State.WAITING, 0, LATER)
    assert outbox.deliver_due(LATER) == 1
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    entry = AuditEntry.objects.get(verb="accounts.message.sent_again")
    assert (entry.actor, entry.object_id, entry.patient) == (rita.pk, str(lost.pk), alice.pk)


def test_send_again_when_told_twice(lost: Message, rita: User) -> None:
    again.send_again(lost, by=rita, now=LATER)

    with pytest.raises(ValidationError) as refusal:
        again.send_again(lost, by=rita, now=LATER)

    assert refusal.value.code == "not_given_up"


def test_send_again_when_it_was_sent(lost: Message, rita: User) -> None:
    Message.objects.update(failed_at=None, sent_at=NOW)
    before = row()

    with pytest.raises(ValidationError) as refusal:
        again.send_again(lost, by=rita, now=LATER)

    assert (refusal.value.code, row()) == ("not_given_up", before)


def test_send_again_when_it_is_too_late(lost: Message, rita: User) -> None:
    Message.objects.update(not_after=LATER - timedelta(seconds=1))
    before = row()

    with pytest.raises(ValidationError) as refusal:
        again.send_again(lost, by=rita, now=LATER)

    assert (refusal.value.code, row()) == ("too_late", before)


def test_send_again_when_there_is_nothing_to_say(
    lost: Message, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:  # case 065
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: None))
    before = row()

    with pytest.raises(ValidationError) as refusal:
        again.send_again(lost, by=rita, now=LATER)

    assert (refusal.value.code, row()) == ("nothing_to_say", before)


def test_settle(lost: Message, rita: User, alice: Patient) -> None:
    again.settle(lost, by=rita, now=LATER)

    lost.refresh_from_db()
    assert (lost.state, lost.dropped_at, lost.last_error) == (State.DROPPED, LATER, "smtp_550")
    assert outbox.deliver_due(LATER + timedelta(days=1)) == 0
    entry = AuditEntry.objects.get(verb="accounts.message.settled")
    assert (entry.actor, entry.object_id, entry.patient) == (rita.pk, str(lost.pk), alice.pk)


@pytest.mark.parametrize("verb", [again.send_again, again.settle])
def test_nobody_but_staff(verb: Any, lost: Message, alice: Patient, doctor: User, rita: User) -> None:
    before = row()
    rita.is_active = False

    for by in (alice.user, doctor, rita):
        with pytest.raises(PermissionDenied):
            verb(lost, by=by, now=LATER)

    assert row() == before


def test_unheard_are_those_of_people(lost: Message, rita: User, doctor: User, alice: Patient) -> None:
    # Nobody can be called whose address was all that was ever known; and what waits, was sent or settled is no worry.
    outbox.enqueue("greeting", key="address", to="zoe@example.org", now=NOW)
    outbox.enqueue("greeting", key="doctor", to=doctor, now=NOW)
    outbox.enqueue("greeting", key="late", to=alice, now=NOW, not_after=NOW)
    Message.objects.update(failed_at=NOW)
    outbox.enqueue("greeting", key="waits", to=alice, now=NOW)

    assert {message.key for message in Message.objects.unheard(LATER)} == {"k", "doctor"}
