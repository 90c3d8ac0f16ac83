"""While DEBUG is on, the mails that were sent can be looked at."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import Http404
from django.test import Client, RequestFactory

from scheduler import shown_mail, views
from scheduler.environment import Environment


@pytest.fixture
def sent(settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Two mails; what was printed of them."""
    settings.SHOWN_MAIL = tmp_path / "mail"
    post = get_connection("scheduler.shown_mail.ConsoleBackend")
    for name in ("Zoë", "Yan"):
        letter = EmailMultiAlternatives(f"To {name}", f"Hello {name}\n<b>http://testserver/</b>", to=["z@example.org"])
        letter.attach_alternative("<p>Hello</p>", "text/html")
        letter.attach("visit.ics", b"BEGIN:VCALENDAR", "text/calendar")
        post.send_messages([letter])
    return capsys.readouterr().out


def test_last_when_mails_were_sent(sent: str) -> None:
    mails = shown_mail.last()

    assert [mail.subject for mail in mails] == ["To Yan", "To Zoë"]
    assert (mails[1].to, mails[1].attachments) == ("z@example.org", ["visit.ics"])
    assert "Hello Zoë" in mails[1].text
    assert "Subject: To Yan" in sent


def test_last_keeps_so_many(sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_mail, "MOST", 2)

    get_connection("scheduler.shown_mail.ConsoleBackend").send_messages(
        [EmailMultiAlternatives("New", "x", to=["y@z"])]
    )

    assert [mail.subject for mail in shown_mail.last()] == ["New", "To Yan"]


def test_page_when_debug_is_on(sent: str, settings: LazySettings, db: None) -> None:
    settings.DEBUG = True
    request = RequestFactory().get("/staff/mail/")

    page = views.mail(request).content.decode()

    assert "Hello Zoë" in page
    assert '<a href="http://testserver/"' in page
    assert "<b>" not in page
    assert not re.search(r"<script(?! )|style=", page)


def test_page_when_debug_is_off(sent: str, db: None) -> None:
    with pytest.raises(Http404):
        views.mail(RequestFactory().get("/staff/mail/"))

    assert Client().get("/staff/mail/").status_code == 404


@pytest.mark.parametrize(
    ("url", "debug", "backend"),
    [
        ("", True, "scheduler.shown_mail.ConsoleBackend"),
        ("consolemail://", False, "django.core.mail.backends.console.EmailBackend"),
        ("smtp://mail.example.org:25", True, "django.core.mail.backends.smtp.EmailBackend"),
    ],
)
def test_backend_by_debug(url: str, debug: bool, backend: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EMAIL_URL", url)

    assert Environment(tmp_path / "none").email(debug=debug)["EMAIL_BACKEND"] == backend
