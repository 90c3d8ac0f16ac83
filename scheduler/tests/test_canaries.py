"""Whatever a person types, none of it gets into the log: every value here is a canary that must not be seen there."""

import json
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from accounts.models import User
from accounts.tests.letters import code_in
from clinic.models import Appointment, Doctor
from clinic.tests.factories import at
from clinic.tests.portal import confirm, held_by, pick
from scheduler.tests.log_lines import written
from scheduler.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

CANARY = "canary7f3a"
PASSWORD = f"{CANARY} is a long sentence"
PERSON = {"first_name": f"{CANARY}Ada", "last_name": f"{CANARY}Lovelace", "email": f"{CANARY}@example.org"}


def _statement_fails(request: HttpRequest) -> HttpResponse:
    """The database's text quotes the row."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_user (email) VALUES (%s)", [request.GET["value"]])
    return HttpResponse()


def _page_fails(request: HttpRequest) -> HttpResponse:
    raise ValueError(request.GET["value"], request.COOKIES, request.body)


urlpatterns = [
    path("statement-fails/", _statement_fails),
    path("page-fails/", _page_fails),
    path("api/v1/statement-fails/", _statement_fails),
    path("", include("scheduler.urls")),
]


def _in_the_portal(visitor: Client, doctor: Doctor) -> None:
    visitor.post("/accounts/signup/", PERSON | {"password1": PASSWORD})
    visitor.post("/accounts/confirm-email/", {"code": CANARY})
    visitor.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})
    pick(visitor, doctor, at("09:30"))
    confirm(visitor, held_by(visitor), reason=f"{CANARY} a cough")
    booked = Appointment.objects.get()
    visitor.post(f"/appointments/{booked.pk}/cancel/", {"reason": f"{CANARY} better"})
    visitor.post("/accounts/logout/")
    visitor.post("/accounts/login/", {"login": PERSON["email"], "password": f"{CANARY} wrong"})
    visitor.post("/accounts/login/", {"login": PERSON["email"], "password": PASSWORD})
    visitor.post("/accounts/password/reset/", {"email": PERSON["email"]})


def _in_the_api(visitor: Client) -> list[str]:
    """The tokens."""

    def send(where: str, **said: Any) -> Any:
        return visitor.post(f"/api/v1/{where}", said, content_type="application/json")

    send("auth/register/", **PERSON, password=PASSWORD, phone=CANARY)
    send("auth/register/", **PERSON, password=PASSWORD, insurance_number=CANARY)
    send("auth/login/", email=PERSON["email"], password=f"{CANARY} wrong")
    pair = send("auth/login/", email=PERSON["email"], password=PASSWORD).json()
    assert "refresh_token" in pair
    for _twice in range(2):
        send("auth/token/refresh/", refresh_token=pair["refresh_token"])
    send("auth/verify-email/", email=PERSON["email"], code=CANARY)
    bearer = {"Authorization": f"Bearer {CANARY}", "Idempotency-Key": CANARY, "If-Match": CANARY, "Cookie": CANARY}
    visitor.post("/api/v1/appointments/", {"reason": CANARY}, content_type="application/json", headers=bearer)
    visitor.post("/api/v1/appointments/", f'{{"{CANARY}', content_type="application/json")
    return [pair["access_token"], pair["refresh_token"]]


def _what_fails(visitor: Client) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.post(f"/accounts/login/?next=/{CANARY}", {"login": CANARY}, headers={"Origin": f"https://{CANARY}.example"})
    for address in (f"/{CANARY}/", f"/?q={CANARY}", f"/admin/{CANARY}/?q={CANARY}", f"/api/v1/{CANARY}/?q={CANARY}"):
        visitor.get(address, headers={"Referer": f"https://example.org/{CANARY}", "User-Agent": CANARY})
    visitor.get("/", headers={"Host": f"{CANARY}.example"})
    visitor.generic("PROPFIND", f"/{CANARY}")
    visitor.generic(CANARY, "/")
    visitor.get(f"/%00{CANARY}")
    visitor.post("/accounts/login/", CANARY * 200_000, content_type="application/x-www-form-urlencoded")
    with override_settings(ROOT_URLCONF=__name__):
        for broken in ("/statement-fails/", "/page-fails/", "/api/v1/statement-fails/"):
            answer = visitor.get(f"{broken}?value={CANARY}", headers={"Cookie": f"session={CANARY}"})
            assert answer.status_code >= 500


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
@pytest.mark.django_db(transaction=True)
def test_log_after_all_that_can_happen(
    client: Client, dr_chen: Doctor, clock: time_machine.Traveller, level: str
) -> None:
    # case 174, case 175
    client.raise_request_exception = False

    with written(level) as lines:
        _in_the_portal(client, dr_chen)
        tokens = _in_the_api(client)
        _what_fails(client)

    log = lines()
    person = User.objects.get(email=PERSON["email"])
    secrets = (CANARY, person.password, *tokens, "@", "INSERT", "/appointments/")
    assert [secret for secret in secrets if secret.lower() in json.dumps(log).lower()] == []
    assert {"cancel", "details", "login", "account_login", "find"} <= {line.get("route") for line in log}
    assert {200, 201, 302, 400, 401, 403, 404, 405, 413, 500} <= {line.get("status") for line in log}
    assert str(person.pk) in {line.get("user") for line in log}
