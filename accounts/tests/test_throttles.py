"""How often: guesses at a password, mails to a mailbox, and who counts as one caller."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.adapter import get_adapter
from django.core import mail
from django.test import Client, override_settings
from pytest_django import Settings
from redis.exceptions import ConnectionError as RedisIsAway
from rest_framework.throttling import SimpleRateThrottle

from accounts import throttles
from accounts.models import AuditEntry, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.letters import follow, link_in
from accounts.tests.threads import at_the_same_time

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("production_limits")]
HERE, THERE, ELSEWHERE = "203.0.113.1", "203.0.113.2", "203.0.113.3"
WRONG = "a guess"


@pytest.fixture
def production_limits(settings: Settings, fresh_counters: None) -> None:
    """Those of a clinic, not the tests' thousandfold."""
    settings.ACCOUNT_RATE_LIMITS = {
        "login": "30/m/ip",
        "login_failed": "10/m/ip,5/5m/key",
        "login_failed_anywhere": "60/h/key",
        "signup": "20/m/ip",
        "confirm_email": "5/h/key",
        "reset_password": "20/m/ip,5/m/key",
        "reset_password_from_key": "20/m/ip",
        "mail": "5/h/key",
    }


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


def _sign_in(address: str = HERE, password: str = WRONG, email: str = "alice@example.org", **more: Any) -> int:
    """The status of signing in on the page: 200 is a refusal, 302 lets in."""
    form = {"login": email, "password": password}
    return Client(REMOTE_ADDR=address, **more).post("/accounts/login/", form).status_code


def _guess_from_many_networks() -> None:
    for network in range(12):
        assert [_sign_in(f"198.51.100.{network}") for _ in range(5)] == [200] * 5


def test_sign_in_after_five_failures(clock: time_machine.Traveller, alice: User) -> None:
    # case 079
    failures = [_sign_in() for _ in range(30)]

    assert failures == [200] * 5 + [429] * 25
    assert _sign_in(password=PASSWORD) == 429

    clock.shift(timedelta(minutes=5, seconds=1))
    assert _sign_in(password=PASSWORD) == 302


def test_sign_in_when_somebody_else_failed(alice: User) -> None:
    """Whoever guesses locks out nobody but himself."""
    for _ in range(6):
        _sign_in(HERE)

    assert _sign_in(THERE, PASSWORD) == 302


def test_sign_in_refused_tells_how_long_to_wait(client: Client, alice: User) -> None:
    for _ in range(6):
        page = client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})

    assert page.status_code == 429
    assert 280 < int(page.headers["Retry-After"]) <= 300
    assert "Too many" in page.content.decode()
    assert 'value="alice@example.org"' in page.content.decode()


def test_sign_in_through_the_api_counts_with_the_pages(api: Clerk, alice: User) -> None:
    for _ in range(5):
        _sign_in("127.0.0.1")

    answer = api.send("auth/login/", email=alice.email, password=PASSWORD)

    assert answer.status_code == 429
    assert 280 < int(answer.headers["Retry-After"]) <= 300


def test_sign_in_when_many_networks_guess(alice: User) -> None:
    # case 079
    _guess_from_many_networks()

    assert _sign_in(HERE, PASSWORD) == 429


def test_sign_in_from_where_one_was_before_when_many_networks_guess(alice: User) -> None:
    assert _sign_in(HERE, PASSWORD) == 302

    _guess_from_many_networks()

    assert _sign_in(HERE, PASSWORD) == 302


def test_sign_in_after_a_new_password_when_many_networks_guess(alice: User) -> None:
    """Whoever reads the mails is never locked out."""
    _guess_from_many_networks()
    owner = Client(REMOTE_ADDR=HERE)
    owner.post("/accounts/password/reset/", {"email": alice.email})
    assert follow(owner, link_in(mail.outbox[0]), "a long sentence")

    assert _sign_in(HERE, "a long sentence") == 302


