"""Mail through a provider's own interface, where EMAIL_URL says so."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.mail import EmailMessage
from django.test import override_settings

from scheduler.environment import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "nothing")


def test_email_when_a_provider_is_named(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "anymail://postmark")
    monkeypatch.setenv("ANYMAIL_POSTMARK_SERVER_TOKEN", "a token")

    told = environment.email(debug=False)

    assert told["EMAIL_BACKEND"] == "anymail.backends.postmark.EmailBackend"
    assert told["ANYMAIL"] == {"POSTMARK_SERVER_TOKEN": "a token"}


@pytest.mark.parametrize("provider", ["", "nobody", "../postmark", "os.path"])
def test_email_when_nobody_knows_the_provider(
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    provider: str,
) -> None:
    monkeypatch.setenv("EMAIL_URL", f"anymail://{provider}")

    with pytest.raises(SystemExit):
        environment.email(debug=False)

    assert "EMAIL_URL names no provider" in capsys.readouterr().err


def test_mail_when_sent_by_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def answer(_session: requests.Session, **request: Any) -> requests.Response:
        asked.append(request)
        response = requests.Response()
        response.status_code = 200
        [to] = json.loads(request["data"])["To"].split(",")
        told = {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "SubmittedAt": "2027-03-01T09:00:00Z", "To": to}
        response._content = json.dumps(told).encode()
        return response

    monkeypatch.setattr(requests.Session, "request", answer)
    with override_settings(
        EMAIL_BACKEND="anymail.backends.postmark.EmailBackend", ANYMAIL={"POSTMARK_SERVER_TOKEN": "a token"}
    ):
        sent = EmailMessage("Hello", "Good day.", to=["zoe@example.org"]).send()

    assert sent == 1
    assert "zoe@example.org" in asked[0]["data"]
