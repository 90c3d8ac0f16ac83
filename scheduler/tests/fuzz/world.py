"""A clinic with something of everything, for requests that are made up: most made-up ids stand for what is there."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import tokens
from accounts.models import Patient, User
from clinic import booking
from clinic.models import Department, Doctor, Specialty, VisitType
from clinic.tests.factories import NOW, at, make_appointment, make_visit_type

ROLES = ("anonymous", "patient", "doctor", "receptionist", "admin")
YEAR = re.compile("[0-9]{4}-")
CLOCKS = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")


@dataclass
class World:
    """What is there, by the names under which the API asks for it, and who asks."""

    things: dict[str, str]
    users: dict[str, User]
    headers: dict[str, str] = field(default_factory=dict)

    def enter(self, role: str) -> "World":
        """Ask as somebody with this role."""
        user = self.users.get(role)
        if user is not None:
            access = tokens.sign_in(user, now=timezone.now()).access_token
            self.headers = {"Authorization": f"Bearer {access}"}
        return self

    def furnish(self, case: Any) -> Any:
        """Let three in four of a request's made-up ids, and some of its times, stand for real ones."""
        if case.path_parameters:
            kind = case.path.strip("/").split("/")[2].rstrip("s")
            case.path_parameters = {
                name: self.things.get(kind, value) if _is_meant(value) else value
                for name, value in case.path_parameters.items()
            }
        if "Hold-Key" in (case.headers or {}):
            case.headers["Hold-Key"] = self.things["hold_key"]
        for part in (case.query, case.body):
            if isinstance(part, dict):
                part.update({name: self._real(name, value) for name, value in part.items()})
        return case

    def _real(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and YEAR.match(value) and int(value[3]) < 8:
            if name == "starts_at":
                return at(CLOCKS[int(value[3]) % len(CLOCKS)]).isoformat()
            return {"from": "2027-03-01", "to": "2027-03-08"}.get(name, value)
        return self.things.get(name, value) if _is_meant(value) or name == "hold_key" else value


def _is_meant(value: Any) -> bool:
    try:
        return UUID(str(value)).int % 4 > 0
    except ValueError:
        return False


def furnish(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User, adam: User) -> World:
    """The world of the fuzz tests."""
    heart, ward = Specialty.objects.create(name="Cardiology"), Department.objects.create(name="Heart Centre")
    kind: VisitType = make_visit_type()
    dr_chen.specialties.add(heart)
    dr_chen.departments.add(ward)
    dr_chen.visit_types.add(kind)
    hers = make_appointment(dr_chen, alice, at("10:00"), reason="A cough.")
    make_appointment(dr_chen, bob, at("10:30"))
    now: datetime = NOW
    hold = booking.hold(doctor=dr_chen, starts_at=at("11:00"), visitor=None, by=alice.user, now=now)
    things = {
        "doctor": dr_chen.pk,
        "site": dr_chen.weekly_hours.get(weekday=0).site_id,
        "specialty": heart.pk,
        "specialtie": heart.pk,
        "department": ward.pk,
        "visit_type": kind.pk,
        "visit-type": kind.pk,
        "appointment": hers.pk,
        "patient": alice.pk,
        "user": alice.user_id,
        "hold": hold.pk,
        "hold_key": booking.hold_key(hold.pk),
    }
    users = {"patient": alice.user, "doctor": dr_chen.user, "receptionist": rita, "admin": adam}
    return World({name: str(value) for name, value in things.items()}, users)
