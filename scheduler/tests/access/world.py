"""A clinic with one of everything, and everybody who might ask for it."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import Patient, Role, User
from accounts.tests.factories import make_patient, make_user
from clinic.models import Doctor
from clinic.tests.factories import make_doctor, make_hours, make_site
from records.tests.desk import one_of_everything

ACTORS = {
    "n": "nobody",
    "a": "alice, whose things they are",
    "b": "bob, another patient",
    "c": "Dr. Chen, alice's doctor",
    "d": "Dr. Diaz, who never met her",
    "r": "rita at reception",
    "m": "adam the administrator",
    "s": "a superuser",
    "x": "somebody deactivated",
}
DENIED = (401, 403, 404)
NOWHERE = UUID("00000000-0000-4000-8000-000000000000")


@dataclass
class World:
    """``things`` are alice's, by model name; ``people`` are users, by the letters of ACTORS."""

    things: dict[str, Any]
    people: dict[str, User]
    _clients: dict[tuple[str, bool], Client] = field(default_factory=dict)

    def ask(self, who: str, method: str, path: str) -> Any:
        """The answer to an empty request; whatever it did is undone."""
        is_api = path.startswith("/api/")
        kind = ("{}", "application/json") if is_api else ("", "application/x-www-form-urlencoded")
        client = self.client(who, is_api=is_api)
        cookies = client.cookies.output(header="", sep=";")
        with transaction.atomic():
            # What has to be committed at once counts as committed here.
            transaction.get_connection().atomic_blocks[-1]._from_testcase = True
            answer: Any = client.generic(method, path, *kind)
            transaction.set_rollback(True)
        client.cookies = SimpleCookie(cookies)
        return answer

    def anew(self) -> "World":
        """The same, for another test: what one's answers leave in a browser is not in the next one's."""
        return World(self.things, self.people, {key: _alike(client) for key, client in self._clients.items()})

    def client(self, who: str, *, is_api: bool) -> Client:
        """The browser or the program of one of ACTORS, signed in."""
        if (who, is_api) not in self._clients:
            self._clients[who, is_api] = self._signed_in(who, is_api=is_api)
        return self._clients[who, is_api]

    def _signed_in(self, who: str, *, is_api: bool) -> Client:
        user = self.people.get(who)
        client = Client(raise_request_exception=False)
        if user is None:
            return client
        if is_api:
            token = tokens.sign_in(user, now=timezone.now()).access_token
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        else:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client


def _alike(client: Client) -> Client:
    """Another browser with the same cookies, or another program with the same token."""
    other = Client(raise_request_exception=client.raise_request_exception)
    other.defaults |= client.defaults
    other.cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    return other


def make_clinic() -> World:
    """A world of its own: everything belongs to alice and Dr. Chen, and everybody is signed in on both doors."""
    site = make_site()
    dr_chen, dr_diaz = (make_doctor(make_user(Role.DOCTOR), title="Dr.") for _both in range(2))
    for doctor in (dr_chen, dr_diaz):
        make_hours(doctor, site)
    rita, adam = make_user(Role.RECEPTIONIST), make_user(Role.ADMIN)
    world = make_world(make_patient(), make_patient(), dr_chen, dr_diaz, rita, adam)
    for who in ACTORS:
        for is_api in (False, True):
            world.client(who, is_api=is_api)
    return world


def make_world(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User) -> World:
    """Everything belongs to alice and Dr. Chen."""
    gone = make_patient()
    assert gone.user is not None
    people = {"a": alice.user, "b": bob.user, "c": dr_chen.user, "d": dr_diaz.user, "r": rita, "m": adam}
    everybody = people | {"s": make_user(Role.ADMIN, is_superuser=True), "x": gone.user}
    things = {model.__name__: thing for model, thing in one_of_everything(dr_chen, alice, adam).items()}
    world = World(things, {letter: user for letter, user in everybody.items() if user is not None})
    # Signed in while it was still allowed, on both doors.
    for is_api in (False, True):
        world.client("x", is_api=is_api)
    User.objects.filter(pk=gone.user.pk).update(is_active=False)
    return world


def is_allowed(answer: HttpResponse) -> bool:
    """Whether the door opened, whatever was said behind it."""
    leads_to = answer.headers.get("Location", "") if answer.status_code == 302 else ""
    return answer.status_code not in (*DENIED, 405) and not leads_to.startswith(("/accounts/login/", "/admin/login/"))
