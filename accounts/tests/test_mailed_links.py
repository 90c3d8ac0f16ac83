"""Links by which a password is set: to whom they go, and how long they live."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import mailed_links, new_passwords, staffing
from accounts.models import Message, Role, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.letters import follow, link_in

NEW = "a-long-way-to-the-sea"
START = timezone.now()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org", first_name="Alice", last_name="Archer")


@pytest.fixture
def rosa(db: None) -> User:
    """Appointed, and not here yet."""
    return make_user(Role.RECEPTIONIST, password=None, verified=False, email="rosa@example.org")


@pytest.fixture
def invitation(rosa: User) -> str:
    """The link in her invitation."""
    mailed_links.invite(rosa)
    return link_in(mail.outbox[-1])


def test_write_to_the_owner(alice: User) -> None:
    mailed_links.write_to(" Alice@Example.ORG")

    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert follow(Client(), link_in(mail.outbox[0]), NEW)
    assert User.objects.get(pk=alice.pk).check_password(NEW)


@pytest.mark.parametrize("who", ["nobody@example.org", "closed@example.org"])
def test_write_to_nobody(db: None, who: str) -> None:  # case 086, case 098
    make_user(email="closed@example.org", is_active=False)

    mailed_links.write_to(who)

    assert not mail.outbox


def test_write_to_does_the_same_work_for_a_stranger(
    alice: User, hashings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # case 086
    drawn: list[str] = []
    letter = mailed_links.get_adapter().__class__.letter

    def draw(self: Any, prefix: str, *args: Any) -> Any:
        drawn.append(prefix)
        return letter(self, prefix, *args)

    monkeypatch.setattr(mailed_links.get_adapter().__class__, "letter", draw)

    def work(email: str) -> tuple[int, int, list[str]]:
        hashings.clear()
        drawn.clear()
        with CaptureQueriesContext(connection) as asked:
            mailed_links.write_to(email)
        return len(asked), len(hashings), list(drawn)

    assert work("nobody@example.org") == work(alice.email)


def test_links_lead_to_this_site(alice: User, invitation: str) -> None:
    mailed_links.write_to(alice.email)

    links = [link for letter in mail.outbox for link in re.findall(r"https?://\S+", str(letter.body))]

    assert len(links) >= 4
    assert all(link.startswith(settings.SITE_URL) for link in links)


def test_letters_name_nobody(alice: User, rosa: User, invitation: str) -> None:  # case 176
    mailed_links.write_to(alice.email)

    for letter in mail.outbox:
        for part in (letter.subject, str(letter.body)):
            assert not [word for word in ("Alice", "Archer", "rosa", "alice", rosa.last_name) if word in part]


def test_link_works_once(alice: User) -> None:
    mailed_links.write_to(alice.email)
    link = link_in(mail.outbox[0])
    assert follow(Client(), link, NEW)

    assert not follow(Client(), link, "another way to the sea")

    assert User.objects.get(pk=alice.pk).check_password(NEW)


@pytest.mark.parametrize("after", ["password", "address", "sign_in", "deactivation"])
def test_link_dies_with_what_it_was_made_for(alice: User, after: str) -> None:  # case 098
    mailed_links.write_to(alice.email)
    link = link_in(mail.outbox[0])
    if after == "password":
        new_passwords.replace(alice, "something else now", now=timezone.now())
    elif after == "deactivation":
        staffing.deactivate(alice, by=make_user(Role.ADMIN), now=timezone.now())
    else:
        change = {"address": {"email": "new@example.org"}, "sign_in": {"last_login": timezone.now()}}[after]
        User.objects.filter(pk=alice.pk).update(**change)
    before = User.objects.values_list("password", flat=True).get(pk=alice.pk)

    assert not follow(Client(), link, NEW)

    assert User.objects.values_list("password", flat=True).get(pk=alice.pk) == before


def test_link_for_a_forgotten_password_lives_hours(alice: User, clock: time_machine.Traveller) -> None:
    mailed_links.write_to(alice.email)
    link = link_in(mail.outbox[0])

    clock.move_to(START + mailed_links.LIFETIME + timedelta(seconds=2))
    assert not follow(Client(), link, NEW)
    clock.move_to(START + mailed_links.LIFETIME - timedelta(seconds=2))
    assert follow(Client(), link, NEW)


def test_invitation_lives_days(clock: time_machine.Traveller, invitation: str) -> None:
    days = timedelta(days=settings.INVITATION_DAYS)

    clock.move_to(START + days + timedelta(seconds=2))
    assert not follow(Client(), invitation, NEW)
    clock.move_to(START + days - timedelta(seconds=2))
    assert follow(Client(), invitation, NEW)


def test_invitation_proves_the_address(rosa: User, invitation: str) -> None:
    assert mailed_links.awaits_its_owner(rosa)

    follow(Client(), invitation, NEW)

    rosa.refresh_from_db()
    assert rosa.check_password(NEW)
    assert not mailed_links.awaits_its_owner(rosa)
    assert list(EmailAddress.objects.filter(user=rosa).values_list("email", "verified")) == [("rosa@example.org", True)]


def test_invitation_goes_when_the_deed_is_undone(rosa: User, post_waits: None) -> None:
    with transaction.atomic():
        mailed_links.invite(rosa)
        assert Message.objects.count() == 1
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert not mail.outbox


def test_page_of_a_link_tells_a_stranger_nothing(rosa: User, invitation: str) -> None:  # case 086
    wrong = [
        invitation[:-3] + "xx/",
        "/accounts/password/reset/key/0-abc-def/",
        invitation.replace(rosa.pk.hex, "0" * 32),
    ]

    pages = [Client().get(link, follow=True) for link in wrong]

    assert [page.status_code for page in pages] == [200, 200, 200]
    bodies = {re.sub(r"nonce=\S+|value=\S+", "", page.content.decode()) for page in pages}
    assert len(bodies) == 1
    assert "rosa" not in bodies.pop()


@pytest.mark.parametrize("password", ["password", "1234567", "rosa@example.org", "qwertyuiop"])
def test_bad_password_by_a_link(rosa: User, invitation: str, password: str) -> None:  # case 083
    assert not follow(Client(), invitation, password)

    rosa.refresh_from_db()
    assert not rosa.has_usable_password()


@pytest.mark.parametrize("password", ["a" * 128, "with some blanks in it", " leading", "🦊🦊🦊🦊🦊🦊🦊🦊"])
def test_long_password_by_a_link(rosa: User, invitation: str, password: str) -> None:  # case 084
    assert follow(Client(), invitation, password)

    rosa.refresh_from_db()
    assert rosa.check_password(password)


def test_who_is_here_awaits_nobody(alice: User, rosa: User) -> None:
    linked = make_user(password=None, last_login=timezone.now())
    closed = make_user(password=None, is_active=False)

    assert [mailed_links.awaits_its_owner(user) for user in (rosa, alice, linked, closed)] == [
        True,
        False,
        False,
        False,
    ]
    assert alice.check_password(PASSWORD)
