"""What the tests of the portal do again and again: press a time, sign up, read the mailed code."""

import re
from datetime import datetime
from typing import Any

from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinic.models import Appointment, Doctor, Status, VisitType

NEWCOMER = {"first_name": "Carla", "last_name": "Cole", "email": "carla@example.org", "password1": "blue-horse-42"}


def pick(client: Client, doctor: Doctor, starts_at: datetime, visit_type: VisitType | None = None, **more: Any) -> Any:
    """Press a time in the picker; the answer is a redirect."""
    kind = {"visit_type": visit_type.pk} if visit_type else {}
    data = {"doctor": doctor.pk, "starts_at": starts_at.isoformat()}
    return client.post(reverse("hold"), data | kind | more)


def held_by(client: Client) -> Appointment | None:
    """The hold that the session made last, while it is one."""
    held = client.session.get("held", {})
    return Appointment.objects.filter(pk=held.get("id"), status=Status.HELD).first()


def sign_up(client: Client, **changes: str) -> Any:
    """Sign up on the page of the second screen."""
    return client.post(reverse("details"), NEWCOMER | {"enter": "sign-up"} | changes)


def mailed_code() -> str:
    """The six digits of the newest mail."""
    found = re.search(r"^\s*(\d{6})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found is not None, mail.outbox[-1].body
    return found[1]


def enter_code(client: Client, code: str) -> Any:
    """Type the code on the page of the second screen."""
    return client.post(reverse("details"), {"enter": "code", "code": code})


def confirm(client: Client, hold: Appointment | None, **more: Any) -> Any:
    """Press "Book this visit"."""
    assert hold is not None
    return client.post(reverse("details"), {"hold": hold.pk, "reason": ""} | more)


def text_of(response: HttpResponse) -> str:
    """The words of a page, without tags, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def times(response: HttpResponse) -> list[str]:
    """The machine-readable times of the page's buttons, in order."""
    page = response.content.decode()
    return [part.split('"')[0] for part in page.split('name="starts_at"')[1:] for part in part.split('value="')[1:2]]
