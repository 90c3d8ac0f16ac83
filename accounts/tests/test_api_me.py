"""users/me/: one's own account."""

import io
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from accounts import tokens
from accounts.models import Patient, Role, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me/"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def client_of(user: User) -> Clerk:
    client = Clerk(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.sign_in(user, now=timezone.now()).access_token}")
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (800, 400)) -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", size, "red").save(drawn, kind)
    return SimpleUploadedFile("me.png", drawn.getvalue(), content_type="image/png")


@pytest.fixture
def hers(alice: Patient) -> Clerk:
    Patient.objects.filter(pk=alice.pk).update(insurance_number="A123456789")
    assert alice.user is not None
    return client_of(alice.user)


def test_get_of_a_patient(hers: Clerk, alice: Patient) -> None:  # fault B0-1, fault B0-13
    answer = hers.get(ME)

    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(alice.user_id),
        "email": "alice@example.org",
        "first_name": "Alice",
        "last_name": "Archer",
        "role": "patient",
        "phone": "",
        "language": "en",
        "picture": None,
        "patient": {
            "id": str(alice.pk),
            "date_of_birth": None,
            "insurance_provider": "",
            "insurance_number": "A123456789",
            "emergency_contact": "",
            "reminder_channel": "email",
        },
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.RECEPTIONIST, Role.ADMIN])
def test_get_of_who_is_no_patient(role: Role, alice: Patient) -> None:
    answer = client_of(make_user(role)).get(ME)

    assert (answer.status_code, answer.json()["patient"], answer.json()["role"]) == (200, None, role)


@pytest.mark.parametrize("method", ["get", "patch"])
def test_stranger(api: Clerk, method: str) -> None:
    assert getattr(api, method)(ME).status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods(hers: Clerk, method: str) -> None:
    assert getattr(hers, method)(ME, {"first_name": "Eve"}, format="json").status_code == 405


def test_patch_of_a_patient_writes_both(hers: Clerk, alice: Patient) -> None:
    said = {
        "first_name": "Alicia",
        "phone": "030 123456",
        "date_of_birth": "1990-05-17",
        "insurance_provider": "TK",
        "insurance_number": "B987",
        "emergency_contact": "Adam",
        "reminder_channel": "sms",
    }

    answer = hers.patch(ME, said, format="json")

    alice.refresh_from_db()
    assert (answer.status_code, answer.json()["first_name"]) == (200, "Alicia")
    assert (alice.first_name, str(alice.phone), alice.date_of_birth) == ("Alicia", "+4930123456", date(1990, 5, 17))
    assert (alice.insurance_provider, alice.insurance_number) == ("TK", "B987")
    assert (alice.emergency_contact, alice.reminder_channel) == ("Adam", "sms")
    assert answer.json()["patient"]["insurance_number"] == "B987"
    assert alice.user is not None
    assert User.objects.get(pk=alice.user_id).first_name == "Alicia"


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"first_name": ""}, "first_name", "invalid"),
        ({"first_name": "a\nb"}, "first_name", "control_character"),
        ({"last_name": "x" * 101}, "last_name", "invalid"),
        ({"phone": "12"}, "phone", None),
        ({"language": "tlh"}, "language", "invalid"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "bad_date_of_birth"),
        ({"date_of_birth": "17.5.1990"}, "date_of_birth", None),
        ({"date_of_birth": "2027-02-29"}, "date_of_birth", None),
        ({"reminder_channel": "pigeon"}, "reminder_channel", "invalid"),
        ({"insurance_number": "a\x00"}, "insurance_number", None),
        ({"insurance_number": 12}, "insurance_number", "invalid"),
        ({"emergency_contact": "x" * 201}, "emergency_contact", "invalid"),
        ({"picture": "https://evil.example.org/x.png"}, "picture", "invalid"),
    ],
)
def test_patch_that_cannot_be(
    hers: Clerk, alice: Patient, said: dict[str, Any], field: str, code: str | None
) -> None:  # case 144, case 150, fault B3-15
    before = (Patient.objects.values().get(), User.objects.values().get())

    answer = hers.patch(ME, {"emergency_contact": "Bob"} | said, format="json")

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {field}
    assert code in (None, answer.json()["error"]["code"])
    assert (Patient.objects.values().get(), User.objects.values().get()) == before


