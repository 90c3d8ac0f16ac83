"""auth/logout/."""

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


def enter(api: Clerk, user: User) -> tokens.Pair:
    pair = tokens.sign_in(user, now=timezone.now())
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access_token}")
    return pair


def test_logout_ends_this_sign_in_and_no_other(api: Clerk, alice: User) -> None:  # case 089, fault B3-12
    other = tokens.sign_in(alice, now=timezone.now())
    pair = enter(api, alice)

    answer = api.send("auth/logout/", refresh_token=pair.refresh_token)

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get("/api/v1/users/me/").status_code == 401
    assert api.send("auth/token/refresh/", refresh_token=pair.refresh_token).status_code == 401
    assert tokens.bearer(other.access_token, now=timezone.now()) == alice


def test_logout_by_a_token_that_was_spent(api: Clerk, alice: User) -> None:
    pair = enter(api, alice)
    TokenFamily.objects.update(current_jti_hash="another")

    assert api.send("auth/logout/", refresh_token=pair.refresh_token).status_code == 204
    assert TokenFamily.objects.get().revoked_at is not None


def test_logout_by_what_is_not_ones_own(api: Clerk, alice: User) -> None:  # case 131
    enter(api, alice)
    theirs = tokens.sign_in(make_user(), now=timezone.now())

    answers = [
        api.send("auth/logout/", refresh_token=text)
        for text in (theirs.refresh_token, theirs.access_token, "nonsense", "a.b.c", "x" * 5000)
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(204, b"")}
    assert not TokenFamily.objects.exclude(revoked_at=None).exists()


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, {"refresh_token": None}, {"refresh_token": 1}])
def test_logout_without_a_token(api: Clerk, alice: User, body: dict[str, object]) -> None:
    enter(api, alice)

    answer = api.send("auth/logout/", **body)

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"refresh_token"}


def test_logout_by_a_stranger(api: Clerk, alice: User) -> None:
    pair = tokens.sign_in(alice, now=timezone.now())

    assert api.send("auth/logout/", refresh_token=pair.refresh_token).status_code == 401
    assert TokenFamily.objects.get().revoked_at is None