def test_sign_in_when_the_guesser_knows_one_password(alice: User) -> None:
    """A success of one's own does not clear what was counted."""
    make_user(email="mallory@example.org")
    for _ in range(4):
        _sign_in()
        _sign_in(password=PASSWORD, email="mallory@example.org")

    assert [_sign_in(), _sign_in()] == [200, 429]


@pytest.mark.parametrize("email", ["Alice@Example.org", " alice@example.org ", "alice@ｅxample.org"])
def test_sign_in_with_the_address_written_otherwise(email: str, alice: User) -> None:
    for _ in range(5):
        _sign_in()

    assert _sign_in(password=PASSWORD, email=email) == 429


@pytest.mark.parametrize("known", [True, False])
def test_sign_in_is_limited_whether_or_not_there_is_an_account(known: bool) -> None:
    # case 086
    if known:
        make_user(email="alice@example.org")

    assert [_sign_in() for _ in range(7)] == [200] * 5 + [429] * 2


def test_sign_in_from_neighbours_in_ipv6(alice: User) -> None:
    assert [_sign_in(f"2001:db8::{host}") for host in range(7)] == [200] * 5 + [429] * 2


@override_settings(TRUSTED_PROXIES=0)
def test_sign_in_with_a_forged_address(alice: User) -> None:
    statuses = [_sign_in(HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(7)]

    assert statuses == [200] * 5 + [429] * 2


@override_settings(TRUSTED_PROXIES=1)
def test_sign_in_behind_a_proxy(alice: User) -> None:
    forged = [_sign_in(HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, {THERE}") for n in range(7)]

    assert forged == [200] * 5 + [429] * 2
    assert _sign_in(password=PASSWORD, HTTP_X_FORWARDED_FOR=ELSEWHERE) == 302


@override_settings(TRUSTED_PROXIES=2)
def test_sign_in_with_fewer_proxies_than_there_should_be(alice: User) -> None:
    assert _sign_in(password=PASSWORD, HTTP_X_FORWARDED_FOR=HERE) == 302


@override_settings(TRUSTED_PROXIES=1)
@pytest.mark.parametrize("forwarded", ["unknown", "_hidden", ",", "999.1.1.1", "::1%25eth0"])
def test_sign_in_when_the_proxy_tells_no_address(alice: User, forwarded: str) -> None:
    assert _sign_in(password=PASSWORD, HTTP_X_FORWARDED_FOR=forwarded) == 302


@pytest.mark.parametrize("where", ["auth/login/", "auth/register/", "auth/token/refresh/", "holds/"])
@pytest.mark.parametrize(("proxies", "refused"), [(0, True), (1, False)])
def test_api_with_a_forged_address(monkeypatch: pytest.MonkeyPatch, where: str, proxies: int, refused: bool) -> None:
    for scope in ("sign-in", "sign-up", "holds"):
        monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, "1/min")

    with override_settings(TRUSTED_PROXIES=proxies):
        Clerk(HTTP_X_FORWARDED_FOR="198.51.100.1").send(where)
        answer = Clerk(HTTP_X_FORWARDED_FOR="198.51.100.2").send(where)

    assert (answer.status_code == 429) is refused
    assert ("Retry-After" in answer.headers) is refused


def test_api_of_strangers_is_limited(api: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "anon", "2/min")

    statuses = [api.get("/api/v1/doctors/").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_api_of_one_person_is_limited(monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "user", "2/min")
    one, other = Clerk(REMOTE_ADDR=HERE), Clerk(REMOTE_ADDR=THERE)
    one.force_login(alice)
    other.force_login(alice)

    statuses = [caller.get("/api/v1/doctors/").status_code for caller in (one, other, one)]

    assert statuses == [200, 200, 429]


def test_sign_up_is_limited() -> None:
    # case 091
    def sign_up(number: int) -> int:
        form = {"first_name": "A", "last_name": "B", "email": f"bot{number}@example.org", "password1": "blue-horse-42"}
        return Client(REMOTE_ADDR=HERE).post("/accounts/signup/", form).status_code

    statuses = [sign_up(number) for number in range(25)]

    assert statuses == [302] * 20 + [429] * 5


@pytest.mark.parametrize("known", [True, False])
def test_mails_to_one_address(clock: time_machine.Traveller, known: bool) -> None:
    """Whatever causes them, and from wherever. (case 091)"""
    if known:
        make_user(email="alice@example.org")
    statuses = []
    for number in range(25):
        browser = Client(REMOTE_ADDR=f"198.51.100.{number}")
        person = {"first_name": "A", "last_name": "B", "email": "Alice@example.org"}
        statuses += [
            browser.post("/accounts/signup/", person | {"password1": "blue-horse-42"}).status_code,
            browser.post("/accounts/password/reset/", {"email": "alice@example.org"}).status_code,
        ]
        caller = Clerk(REMOTE_ADDR=f"192.0.2.{number}")
        caller.send("auth/register/", **person, password="blue-horse-42")
        caller.send("auth/password/reset/", email="alice@example.org")
        caller.send("auth/login/", email="alice@example.org", password="blue-horse-42")
        clock.shift(timedelta(minutes=2))

    assert 1 <= len(mail.outbox) <= 5
    assert {recipient for letter in mail.outbox for recipient in letter.to} == {"alice@example.org"}


def test_mails_an_hour_later(clock: time_machine.Traveller, alice: User) -> None:
    for _ in range(6):
        Client().post("/accounts/password/reset/", {"email": alice.email})
    assert len(mail.outbox) == 5

    clock.shift(timedelta(hours=1, seconds=1))
    Client().post("/accounts/password/reset/", {"email": alice.email})

    assert len(mail.outbox) == 6


def test_news_about_an_account_are_always_mailed(in_request: None, alice: User) -> None:
    for _ in range(6):
        get_adapter().send_mail("account/email/account_already_exists", alice.email, {})
    get_adapter().send_mail("account/email/email_changed", alice.email, {})

    assert len(mail.outbox) == 6


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment(hashings: list[str], alice: User) -> None:
    """However many at once, no more passwords are looked at than one after the other."""
    hashings.clear()
    _sign_in(email="nobody@example.org", address=ELSEWHERE)
    for_one_guess = len(hashings)
    hashings.clear()

    statuses = at_the_same_time(40, _sign_in)

    assert len(statuses) == 40
    assert 1 <= statuses.count(200) <= 5
    assert len(hashings) == statuses.count(200) * for_one_guess
    assert set(statuses) == {200, 429}


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_outlives_the_refusal(api: Clerk, alice: User) -> None:
    answers = [api.send("auth/login/", email=alice.email, password="wrong").status_code for _ in range(6)]

    assert answers == [401] * 5 + [429]


def test_requests_when_redis_is_away(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    # case 059
    asked = []

    def get(*_key: Any) -> None:
        asked.append(1)
        raise RedisIsAway

    monkeypatch.setattr(throttles._Lenient, "blind_until", 0.0)
    monkeypatch.setattr(SimpleRateThrottle, "cache", type("Away", (), {"get": get}))

    answers = [Client().get("/api/v1/departments/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(asked) == 1


def test_refusal_when_redis_is_away(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    # case 059
    def get(*_key: Any) -> None:
        raise RedisIsAway

    monkeypatch.setattr(throttles._Lenient, "blind_until", 0.0)
    monkeypatch.setattr(SimpleRateThrottle, "cache", type("Away", (), {"get": get}))
    client = Client()
    client.force_login(alice)

    answer = client.get("/appointments/00000000-0000-4000-8000-000000000000/")

    assert answer.status_code == 404
    assert AuditEntry.objects.filter(verb="request.denied", actor=alice.pk).count() == 1


def test_sign_in_when_redis_is_away(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody guesses uncounted."""

    def consume(*_what: Any, **_more: Any) -> None:
        raise RedisIsAway

    monkeypatch.setattr("accounts.throttles.counting.consume", consume)

    assert _sign_in(password=PASSWORD, raise_request_exception=False) == 503
