"""What people are told, shown to staff."""

import pytest
from django.test import Client

from accounts import outbox
from accounts.models import Patient, User
from clinic.models import Doctor
from clinic.tests.portal import text_of

KINDS = sorted(outbox.samples())


@pytest.fixture
def reception(client: Client, rita: User) -> Client:
    client.force_login(rita)
    return client


def test_samples_when_staff_looks(reception: Client) -> None:
    words = text_of(reception.get("/staff/messages/"))

    for letter in outbox.samples().values():
        assert " ".join(letter.subject.split()) in words


@pytest.mark.parametrize("kind", KINDS)
def test_sample_by_itself(reception: Client, kind: str) -> None:
    # case 163
    page = reception.get(f"/staff/messages/{kind}/")

    html = outbox.samples()[kind].html
    assert page.status_code == (200 if html else 404)
    if html:
        assert page.content.decode() == html
        assert "sandbox" in page["Content-Security-Policy"].replace(" ", "").split(";")
        assert not any(word in html for word in ("<script", "<style", "style=", "<img", "onclick"))


def test_sample_that_is_none(reception: Client) -> None:
    assert reception.get("/staff/messages/gossip/").status_code == 404


@pytest.mark.parametrize("path", ["/staff/messages/", "/staff/messages/booked/"])
def test_samples_for_anybody_else(client: Client, alice: Patient, dr_chen: Doctor, adam: User, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")
    for user in (alice.user, dr_chen.user):
        client.force_login(user)
        assert client.get(path).status_code == 403
    client.force_login(adam)
    assert client.get(path).status_code == 200
