"""users/: for administrators, and for nobody else."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import tokens
from accounts.models import AuditEntry, Patient, Role, TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import make_user
from accounts.tests.letters import link_in

pytestmark = pytest.mark.django_db
USERS = "/api/v1/users/"
ROSA: dict[str, Any] = {
    "email": "rosa@example.org",
    "first_name": "Rosa",
    "last_name": "Roth",
    "phone": "+4930123456",
    "role": "receptionist",
}
SHOWN = {
    *("id", "email", "first_name", "last_name", "phone", "language", "role", "is_active", "is_verified", "last_login"),
    "created_at",
}


def client_of(user: User | None) -> Clerk:
    client = Clerk(raise_request_exception=False)
    if user is not None:
        access = tokens.sign_in(user, now=timezone.now()).access_token
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def everybody() -> list[dict[str, Any]]:
    columns = ("pk", "email", "role", "is_active", "is_superuser", "first_name", "password", "phone")
    return list(User.objects.order_by("pk").values(*columns))


@pytest.fixture
def admin(adam: User) -> Clerk:
    return client_of(adam)


@pytest.fixture
def root(db: None) -> User:
    return make_user(Role.ADMIN, is_superuser=True, first_name="Root")


@pytest.mark.parametrize("role", [None, "patient", "doctor", "receptionist", "admin", "deactivated"])
@pytest.mark.parametrize(
    ("method", "own", "allowed"),
    [
        ("get", "", 200),
        ("post", "", 201),
        ("get", "{id}/", 200),
        ("patch", "{id}/", 200),
        ("delete", "{id}/", 204),
        ("get", "{missing}/", 404),
        ("patch", "{missing}/", 404),
        ("delete", "{missing}/", 404),
    ],
)
def test_who_may(role: str | None, method: str, own: str, allowed: int) -> None:  # case 101, case 119, case 130
    # fault B1-1, B3-1
    other = make_user(Role.DOCTOR, email="other@example.org")
    if role == "deactivated":
        caller = client_of(user := make_user(Role.ADMIN))
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        caller = client_of(make_user(Role(role)) if role else None)
    body = {"post": ROSA, "patch": {"first_name": "Rosa"}}.get(method)
    before = everybody()

    answer = getattr(caller, method)(USERS + own.format(id=other.pk, missing=uuid4()), body, format="json")

    expected = {None: 401, "deactivated": 401, "admin": allowed}.get(role, 403)
    assert answer.status_code == expected
    assert (everybody() == before) == (method == "get" or expected >= 400)


@pytest.mark.parametrize(
    ("method", "path"), [("put", ""), ("patch", ""), ("delete", ""), ("put", "{id}/"), ("post", "{id}/")]
)
def test_other_methods(admin: Clerk, rita: User, method: str, path: str) -> None:
    answer = getattr(admin, method)(USERS + path.format(id=rita.pk), ROSA, format="json")

    assert answer.status_code == 405


def test_list(admin: Clerk, adam: User, rita: User) -> None:  # fault B0-1
    answer = admin.get(USERS)

    body = answer.json()
    assert body["count"] == 2
    assert [row["last_name"] for row in body["results"]] == ["Abbott", "Rivera"]
    assert all(set(row) == SHOWN for row in body["results"])
    assert adam.password not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"role": "receptionist"}, ["Rivera"]),
        ({"is_active": "false"}, ["Gone"]),
        ({"is_active": "true"}, ["Abbott", "Rivera"]),
        ({"search": "rita RIV"}, ["Rivera"]),
        ({"search": "rita abbott"}, []),
        ({"search": "@example.org"}, ["Abbott", "Gone", "Rivera"]),
        ({"search": "%"}, []),
        ({"search": "md5$"}, []),
        ({"password": "x", "ordering": "-password"}, ["Abbott", "Gone", "Rivera"]),
        ({"password__startswith": "md5"}, ["Abbott", "Gone", "Rivera"]),
    ],
)
def test_list_by_each_filter(
    admin: Clerk, rita: User, query: dict[str, str], names: list[str]
) -> None:  # case 114, case 151
    make_user(Role.DOCTOR, email="gone@example.org", last_name="Gone", is_active=False)

    answer = admin.get(USERS, query)

    assert [row["last_name"] for row in answer.json()["results"]] == names


@pytest.mark.parametrize(
    "query", [{"role": "wizard"}, {"is_active": "perhaps"}, {"search": "x" * 101}, {"search": "\x00"}]
)
def test_list_by_what_makes_no_sense(admin: Clerk, query: dict[str, str]) -> None:  # case 151
    answer = admin.get(USERS, query)

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == set(query)


def test_list_asks_as_often_for_many(admin: Clerk) -> None:  # fault B0-26
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(USERS).status_code == 200
        return len(asked)

    queries()
    few = queries()
    for _number in range(15):
        make_user()

    assert queries() == few


def test_create_invites(
    admin: Clerk, adam: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(USERS, ROSA, format="json")

    rosa = User.objects.get(email="rosa@example.org")
    assert answer.status_code == 201
    assert set(answer.json()) == SHOWN
    assert {name: answer.json()[name] for name in ROSA} == ROSA
    assert (answer.json()["is_active"], answer.json()["is_verified"]) == (True, False)
    assert (rosa.has_usable_password(), rosa.is_superuser) == (False, False)
    assert [group.name for group in rosa.groups.all()] == ["receptionist"]
    assert [letter.to for letter in mail.outbox] == [["rosa@example.org"]]
    assert link_in(mail.outbox[0])
    entry = AuditEntry.objects.get(verb="accounts.user.appointed")
    assert (entry.actor, entry.object_id) == (adam.pk, str(rosa.pk))


def test_create_a_patient_makes_her_file(admin: Clerk) -> None:
    admin.post(USERS, ROSA | {"role": "Member"}, format="json")

    assert Patient.objects.get().user == User.objects.get(role=Role.PATIENT)


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"email": "ADAM@example.org"}, "email", "email_taken"),
        ({"email": "nonsense"}, "email", "invalid"),
        ({"email": "a@b.c\r\nBcc: x@evil.org"}, "email", None),
        ({"email": None}, "email", "invalid"),
        ({"role": "superuser"}, "role", "invalid"),
        ({"role": ""}, "role", "invalid"),
        ({"role": 1}, "role", "invalid"),
        ({"first_name": "a\x00b"}, "first_name", None),
        ({"first_name": "a\nb"}, "first_name", "control_character"),
        ({"first_name": "   "}, "first_name", "invalid"),
        ({"last_name": "x" * 101}, "last_name", "invalid"),
        ({"phone": "12"}, "phone", None),
        ({"phone": None}, "phone", "invalid"),
    ],
)
def test_create_what_cannot_be(
    admin: Clerk, said: dict[str, Any], field: str, code: str | None
) -> None:  # case 144, case 162
    answer = admin.post(USERS, ROSA | said, format="json")

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {field}
    assert code in (None, answer.json()["error"]["code"])
    assert User.objects.count() == 1


@pytest.mark.parametrize("missing", ["email", "first_name", "last_name", "role"])
def test_create_without(admin: Clerk, missing: str) -> None:
    answer = admin.post(USERS, {name: value for name, value in ROSA.items() if name != missing}, format="json")

    assert set(answer.json()["error"]["fields"]) == {missing}


EXTRA: dict[str, Any] = {
    "id": str(uuid4()),
    "password": "a-long-way-to-the-sea",
    "hashed_password": "x",
    "is_superuser": True,
    "is_staff": True,
    "groups": [1],
    "user_permissions": [1],
    "email_verified": True,
    "is_verified": True,
    "last_login": "2027-01-01T00:00:00Z",
    "created_at": "2000-01-01T00:00:00Z",
    "language": "xx",
}


def test_create_sets_nothing_else(admin: Clerk) -> None:  # case 129, case 130, fault B1-3
    answer = admin.post(USERS, ROSA | EXTRA | {"is_active": False}, format="json")

    rosa = User.objects.get(email="rosa@example.org")
    assert answer.status_code == 201
    assert (rosa.is_superuser, rosa.is_active, rosa.has_usable_password(), rosa.language) == (False, True, False, "en")
    assert (str(rosa.pk) == EXTRA["id"], rosa.last_login, rosa.created_at.year == 2000) == (False, None, False)
    assert answer.json()["is_verified"] is False


def test_change_sets_nothing_else(admin: Clerk, rita: User) -> None:  # case 129, case 130, fault B2-14
    before = User.objects.filter(pk=rita.pk).values().get()

    answer = admin.patch(f"{USERS}{rita.pk}/", EXTRA | {"email": "thief@example.org"}, format="json")

    assert answer.status_code == 200
    assert User.objects.filter(pk=rita.pk).values().get() == before


def test_change_several_at_once(admin: Clerk, rita: User) -> None:  # case 184
    tokens.sign_in(rita, now=timezone.now())
    said = {"first_name": "Rosa", "phone": "030 123456", "role": "ADMIN"}

    answer = admin.patch(f"{USERS}{rita.pk}/", said, format="json")

    rita.refresh_from_db()
    assert answer.status_code == 200
    assert (rita.first_name, str(rita.phone), rita.role) == ("Rosa", "+4930123456", Role.ADMIN)
    assert [group.name for group in rita.groups.all()] == ["admin"]
    assert TokenFamily.objects.get(user=rita).revoked_at is not None
    entry = AuditEntry.objects.get(verb="accounts.user.role_changed")
    assert entry.changes == {"role": ["receptionist", "admin"]}


def test_change_is_all_or_nothing(admin: Clerk, adam: User) -> None:
    answer = admin.patch(f"{USERS}{adam.pk}/", {"first_name": "Eve", "role": "patient"}, format="json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "own_role")
    adam.refresh_from_db()
    assert (adam.first_name, adam.role) == ("Adam", Role.ADMIN)


@pytest.mark.parametrize("said", ["no", 0, "false", None, []])
def test_change_of_standing_by_what_is_no_truth(admin: Clerk, rita: User, said: Any) -> None:  # case 145
    answer = admin.patch(f"{USERS}{rita.pk}/", {"is_active": said}, format="json")

    assert set(answer.json()["error"]["fields"]) == {"is_active"}
    assert User.objects.get(pk=rita.pk).is_active


def test_deactivated_and_back(admin: Clerk, rita: User) -> None:  # case 098
    hers = client_of(rita)

    gone = admin.delete(f"{USERS}{rita.pk}/")
    again = admin.delete(f"{USERS}{rita.pk}/")
    refused = hers.get("/api/v1/users/me/")
    back = admin.patch(f"{USERS}{rita.pk}/", {"is_active": True}, format="json")

    assert (gone.status_code, gone.content, again.status_code) == (204, b"", 204)
    assert refused.status_code == 401
    assert (back.status_code, back.json()["is_active"]) == (200, True)
    assert hers.get("/api/v1/users/me/").status_code == 401
    assert AuditEntry.objects.filter(verb="accounts.user.deactivated").count() == 1


@pytest.mark.parametrize("method", ["delete", "patch"])
def test_own_account_is_not_closed(admin: Clerk, adam: User, method: str) -> None:
    answer = getattr(admin, method)(f"{USERS}{adam.pk}/", {"is_active": False}, format="json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "own_account")
    assert User.objects.get(pk=adam.pk).is_active


@pytest.mark.parametrize(
    ("method", "said"),
    [("patch", {"first_name": "Eve"}), ("patch", {"role": "patient"}), ("patch", {"is_active": False}), ("delete", {})],
)
def test_superuser_is_out_of_an_administrators_reach(
    admin: Clerk, root: User, method: str, said: dict[str, Any]
) -> None:  # case 130
    before = everybody()

    refused = getattr(admin, method)(f"{USERS}{root.pk}/", said, format="json")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_denied")
    assert everybody() == before
    other_root = client_of(make_user(Role.ADMIN, is_superuser=True))
    assert getattr(other_root, method)(f"{USERS}{root.pk}/", said, format="json").status_code in (200, 204)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTIONIST])
def test_nobody_raises_his_own_role(role: Role) -> None:  # case 130, fault B0-2, fault B4-1
    person = make_user(role)
    client = client_of(person)

    answers = [
        client.patch(f"{USERS}{person.pk}/", {"role": "admin"}, format="json").status_code,
        client.put(f"{USERS}{person.pk}/", {"role": "admin"}, format="json").status_code,
        client.patch(f"{USERS}me/", {"role": "admin", "is_superuser": True}, format="json").status_code,
    ]

    assert answers in ([403, 403, 200], [403, 405, 200])
    person.refresh_from_db()
    assert (person.role, person.is_superuser) == (role, False)
