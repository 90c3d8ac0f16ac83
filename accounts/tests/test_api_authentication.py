import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.authentication import FamilyAuthentication
from accounts.models import Role, TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import make_user


class WhoAmI(APIView):
    """Says who asks."""

    def get(self, request: Request) -> Response:
        return Response({"id": request.user.pk, "role": request.user.role})

    post = get


def ask(authorization: str | None) -> Any:
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = WhoAmI.as_view()(APIRequestFactory().get("/", headers=headers))
    answer.render()
    return answer


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


@pytest.fixture
def pair(alice: User) -> tokens.Pair:
    return tokens.sign_in(alice, now=timezone.now())


def test_bearer_is_let_in(alice: User, pair: tokens.Pair) -> None:
    answer = ask(f"Bearer {pair.access_token}")

    assert (answer.status_code, answer.data) == (200, {"id": alice.pk, "role": "patient"})


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", " Bearer", "Bearer  "])
def test_scheme_is_read_in_any_letter_case(pair: tokens.Pair, scheme: str) -> None:
    assert ask(f"{scheme} {pair.access_token}").status_code == 200


def test_role_is_that_of_the_database_at_each_request(alice: User, pair: tokens.Pair) -> None:  # fault B4-8, B0-9
    User.objects.filter(pk=alice.pk).update(role=Role.ADMIN)
    assert ask(f"Bearer {pair.access_token}").data["role"] == "admin"

    User.objects.filter(pk=alice.pk).update(role=Role.PATIENT)

    assert ask(f"Bearer {pair.access_token}").data["role"] == "patient"


def test_who_brings_nothing_is_told_how_to_sign_in(db: None) -> None:
    answer = ask(None)

    assert (answer.status_code, answer.data["error"]["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Basic YTpi", "Token x", "Digest x", ""])
def test_other_schemes_are_nobody(scheme: str, db: None) -> None:  # fault B3-12
    assert ask(scheme).status_code == 401


def test_refresh_token_is_no_access_token(pair: tokens.Pair) -> None:  # case 077
    answer = ask(f"Bearer {pair.refresh_token}")

    assert (answer.status_code, answer.data["error"]["code"]) == (401, "invalid_token")


def test_inactive_user_is_refused_at_once(alice: User, pair: tokens.Pair) -> None:  # case 098, fault B4-4
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert ask(f"Bearer {pair.access_token}").status_code == 401


def test_revoked_family_is_refused_at_once(alice: User, pair: tokens.Pair) -> None:
    tokens.revoke_all(alice, now=timezone.now())

    assert ask(f"Bearer {pair.access_token}").status_code == 401


def test_session_without_csrf_token_is_refused(client: Any, alice: User) -> None:  # case 077, 093
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    request = APIRequestFactory(enforce_csrf_checks=True).post("/", {}, format="json")
    request.session = SessionStore(client.session.session_key)
    request.user = alice

    answer = WhoAmI.as_view()(request)

    assert answer.status_code == 403


# --- Tokens that somebody made or changed: case 075 ---------------------------------------------------------


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(pair: tokens.Pair, header: Any, key: bytes = b"", digest: str = "sha256", **changed: Any) -> str:
    """A token with this header and the claims of a good one, ``changed``, signed with ``key``."""
    claims = jwt.decode(pair.access_token, options={"verify_signature": False}) | changed
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.new(key, signed.encode(), digest).digest())}"


def true_key() -> bytes:
    return str(tokens._backend().signing_key).encode()


def without_signature(pair: tokens.Pair, alg: Any) -> str:
    return forge(pair, {"alg": alg}).rpartition(".")[0] + "."


