"""Coming in, going, and not being let in, as the audit trail has it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Outcome, Patient, User
from accounts.tests.factories import PASSWORD
from accounts.throttles import DenialThrottle, PersonsDenialThrottle

HERE = {"REMOTE_ADDR": "203.0.113.7"}


def written(**asked: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(**asked).order_by("pk"))


def test_sign_in_and_out(client: Client, alice: Patient) -> None:
    # case 184
    client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD}, **HERE)
    client.post("/accounts/logout/", **HERE)

    came, went = written()
    assert (came.verb, went.verb) == ("accounts.session.signed_in", "accounts.session.signed_out")
    for entry in (came, went):
        assert (entry.actor, entry.object_id, entry.outcome) == (alice.user_id, str(alice.user_id), Outcome.ALLOWED)
        assert (entry.entry_point, entry.ip, entry.role) == ("portal", "203.0.113.7", "patient")


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/auth/login/", "/api/v1/auth/token/"])
def test_sign_in_when_the_password_is_wrong(client: Client, alice: Patient, path: str) -> None:
    # case 184
    secret = "hunter2-by-mistake"
    if path.endswith("auth/login/"):
        client.post(path, {"email": "alice@example.org", "password": secret}, "application/json", **HERE)
    elif path.endswith("auth/token/"):
        form = f"username=alice@example.org&password={secret}"
        client.post(path, form, "application/x-www-form-urlencoded", **HERE)
    else:
        client.post(path, {"login": "alice@example.org", "password": secret}, **HERE)

    [entry] = written()
    assert (entry.verb, entry.outcome) == ("accounts.session.sign_in_failed", Outcome.DENIED)
    assert (entry.actor, entry.object_id, entry.ip) == (None, str(alice.user_id), "203.0.113.7")
    assert secret not in str(vars(entry))


def test_sign_in_when_nobody_has_the_address(client: Client, db: None) -> None:
    client.post("/accounts/login/", {"login": "what-i-typed-by-mistake", "password": "x"})
    client.post("/api/v1/auth/login/", {"email": "nobody@example.org", "password": "x"}, "application/json")

    assert {entry.object_id for entry in written()} == {""}
    assert "nobody" not in str([vars(entry) for entry in written()])


@pytest.mark.parametrize(
    ("path", "door", "status"),
    [
        ("/appointments/00000000-0000-4000-8000-000000000000/", "portal", 404),
        ("/api/v1/appointments/00000000-0000-4000-8000-000000000000/", "api", 404),
        ("/day/", "portal", 404),
    ],
)
def test_request_when_refused(client: Client, alice: Patient, path: str, door: str, status: int) -> None:
    # case 183
    client.force_login(alice.user)

    response = client.get(path, **HERE)

    assert response.status_code == status
    entry = written()[-1]
    assert (entry.verb, entry.outcome, entry.entry_point) == ("request.denied", Outcome.DENIED, door)
    assert (entry.actor, entry.role, entry.ip) == (alice.user_id, "patient", "203.0.113.7")
    assert entry.changes == {"method": "GET", "status": status}
    assert entry.object_id == ("" if path == "/day/" else "00000000-0000-4000-8000-000000000000")
    assert entry.request_id == response.headers["X-Request-ID"]


def test_request_when_refused_to_a_token(client: Client, alice: Patient, bob: Patient, rita: User) -> None:
    answer = client.post(
        "/api/v1/auth/login/", {"email": "alice@example.org", "password": PASSWORD}, "application/json"
    )
    token = answer.json()["access_token"]

    client.get(f"/api/v1/appointments/{bob.pk}/", headers={"Authorization": f"Bearer {token}"})

    entry = written()[-1]
    assert (entry.verb, entry.actor, entry.object_id) == ("request.denied", alice.user_id, str(bob.pk))


def test_request_when_nobody_is_signed_in(client: Client, db: None) -> None:
    client.get("/api/v1/appointments/", **HERE)

    [entry] = written()
    assert (entry.verb, entry.actor, entry.changes["status"]) == ("request.denied", None, 401)


def test_request_when_a_stranger_knocks_and_knocks(
    client: Client, alice: Patient, fresh_counters: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DenialThrottle, "rate", "3/min", raising=False)
    for _number in range(5):
        client.get("/api/v1/appointments/", REMOTE_ADDR="203.0.113.8")

    client.force_login(alice.user)
    for _number in range(5):
        client.get("/day/", REMOTE_ADDR="203.0.113.8")

    assert len(written(verb="request.denied", actor=None)) == 3
    assert len(written(verb="request.denied", actor=alice.user_id)) == 5


def test_request_when_a_person_is_refused_without_end(
    client: Client, alice: Patient, bob: Patient, fresh_counters: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PersonsDenialThrottle, "rate", "3/min", raising=False)
    for somebody in (alice, bob):
        client.force_login(somebody.user)
        for _number in range(5):
            assert client.get("/day/").status_code == 404

    for somebody in (alice, bob):
        assert len(written(verb="request.denied", actor=somebody.user_id)) == 3


def test_request_that_names_no_id_writes_no_sentence(client: Client, fresh_counters: None) -> None:
    client.get("/accounts/oidc/alice@example.org was let in/login/")

    [entry] = written()
    assert (entry.verb, entry.object_type, entry.object_id) == ("request.denied", "openid_connect_login", "")


def test_request_when_there_is_no_such_page(client: Client, db: None) -> None:
    client.get("/no/such/page/")
    client.get("/api/v1/no/such/thing/")

    assert written() == []
