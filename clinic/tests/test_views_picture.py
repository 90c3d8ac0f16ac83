"""People's pictures, and who sees them."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import profile, tokens
from accounts.models import Patient, User
from clinic.models import Approval, Doctor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def disk(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def with_picture(user: User | None) -> User:
    assert user is not None
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, "PNG")
    return profile.set_picture(user, ContentFile(drawn.getvalue(), "me.png"), by=user)


def path_of(user: User) -> str:
    return f"/people/{user.pk}/picture/"


def words(page: HttpResponse) -> list[str]:
    """What it says, without what differs from one request to the next."""
    lines = page.content.decode().splitlines()
    return [line for line in lines if "csrf" not in line and page.headers["X-Request-ID"] not in line]


def test_picture_of_a_doctor_in_the_directory(client: Client, dr_chen: Doctor) -> None:
    response = client.get(path_of(with_picture(dr_chen.user)))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert b"".join(response.streaming_content).startswith(b"\xff\xd8")


def test_picture_is_served_inert(client: Client, dr_chen: Doctor) -> None:
    # case 154
    headers = client.get(path_of(with_picture(dr_chen.user))).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"] == 'inline; filename="picture.jpg"'


@pytest.mark.parametrize("change", [{"approval": Approval.PENDING}, {"approval": Approval.REJECTED}])
def test_picture_of_a_doctor_who_is_not_in_the_directory(
    client: Client, dr_chen: Doctor, change: dict[str, str]
) -> None:
    path = path_of(with_picture(dr_chen.user))
    Doctor.objects.filter(pk=dr_chen.pk).update(**change)

    assert client.get(path).status_code == 404


def test_picture_of_a_patient(client: Client, alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    # case 124
    path = path_of(with_picture(alice.user))
    missing = "/people/00000000-0000-4000-8000-000000000000/picture/"

    assert client.get(path).status_code == 404
    for stranger in (bob.user, dr_chen.user):
        client.force_login(stranger)
        foreign, none = client.get(path), client.get(missing)
        assert foreign.status_code == none.status_code == 404
        assert words(foreign) == words(none)
    for allowed in (alice.user, rita):
        client.force_login(allowed)
        response = client.get(path)
        assert response.status_code == 200
        assert "no-store" in response.headers["Cache-Control"]


def test_picture_when_he_was_let_go(client: Client, dr_chen: Doctor) -> None:
    path = path_of(with_picture(dr_chen.user))
    User.objects.filter(pk=dr_chen.user_id).update(is_active=False)

    assert client.get(path).status_code == 404


def test_picture_when_the_file_is_gone(client: Client, dr_chen: Doctor, disk: Path) -> None:
    user = with_picture(dr_chen.user)
    (disk / str(user.picture.name)).unlink()

    assert client.get(path_of(user)).status_code == 404


def test_picture_is_at_no_other_address(client: Client, dr_chen: Doctor) -> None:
    # case 124
    user = with_picture(dr_chen.user)

    for path in (f"/media/{user.picture.name}", f"/{user.picture.name}", f"/static/{user.picture.name}"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(("bearer", "status"), [("own", 200), ("another's", 404), ("spoilt", 404)])
def test_picture_for_a_program(client: Client, alice: Patient, bob: Patient, bearer: str, status: int) -> None:
    person = with_picture(alice.user)
    token = tokens.sign_in(bob.user if bearer == "another's" else person, now=timezone.now()).access_token
    token = token[:-3] if bearer == "spoilt" else token

    response = client.get(path_of(person), headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == status
