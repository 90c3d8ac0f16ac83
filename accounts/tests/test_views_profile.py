"""The page on which one changes one's own details."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Patient, Role, User
from accounts.tests.factories import make_patient, make_user
from accounts.tests.test_pictures import drawn, files

pytestmark = pytest.mark.django_db
PAGE = "/accounts/profile/"
TOLD = {
    "first_name": "Alicia",
    "last_name": "Berg",
    "phone": "030 901820",
    "date_of_birth": "1990-02-28",
    "insurance_provider": "Sickness Fund",
    "insurance_number": "A123456789",
    "emergency_contact": "Mum, 030 901821",
    "reminder_channel": "sms",
}


@pytest.fixture(autouse=True)
def disk(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def alice() -> Patient:
    return make_patient(first_name="Alice", last_name="Adler", email="alice@example.org")


@pytest.fixture
def visitor(client: Client, alice: Patient) -> Client:
    client.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fields(client: Client) -> set[str]:
    return set(re.findall(r'name="(\w+)"', client.get(PAGE).content.decode()))


def test_page_saves_what_is_told(visitor: Client, alice: Patient) -> None:
    response = visitor.post(PAGE, TOLD)

    assert response.headers["Location"] == PAGE
    alice.refresh_from_db()
    kept = {name: str(getattr(alice, name)) for name in TOLD}
    assert kept == TOLD | {"phone": "+4930901820"}
    assert alice.user.first_name == "Alicia"


def test_page_shows_what_is_kept(visitor: Client) -> None:
    visitor.post(PAGE, TOLD)

    text = visitor.get(PAGE).content.decode()

    for value in ("Alicia", "1990-02-28", "A123456789", "Mum, 030 901821"):
        assert f'value="{value}"' in text


def test_page_loses_nothing_when_something_is_wrong(visitor: Client, alice: Patient) -> None:
    response = visitor.post(PAGE, TOLD | {"phone": "12", "date_of_birth": "2999-01-01"})

    text = response.content.decode()
    assert response.status_code == 200
    assert "error-summary" in text
    for value in ("Alicia", "12", "2999-01-01", "A123456789"):
        assert f'value="{value}"' in text
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


def test_page_when_only_the_verb_refuses(visitor: Client, alice: Patient) -> None:
    response = visitor.post(PAGE, TOLD | {"date_of_birth": "2999-01-01"})

    assert response.status_code == 200
    assert "Enter a date in the past." in response.content.decode()
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.RECEPTIONIST, Role.ADMIN])
def test_page_of_one_who_is_no_patient(client: Client, role: Role) -> None:
    client.force_login(make_user(role), backend="django.contrib.auth.backends.ModelBackend")

    asked = fields(client)

    assert {"first_name", "last_name", "phone", "picture"} <= asked
    assert asked.isdisjoint({"date_of_birth", "insurance_number", "emergency_contact", "language"})


# case 129
def test_page_when_more_is_told_than_is_asked(visitor: Client, alice: Patient) -> None:
    before = (
        User.objects.filter(pk=alice.user_id).values("role", "email", "is_active", "is_superuser", "password").get()
    )
    more = {"role": "admin", "email": "x@example.org", "is_superuser": "on", "is_staff": "on", "user": "1", "id": "1"}

    visitor.post(f"{PAGE}?role=admin", TOLD | more)

    after = User.objects.filter(pk=alice.user_id).values("role", "email", "is_active", "is_superuser", "password").get()
    assert after == before
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    assert alice.first_name == "Alicia"


def test_picture_is_kept_and_shown_and_removed(visitor: Client, alice: Patient, disk: Path) -> None:
    visitor.post(f"{PAGE}picture/", {"picture": SimpleUploadedFile("me.png", drawn(), "image/png")})

    assert f"/people/{alice.user_id}/picture/" in visitor.get(PAGE).content.decode()
    assert len(files(disk)) == 1

    visitor.post(f"{PAGE}picture/remove/")

    assert f"/people/{alice.user_id}/picture/" not in visitor.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"<?php", "This is no picture that we can read."),
        (drawn() + b"\0" * 5 * 1024 * 1024, "Choose a picture of at most 5 MB."),
    ],
    ids=["empty", "no picture", "too large"],  # else the bytes themselves, all five million
)
def test_picture_when_it_is_refused(visitor: Client, disk: Path, content: bytes, words: str) -> None:
    # case 154, case 156
    upload = SimpleUploadedFile("me.png", content, "image/png")

    response = visitor.post(f"{PAGE}picture/", {"picture": upload})

    assert response.status_code == 200
    assert words in response.content.decode()
    assert "error-summary" in response.content.decode()
    assert files(disk) == []


def test_picture_when_there_is_none(visitor: Client) -> None:
    response = visitor.post(f"{PAGE}picture/", {})

    assert response.status_code == 200
    assert "This field is required." in response.content.decode()


@pytest.mark.parametrize("path", [f"{PAGE}picture/", f"{PAGE}picture/remove/"])
def test_picture_when_it_is_only_asked_for(visitor: Client, path: str) -> None:
    # case 093
    assert visitor.get(path).status_code == 405


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}picture/", f"{PAGE}picture/remove/"])
def test_page_when_nobody_is_signed_in(client: Client, path: str) -> None:
    response = client.post(path, TOLD)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_upload_of_a_gigabyte_is_refused_unread(visitor: Client) -> None:
    # case 156
    class Unread:
        def read(self, *_args: object) -> bytes:
            raise AssertionError

        readline = read

    response = visitor.generic(
        "POST",
        f"{PAGE}picture/",
        b"",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(1024**3), "wsgi.input": Unread()},
    )

    assert response.status_code == 413


def test_upload_of_ten_thousand_files_is_refused(visitor: Client, disk: Path) -> None:
    # case 156
    many = {f"picture{number}": SimpleUploadedFile(f"{number}.png", b"x") for number in range(10_000)}

    response = visitor.post(f"{PAGE}picture/", many)

    assert response.status_code == 413
    assert files(disk) == []