@pytest.mark.parametrize("field", ["language", "reminder_channel"])
def test_patch_with_half_a_character_for_a_choice(hers: Clerk, field: str) -> None:
    answer = hers.patch(ME, data=f'{{"{field}": "\\ud800"}}', content_type="application/json")

    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {field})


def test_patch_of_a_patients_detail_by_who_is_none(rita: User) -> None:
    answer = client_of(rita).patch(ME, {"insurance_provider": "AOK", "first_name": "Eve"}, format="json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_a_patient")
    rita.refresh_from_db()
    assert rita.first_name == "Rita"


@pytest.mark.parametrize("form", ["json", "multipart"])
def test_patch_sets_nothing_else(hers: Clerk, alice: Patient, bob: Patient, form: str) -> None:
    # case 129, case 131, fault B0-2, fault B2-14
    before = (list(Patient.objects.order_by("pk").values()), list(User.objects.order_by("pk").values()))
    extra = {
        "id": str(bob.user_id),
        "email": "bob@example.org",
        "role": "admin",
        "is_staff": "true",
        "is_superuser": "true",
        "is_active": "false",
        "groups": "1",
        "user_permissions": "1",
        "password": "x",
        "email_verified": "true",
        "patient": str(bob.pk),
        "user": str(bob.user_id),
        "created_at": "2000-01-01T00:00:00Z",
    }

    answer = hers.patch(f"{ME}?role=admin&id={bob.user_id}", extra, format=form)

    assert answer.status_code == 200
    after = (list(Patient.objects.order_by("pk").values()), list(User.objects.order_by("pk").values()))
    assert after == before


def test_picture_is_redrawn_and_taken_away(hers: Clerk, alice: Patient, media: Path) -> None:  # case 154
    sent = hers.patch(ME, {"picture": picture(), "first_name": "Alicia"}, format="multipart")
    [kept] = media.rglob("*.*")
    with Image.open(kept) as drawn:
        size = drawn.size
    browser = Client()
    browser.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    seen = browser.get(sent.json()["picture"])

    taken = hers.patch(ME, {"picture": None}, format="json")

    assert (sent.status_code, sent.json()["first_name"], taken.status_code) == (200, "Alicia", 200)
    assert sent.json()["picture"].endswith(f"/people/{alice.user_id}/picture/")
    assert max(size) <= 512
    assert kept.name != "me.png"
    assert (seen.status_code, seen["Content-Type"]) == (200, "image/jpeg")
    assert taken.json()["picture"] is None


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png"), "not_a_picture"),
        (SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n<?php", "image/png"), "not_a_picture"),
        (SimpleUploadedFile("x.png", b"x" * (5 * 1024 * 1024 + 1), "image/png"), "picture_too_large"),
        (SimpleUploadedFile("x.png", b"", "image/png"), None),
    ],
)
def test_picture_that_is_none(
    hers: Clerk, alice: Patient, media: Path, upload: SimpleUploadedFile, code: str | None
) -> None:  # case 154, case 156
    upload.seek(0)

    answer = hers.patch(ME, {"picture": upload, "first_name": "Eve"}, format="multipart")

    assert (answer.status_code, code in (None, answer.json()["error"]["code"])) == (400, True)
    alice.refresh_from_db()
    assert alice.first_name == "Alice"
    assert not list(media.rglob("*.*"))


def test_picture_that_is_far_too_large(hers: Clerk, media: Path) -> None:  # case 156
    upload = SimpleUploadedFile("x.png", b"x" * (6 * 1024 * 1024), "image/png")

    answer = hers.patch(ME, {"picture": upload}, format="multipart")

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert not list(media.rglob("*.*"))


def test_me_is_nobody_else(hers: Clerk, bob: Patient) -> None:  # case 104, case 131
    assert hers.get(f"/api/v1/users/{bob.user_id}/").status_code == 403
    assert hers.get(f"/api/v1/users/{uuid4()}/").status_code == 403
