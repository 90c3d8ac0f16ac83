import pytest
from django.test import Client

from accounts.models import Patient, User
from clinic.models import Doctor

pytestmark = pytest.mark.django_db


def begins_at(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get("/start/").headers["Location"]


def test_start_leads_everybody_to_his_work(alice: Patient, dr_chen: Doctor, rita: User, adam: User) -> None:
    assert begins_at(alice.user) == "/"
    assert begins_at(dr_chen.user) == "/day/"
    assert begins_at(rita) == begins_at(adam) == "/admin/"


def test_start_by_a_stranger() -> None:
    assert Client().get("/start/").headers["Location"] == "/accounts/login/?next=/start/"
