"""What nobody should send to auth/register/."""

import json
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from accounts.tests.conftest import Clerk

pytestmark = pytest.mark.django_db
ALICE: dict[str, Any] = {
    "email": "alice@example.org",
    "password": "a long sentence",
    "first_name": "Alice",
    "last_name": "Archer",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "alice@example.org\r\nBcc: eve@example.org"),
        ("email", f"{'a' * 250}@example.org"),
        ("email", None),
        ("password", 12345678),
        ("password", "nul\x00nul-nul"),
        ("password", "\ud800" * 9),
        ("password_confirm", "another sentence"),
        ("first_name", ""),
        ("first_name", "  "),
        ("first_name", "x" * 101),
        ("first_name", "Alice\nArcher"),
        ("first_name", "\x00"),
        ("first_name", "\ud800"),
        ("first_name", ["Alice"]),
        ("last_name", 7),
        ("last_name", True),
        ("last_name", {}),
        ("phone", "call me"),
        ("phone", 301234567),
        pytest.param("phone", "1" * 100_000, id="phone-long"),
        ("date_of_birth", "2999-01-01"),
        ("date_of_birth", "0001-01-01"),
        ("date_of_birth", "2027-02-29"),
        ("date_of_birth", "1990-W20-4"),
        ("date_of_birth", "19900517"),
        ("date_of_birth", "١٩٩٠-٠٥-١٧"),
        ("date_of_birth", "1990-05-17T00:00:00"),
        ("date_of_birth", 642902400),
        ("date_of_birth", "tomorrow"),
        ("insurance_number", "x" * 101),
        ("insurance_provider", None),
        ("role", "wizard"),
        ("role", 1),
    ],
)
def test_register_refuses_bad_input_at_the_field(api: Clerk, field: str, value: Any) -> None:  # case 144, 150, 162
    answer = api.post("/api/v1/auth/register/", json.dumps(ALICE | {field: value}), content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not User.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"text"', "{}", "\ufeff{}", "NaN", pytest.param("[" * 100_000, id="deep")],
)
def test_register_refuses_what_is_no_object(api: Clerk, body: str) -> None:  # case 146, fault B0-25
    answer = api.post("/api/v1/auth/register/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"]
    assert not User.objects.exists()