NO_ALGORITHMS: tuple[Any, ...] = ("none", "None", "nOnE", "NONE", "", None, 0, [], {})
WELL_KNOWN_KEYS = (b"", b"secret", b"django-insecure-", b"change-me", settings.SECRET_KEY.encode())
HS256 = {"alg": "HS256", "typ": "JWT"}
FORGERIES: dict[str, Callable[[tokens.Pair], str]] = {
    **{f"alg {alg}": partial(without_signature, alg=alg) for alg in NO_ALGORITHMS},
    **{f"key {key[:9]!r}": partial(forge, header=HS256, key=key) for key in WELL_KNOWN_KEYS},
    "HS512 with the true key": lambda pair: forge(pair, {"alg": "HS512"}, true_key(), "sha512"),
    "HS384 with the true key": lambda pair: forge(pair, {"alg": "HS384"}, true_key(), "sha384"),
    "RS256": lambda pair: forge(pair, {"alg": "RS256"}, true_key()),
    "kid": lambda pair: forge(pair, HS256 | {"kid": "../../dev/null"}),
    "jku": lambda pair: forge(pair, HS256 | {"jku": "https://evil.example/keys"}, b"x"),
    "jwk": lambda pair: forge(pair, HS256 | {"jwk": {"kty": "oct", "k": part(b"x")}}, b"x"),
    "crit": lambda pair: forge(pair, HS256 | {"crit": ["made-up"]}, true_key()),
    "b64": lambda pair: forge(pair, HS256 | {"b64": False, "crit": ["b64"]}, true_key()),
    "header is no object": lambda pair: forge(pair, ["HS256"], true_key()),
    "header is no JSON": lambda pair: forge(pair, b"\xff\xfe", true_key()),
    "header is nested": lambda pair: forge(pair, b"[" * 1200, true_key()),
    "another user": lambda pair: edited(pair, sub="00000000-0000-0000-0000-000000000001"),
    "longer life": lambda pair: edited(pair, exp=4_000_000_000),
    "signature cut": lambda pair: pair.access_token[:-3],
    "signature missing": lambda pair: pair.access_token.rpartition(".")[0],
    "signature empty": lambda pair: pair.access_token.rpartition(".")[0] + ".",
    "one more part": lambda pair: pair.access_token + ".x",
    "two dots": lambda _pair: "..",
    "nothing": lambda _pair: "",
    "blank inside": lambda pair: pair.access_token.replace(".", " "),
    "not ASCII": lambda _pair: "ü.ü.ü",
    "giant": lambda pair: pair.access_token + "x" * 1_000_000,
}


def edited(pair: tokens.Pair, **changed: Any) -> str:
    """The good token with other claims under the old signature."""
    header, claims, signature = pair.access_token.split(".")
    plain = jwt.decode(pair.access_token, options={"verify_signature": False})
    assert claims
    return f"{header}.{part(plain | changed)}.{signature}"


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_token_is_refused(pair: tokens.Pair, name: str) -> None:  # case 075
    answer = ask(f"Bearer {FORGERIES[name](pair)}")

    assert (answer.status_code, answer.data["error"]["code"]) == (401, "invalid_token")
    assert ask(f"Bearer {pair.access_token}").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"family": "x"},
        {"family": None},
        {"family": 10**400},
        {"sub": "x"},
        {"sub": ""},
        {"typ": "refresh"},
        {"typ": None},
        {"exp": 0},
        {"exp": "soon"},
        {"exp": -1},
        {"nbf": 4_000_000_000},
    ],
    ids=lambda changed: f"{next(iter(changed.items()))}"[:30],
)
def test_token_of_ours_that_says_nonsense_is_refused(pair: tokens.Pair, changed: dict[str, Any]) -> None:
    assert ask(f"Bearer {forge(pair, HS256, true_key(), **changed)}").status_code == 401


@pytest.mark.parametrize("name", ["typ", "family", "sub", "jti", "exp"])
def test_token_of_ours_that_lacks_a_claim_is_refused(pair: tokens.Pair, name: str) -> None:
    claims = jwt.decode(pair.access_token, options={"verify_signature": False})
    del claims[name]

    assert ask(f"Bearer {tokens._backend().encode(claims)}").status_code == 401


def test_token_of_one_family_does_not_open_anothers(alice: User, pair: tokens.Pair) -> None:
    bob = make_user()
    his = TokenFamily.objects.create(
        user=bob, current_jti_hash=hashlib.sha256(b"x").hexdigest(), expires_at=timezone.now() + timedelta(days=1)
    )

    assert ask(f"Bearer {forge(pair, HS256, true_key(), family=str(his.pk))}").status_code == 401


def test_token_in_the_address_or_the_body_is_not_looked_at(pair: tokens.Pair) -> None:  # case 174
    view, factory = WhoAmI.as_view(), APIRequestFactory()

    by_query = view(factory.get("/", {"access_token": pair.access_token}))
    by_body = view(factory.post("/", {"access_token": pair.access_token}, format="json"))

    assert (by_query.status_code, by_body.status_code) == (401, 401)


def test_authenticate_header_is_bearer() -> None:
    assert FamilyAuthentication().authenticate_header(Request(APIRequestFactory().get("/"))) == "Bearer"


def test_answers_to_bearers_are_kept_by_nobody(api: Clerk, pair: tokens.Pair) -> None:  # case 173
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access_token}")

    assert api.get("/api/v1/auth/login/")["Cache-Control"].startswith("no-store")
