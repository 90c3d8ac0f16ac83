"""Second factors on the pages: set up, asked for at every door, taken away."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.internal.auth import WebAuthn
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from accounts import new_passwords, tokens
from accounts.models import AuditEntry, Role, TokenFamily, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.factors import code_of, factors_of, recovery_codes, set_up_app, wrong_code

INDEX, STEP_TWO = "/accounts/2fa/", "/accounts/2fa/authenticate/"
SET_UP, REMOVE = "/accounts/2fa/totp/activate/", "/accounts/2fa/totp/deactivate/"
CODES = "/accounts/2fa/recovery-codes/"
REQUIRED = ("doctor", "receptionist", "admin")
pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


@pytest.fixture
def demanded(settings: Settings) -> None:
    settings.MFA_REQUIRED_ROLES = REQUIRED


def give_password(user: User, **more: str) -> tuple[Client, Any]:
    """A browser in which the first step of signing in was done."""
    browser = Client()
    return browser, browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD} | more)


def signed_in(user: User) -> Client:
    """A browser in which ``user`` signed in, and was just asked once more who he is."""
    browser, _answer = give_password(user)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def verbs() -> list[str]:
    return [entry.verb.removeprefix("accounts.") for entry in AuditEntry.objects.order_by("pk")]


def test_sign_in_asks_for_the_second_step(alice: User) -> None:
    secret = set_up_app(alice)

    browser, answer = give_password(alice, next="/appointments/")
    asked = browser.get(STEP_TWO)
    done = browser.post(STEP_TWO, {"code": code_of(secret)})

    assert answer["Location"] == STEP_TWO
    assert asked.status_code == 200
    assert done["Location"] == "/appointments/"
    assert is_in(browser)


def test_sign_in_takes_a_recovery_code_once(alice: User) -> None:
    set_up_app(alice)
    said = recovery_codes(alice)[0]

    first, _answer = give_password(alice)
    first.post(STEP_TWO, {"code": said})
    second, _answer = give_password(alice)
    second.post(STEP_TWO, {"code": said})

    assert (is_in(first), is_in(second)) == (True, False)


def test_sign_in_takes_no_code_twice(alice: User) -> None:  # case 096
    said = code_of(set_up_app(alice))

    first, _answer = give_password(alice)
    first.post(STEP_TWO, {"code": said})
    second, _answer = give_password(alice)
    answer = second.post(STEP_TWO, {"code": said})

    assert (is_in(first), is_in(second)) == (True, False)
    assert "it was used already" in answer.content.decode()


def test_half_signed_in_is_nobody(alice: User) -> None:  # case 094
    set_up_app(alice)
    browser, _answer = give_password(alice)
    stranger = Client()

    for path in (
        "/appointments/",
        "/admin/",
        "/day/",
        INDEX,
        SET_UP,
        CODES,
        "/accounts/email/",
        "/api/v1/appointments/",
    ):
        mine, theirs = browser.get(path), stranger.get(path)
        assert mine.status_code == theirs.status_code, path
        assert mine.headers.get("Location") == theirs.headers.get("Location"), path
    assert browser.post(REMOVE).status_code == stranger.post(REMOVE).status_code == 302
    assert factors_of(alice) == ["totp"]
    assert not is_in(browser)


def test_half_signed_in_begins_again_when_the_password_was_changed(alice: User) -> None:  # case 085
    secret = set_up_app(alice)
    browser, _answer = give_password(alice)

    new_passwords.replace(alice, "a-long-way-to-the-sea", now=timezone.now())
    answer = browser.post(STEP_TWO, {"code": code_of(secret)})

    assert answer["Location"] == "/accounts/login/"
    assert not is_in(browser)


def test_half_signed_in_can_cancel(alice: User) -> None:
    secret = set_up_app(alice)
    browser, _answer = give_password(alice)

    browser.post("/accounts/logout/", {"next": "/accounts/login/"})
    browser.post(STEP_TWO, {"code": code_of(secret)})

    assert not is_in(browser)


def test_wrong_code_is_written_down(alice: User) -> None:
    secret = set_up_app(alice)
    browser, _answer = give_password(alice)

    browser.post(STEP_TWO, {"code": wrong_code(secret)})

    assert "session.second_factor_failed" in verbs()
    assert "session.signed_in" not in verbs()


def test_reset_of_the_password_does_not_pass_the_factor(alice: User) -> None:
    secret = set_up_app(alice)
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": alice.email})
    (link,) = re.findall(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    page = browser.get(link, follow=True)

    browser.post(page.redirect_chain[-1][0], {"password1": "another-good-pass-9", "password2": "another-good-pass-9"})
    after_reset = is_in(browser)
    browser.post("/accounts/login/", {"login": alice.email, "password": "another-good-pass-9"})
    after_sign_in = is_in(browser)
    browser.post(STEP_TWO, {"code": code_of(secret)})

    assert (after_reset, after_sign_in, is_in(browser)) == (False, False, True)


def test_code_by_mail_does_not_pass_the_factor(db: None) -> None:
    rosa = make_user(verified=False)
    secret = set_up_app(rosa)
    browser, _answer = give_password(rosa)
    (code,) = re.findall(r"^\d{6}$", str(mail.outbox[-1].body), re.MULTILINE)

    answer = browser.post("/accounts/confirm-email/", {"code": code})

    assert answer["Location"] == STEP_TWO
    assert not is_in(browser)
    browser.post(STEP_TWO, {"code": code_of(secret)})
    assert is_in(browser)


def test_admin_does_not_pass_the_factor(db: None) -> None:
    adam = make_user(Role.ADMIN)
    secret = set_up_app(adam)

    browser, answer = give_password(adam, next="/admin/")
    refused = browser.get("/admin/")
    done = browser.post(STEP_TWO, {"code": code_of(secret)})

    assert answer["Location"] == STEP_TWO
    assert refused.status_code == 302
    assert done["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_set_up_an_app(alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    browser = signed_in(alice)
    page = browser.get(SET_UP).content.decode()
    secret = browser.session[SECRET_SESSION_KEY]

    with django_capture_on_commit_callbacks(execute=True):
        wrong = browser.post(SET_UP, {"code": wrong_code(secret)})
        done = browser.post(SET_UP, {"code": code_of(secret)})
        assert not mail.outbox  # it is written once all is kept

    assert 'src="data:image/svg+xml;base64,' in page
    assert secret.replace(" ", "") in page.replace(" ", "")
    assert wrong.status_code == 200
    assert done["Location"] == CODES
    assert factors_of(alice) == ["recovery_codes", "totp"]
    assert verbs()[-2:] == ["user.second_factor_added"] * 2
    assert [letter.to for letter in mail.outbox] == [[alice.email]]
    assert "2fa" not in mail.outbox[0].subject


def test_set_up_spends_the_code_by_which_it_was_done(alice: User) -> None:  # case 096
    browser = signed_in(alice)
    browser.get(SET_UP)
    said = code_of(browser.session[SECRET_SESSION_KEY])
    browser.post(SET_UP, {"code": said})

    other, _answer = give_password(alice)
    other.post(STEP_TWO, {"code": said})

    assert factors_of(alice) == ["recovery_codes", "totp"]
    assert not is_in(other)


def test_set_up_ends_every_other_sign_in(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    elsewhere, _answer = give_password(alice)
    tokens.sign_in(alice, now=timezone.now())
    browser = signed_in(alice)
    browser.get(SET_UP)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(SET_UP, {"code": code_of(browser.session[SECRET_SESSION_KEY])})

    assert browser.get("/appointments/").status_code == 200
    assert elsewhere.get("/appointments/").status_code == 302
    assert UserSession.objects.filter(user=alice).count() == 1
    assert not TokenFamily.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize(
    "path", [SET_UP, "/accounts/2fa/webauthn/add/", CODES, f"{CODES}generate/", f"{CODES}download/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_changes_ask_once_more_who_it_is(alice: User, path: str, method: str) -> None:
    if path.startswith(CODES):
        set_up_app(alice)
        recovery_codes(alice)
    before = factors_of(alice)
    browser = Client()
    browser.force_login(alice)

    answer = getattr(browser, method)(path)

    assert answer.status_code == 405 or answer["Location"].startswith("/accounts/reauthenticate/")
    assert factors_of(alice) == before


def test_removing_asks_once_more_who_it_is(alice: User) -> None:
    set_up_app(alice)
    key = WebAuthn.add(alice, "My phone", {}).instance
    browser = Client()
    browser.force_login(alice)

    for path in (
        REMOVE,
        f"/accounts/2fa/webauthn/keys/{key.pk}/remove/",
        f"/accounts/2fa/webauthn/keys/{key.pk}/edit/",
    ):
        assert browser.post(path, {"name": "x"})["Location"].startswith("/accounts/reauthenticate/")
    assert factors_of(alice) == ["totp", "webauthn"]
    assert WebAuthn(Authenticator.objects.get(pk=key.pk)).name == "My phone"


def test_recovery_codes_are_shown_downloaded_and_made_anew(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    set_up_app(alice)
    old = recovery_codes(alice)
    browser = Client()
    browser.force_login(alice)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})

    shown, file = browser.get(CODES), browser.get(f"{CODES}download/")
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{CODES}generate/")

    spaced = [f"{code[:4]} {code[4:]}" for code in old]
    assert all(code in shown.content.decode() and code in file.content.decode() for code in spaced)
    assert file["Content-Disposition"].startswith("attachment")
    assert "no-store" in shown["Cache-Control"]
    assert "no-store" in file["Cache-Control"]
    assert set(recovery_codes(alice)).isdisjoint(old)
    assert verbs()[-1] == "user.recovery_codes_generated"
    assert len(mail.outbox) == 1


def test_removing_the_last_factor_takes_the_codes_along(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = signed_in(alice)
    set_up_app(alice)
    recovery_codes(alice)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(REMOVE)

    assert factors_of(alice) == []
    assert verbs()[-2:] == ["user.second_factor_removed"] * 2
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("demanded")
def test_removing_the_last_factor_is_refused_where_the_role_demands_one(db: None) -> None:
    rita = make_user(Role.RECEPTIONIST)
    browser = signed_in(rita)
    set_up_app(rita)

    answer = browser.post(REMOVE)

    assert "Your role needs a second factor" in answer.content.decode()
    assert factors_of(rita) == ["totp"]


@pytest.mark.usefixtures("demanded")
def test_removing_the_last_passkey_is_refused_where_the_role_demands_one(db: None) -> None:
    rita = make_user(Role.RECEPTIONIST)
    browser = signed_in(rita)
    first, second = (WebAuthn.add(rita, name, {}).instance for name in ("One", "Two"))

    browser.post(f"/accounts/2fa/webauthn/keys/{first.pk}/remove/")
    answer = browser.post(f"/accounts/2fa/webauthn/keys/{second.pk}/remove/", follow=True)

    assert "Your role needs a second factor" in answer.content.decode()
    assert list(Authenticator.objects.filter(user=rita)) == [second]


def test_nobody_touches_anothers_passkey(alice: User) -> None:
    key = WebAuthn.add(make_user(), "His", {}).instance
    browser = signed_in(alice)

    for what in ("remove", "edit"):
        foreign = browser.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{what}/", {"name": "mine"})
        missing = browser.post(f"/accounts/2fa/webauthn/keys/{key.pk + 1}/{what}/", {"name": "mine"})
        assert foreign.status_code == missing.status_code == 404
    assert WebAuthn(Authenticator.objects.get()).name == "His"


RESPONSES: list[Any] = [
    None,
    [],
    {},
    {"clientDataJSON": "e30", "authenticatorData": "QQ", "signature": "QQ", "userHandle": "QQ"},
    {"clientDataJSON": "e30", "authenticatorData": "QQ", "signature": "QQ"},
    {"clientDataJSON": "QQ", "attestationObject": "QQ"},
    {"clientDataJSON": "e30", "attestationObject": "oA"},
    {"clientDataJSON": 1, "attestationObject": {}, "authenticatorData": [], "signature": None},
]
NONSENSE = [
    "",
    "null",
    "[]",
    "1",
    "{}",
    "{",
    "[" * 60_000,
    '{"id": null}',
    "\ud7ff",
    '{"a": "\\u0000"}',
    "x" * 70_000,
    *(
        json.dumps(
            {"id": "QQ", "rawId": "QQ", "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
        for response in RESPONSES
    ),
]


@pytest.mark.parametrize("said", NONSENSE, ids=range(len(NONSENSE)))
def test_passkeys_that_no_browser_makes_are_refused(alice: User, said: str) -> None:
    set_up_app(alice)
    half, _answer = give_password(alice)
    whole = Client(raise_request_exception=False)
    whole.force_login(alice)
    whole.post("/accounts/reauthenticate/", {"password": PASSWORD})
    doors = [
        (Client(), "/accounts/2fa/webauthn/login/"),
        (half, STEP_TWO),
        (whole, "/accounts/2fa/webauthn/add/"),
        (whole, "/accounts/2fa/webauthn/reauthenticate/"),
    ]

    for browser, path in doors:
        browser.get(path, headers={"Accept": "application/json"})
        answer = browser.post(path, {"name": "x", "credential": said})
        assert answer.status_code in (200, 302), path
    assert factors_of(alice) == ["totp"]
    assert not is_in(half)


def test_passkeys_that_are_wrong_are_written_down(alice: User) -> None:
    # case 184
    set_up_app(alice)
    half, _answer = give_password(alice)

    for browser, path in ((half, STEP_TWO), (Client(), "/accounts/2fa/webauthn/login/")):
        browser.get(path, headers={"Accept": "application/json"})
        browser.post(path, {"credential": NONSENSE[-1]})

    failed = AuditEntry.objects.filter(verb="accounts.session.second_factor_failed").order_by("pk")
    assert [(entry.object_id, entry.outcome) for entry in failed] == [(str(alice.pk), "denied"), ("", "denied")]


@pytest.fixture
def adam(db: None) -> User:
    return make_user(Role.ADMIN)


def test_admin_shows_who_has_one_without_asking_for_each(
    adam: User, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = Client()
    browser.force_login(adam)
    browser.get(reverse("admin:accounts_user_changelist"))
    for _ in range(20):
        set_up_app(make_user())

    with django_assert_max_num_queries(15):
        page = browser.get(reverse("admin:accounts_user_changelist")).content.decode()

    assert page.count('class="field-has_second_factor"') == 22
    assert len(re.findall(r'field-has_second_factor"><img[^>]+icon-yes', page)) == 20


def test_admin_resets_a_factor_that_was_lost(
    adam: User, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    set_up_app(alice)
    browser = Client()
    browser.force_login(adam)
    page = reverse("admin:accounts_user_reset-second-factor", args=[alice.pk])
    offered = page in browser.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(page)

    assert offered
    assert factors_of(alice) == []
    assert [letter.to for letter in mail.outbox] == [[alice.email]]
    assert page not in browser.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert is_in(give_password(alice)[0])


def test_admin_offers_no_reset_of_ones_own(adam: User) -> None:
    set_up_app(adam)
    browser = Client()
    browser.force_login(adam)
    page = reverse("admin:accounts_user_reset-second-factor", args=[adam.pk])

    answer = browser.post(page)

    assert "on your own pages" in answer.content.decode()
    assert page not in browser.get(reverse("admin:accounts_user_change", args=[adam.pk])).content.decode()
    assert factors_of(adam) == ["totp"]
