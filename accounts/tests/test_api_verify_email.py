from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.tests.conftest import Clerk
from accounts.tests.factories import make_user
from accounts.tests.letters import code_in

pytestmark = pytest.mark.django_db
ALICE: dict[str, Any] = {
    "email": "alice@example.org",
    "password": "a long sentence",
    "first_name": "Alice",
    "last_name": "Archer",
}


def test_verify_email_lets_the_person_in_at_every_door(api: Clerk, client: Any) -> None:
    api.send("auth/register/", **ALICE)

    answer = api.send("auth/verify-email/", email="Alice@example.org", code=code_in(mail.outbox[0]))

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.send("auth/login/", email="alice@example.org", password="a long sentence").status_code == 200
    page = client.post("/accounts/login/", {"login": "alice@example.org", "password": "a long sentence"})
    assert (page.status_code, page["Location"]) == (302, "/start/")


@pytest.mark.parametrize("email", ["alice@example.org", "bob@example.org", "nobody@example.org"])
def test_verify_email_refuses_alike(api: Clerk, email: str) -> None:
    make_user(email="bob@example.org")
    api.send("auth/register/", **ALICE)
    wrong = f"{(int(code_in(mail.outbox[0])) + 1) % 10**6:06}"

    answer = api.send("auth/verify-email/", email=email, code=wrong)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "code": "invalid_code",
            "message": "This code is not right, or not any more. Please ask for a new one.",
        }
    }
    assert not EmailAddress.objects.get(email="alice@example.org").verified


@pytest.mark.parametrize("code", [None, 123456, "", "x" * 21, "\x00", ["1"]])
def test_verify_email_refuses_bad_input_at_the_field(api: Clerk, code: Any) -> None:
    answer = api.send("auth/verify-email/", email="alice@example.org", code=code)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["code"]
