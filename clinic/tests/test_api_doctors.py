"""doctors/: entered, let in and let go by administrators, described by themselves."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import people, registration
from accounts.models import AuditEntry, Patient, Role, User
from accounts.tests.factories import make_user
from accounts.tests.letters import follow, link_in
from clinic.models import Approval, Availability, Department, Doctor, Specialty, ToBeMoved
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at, make_appointment, make_doctor, make_visit_type
from clinic.tests.test_api_directory import PUBLIC, ids

pytestmark = pytest.mark.usefixtures("clock")
FOR_THE_OFFICE = PUBLIC | {"email", "license_number", "practising_since", "approval", "is_active"}
NEW: dict[str, Any] = {"email": "nina@example.org", "first_name": "Nina", "last_name": "Nowak"}


@pytest.fixture
def applicant(db: None) -> Doctor:
    """Signed up as a doctor, and proved the address; nobody has decided yet."""
    omar = registration.sign_up(
        email="omar@example.org",
        password="a-long-way-to-the-sea",
        first_name="Omar",
        last_name="Osman",
        now=NOW,
        role=Role.DOCTOR,
    )
    assert omar is not None
    people.vouch_for_addresses([omar])
    return Doctor.objects.select_related("user").get(user=omar)


@pytest.fixture
def callers(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User) -> dict[str, Caller]:
    gone = make_user(Role.ADMIN)
    users = {"alice": alice.user, "chen": dr_chen.user, "diaz": dr_diaz.user, "rita": rita, "adam": adam, "gone": gone}
    told = {name: Caller(user) for name, user in users.items()}
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return told | {"stranger": Caller()}


def rows() -> list[dict[str, Any]]:
    people = User.objects.order_by("pk").values("pk", "is_active", "role", "first_name")
    return [dict(row) for row in (*Doctor.objects.order_by("pk").values(), *people)]


WHO = ("stranger", "gone", "alice", "chen", "diaz", "rita", "adam")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("whose", ["chen", "hidden", "nobody"])
@pytest.mark.parametrize(
    ("method", "verb"), [("patch", ""), ("put", ""), ("delete", ""), ("post", "approve/"), ("post", "reject/")]
)
def test_who_may_change(
    callers: dict[str, Caller], dr_chen: Doctor, applicant: Doctor, who: str, whose: str, method: str, verb: str
) -> None:  # case 101, case 119, case 120; fault B0-5, B3-1
    pk = {"chen": dr_chen.pk, "hidden": applicant.pk, "nobody": uuid4()}[whose]
    body = {"bio": "Sails.", "first_name": "Wei", "last_name": "Chen"} if method in ("patch", "put") else None
    before = rows()

    answer = getattr(callers[who], method)(f"doctors/{pk}/{verb}", body)

    if who in ("stranger", "gone"):
        expected = 401
    elif who == "adam":
        expected = 404 if whose == "nobody" else 204 if method == "delete" else 200
    elif who in ("chen", "diaz") and method in ("patch", "put"):
        expected = 404 if whose != "chen" else 200 if who == "chen" else 403
    else:
        expected = 403
    assert answer.status_code == expected
    if expected >= 400:
        assert rows() == before


@pytest.mark.parametrize("who", WHO)
def test_who_may_enter_one(callers: dict[str, Caller], who: str) -> None:  # case 119; fault B0-3, B2-1, B3-2
    before = Doctor.objects.count()

    answer = callers[who].post("doctors/", NEW)

    assert answer.status_code == {"stranger": 401, "gone": 401, "adam": 201}.get(who, 403)
    assert Doctor.objects.count() == before + (who == "adam")


def test_entered_with_all_that_is_told(
    adam: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heart, ward = Specialty.objects.create(name="Cardiology"), Department.objects.create(name="Heart Centre")
    kind = make_visit_type(name="First visit")
    profile = {
        "title": "Dr.",
        "license_number": "DE-1",
        "practising_since": "2014-02-22",
        "bio": "Sails.\nAnd reads.",
        "languages": ["Polski", "Deutsch"],
        "consultation_fee": "80.00",
    }
    lists = {"specialties": [str(heart.pk)], "departments": [str(ward.pk)], "visit_types": [str(kind.pk)]}

    with django_capture_on_commit_callbacks(execute=True):
        answer = Caller(adam).post("doctors/", NEW | profile | lists)

    body, nina = answer.json(), Doctor.objects.get()
    assert answer.status_code == 201
    assert set(body) == FOR_THE_OFFICE
    assert {name: body[name] for name in (*profile, *NEW)} == profile | NEW
    assert [body[name][0]["name"] for name in lists] == ["Cardiology", "Heart Centre", "First visit"]
    assert (body["experience_years"], body["approval"], body["is_active"]) == (13, "approved", True)
    assert (nina.user.role, nina.user.has_usable_password(), nina.is_bookable) == (Role.DOCTOR, False, True)
    assert [letter.to for letter in mail.outbox] == [["nina@example.org"]]
    assert follow(Client(), link_in(mail.outbox[0]), "a-long-way-to-the-sea")
    assert ids(Caller().get("doctors/")) == {str(nina.pk)}
    verbs = set(AuditEntry.objects.filter(actor=adam.pk).values_list("verb", flat=True))
    assert {"accounts.user.appointed", "clinic.doctor.entered"} <= verbs


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"email": "ADAM@example.org"}, "email", "email_taken"),
        ({"email": ""}, "email", "invalid"),
        ({"first_name": "a\rb"}, "first_name", "control_character"),
        ({"title": "x" * 51}, "title", "invalid"),
        ({"practising_since": "2999-01-01"}, "practising_since", "bad_date"),
        ({"practising_since": "2014"}, "practising_since", None),
        ({"license_number": "TAKEN"}, "license_number", "unique"),
        ({"consultation_fee": "-1"}, "consultation_fee", "invalid"),
        ({"consultation_fee": "NaN"}, "consultation_fee", "invalid"),
        ({"consultation_fee": "1e400"}, "consultation_fee", None),
        ({"consultation_fee": True}, "consultation_fee", "invalid"),
        ({"languages": "German"}, "languages", "invalid"),
        ({"languages": [1]}, "languages.0", "invalid"),
        ({"languages": ["x"] * 101}, "languages", "invalid"),
        ({"specialties": [str(uuid4())]}, "specialties", "invalid"),
        ({"specialties": ["x"]}, "specialties.0", "invalid"),
        ({"departments": [None]}, "departments.0", "invalid"),
        ({"departments": {"id": 1}}, "departments", "invalid"),
        ({"status": "asleep"}, "status", "invalid"),
        ({"bio": "a\x00"}, "bio", None),
        ({"bio": "x" * 5001}, "bio", "invalid"),
    ],
)
def test_entered_what_cannot_be(
    adam: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    said: dict[str, Any],
    field: str,
    code: str | None,
) -> None:  # case 144, case 145, case 150; fault B1-2
    make_doctor(make_user(Role.DOCTOR), license_number="TAKEN")

    with django_capture_on_commit_callbacks(execute=True):
        answer = Caller(adam).post("doctors/", NEW | said)

    assert answer.status_code == 400
    assert {name.partition(".")[0] for name in answer.json()["error"]["fields"]} == {field.partition(".")[0]}
    assert code in (None, answer.json()["error"]["code"])
    assert not User.objects.filter(email="nina@example.org").exists()
    assert (Doctor.objects.count(), len(mail.outbox)) == (1, 0)


def test_entered_with_nothing_else(adam: User) -> None:  # case 129, case 130
    extra = {"id": str(uuid4()), "user": str(adam.pk), "approval": "rejected", "role": "admin", "is_superuser": True}

    answer = Caller(adam).post(
        "doctors/", NEW | extra | {"password": "x", "is_active": False, "created_at": "2000-01-01"}
    )

    nina = Doctor.objects.get()
    assert answer.status_code == 201
    assert (nina.approval, nina.user.role, nina.user.is_superuser, nina.user.is_active) == (
        *(Approval.APPROVED, Role.DOCTOR, False),
        True,
    )
    assert str(nina.pk) != extra["id"]


def test_administrator_changes_all(adam: User, dr_chen: Doctor) -> None:
    skin = Specialty.objects.create(name="Dermatology")
    dr_chen.specialties.add(Specialty.objects.create(name="Cardiology"))
    said = {"last_name": "Chan", "license_number": "DE-2", "consultation_fee": None, "status": "occupied"}

    answer = Caller(adam).patch(f"doctors/{dr_chen.pk}/", said | {"specialties": [str(skin.pk)]})

    dr_chen.refresh_from_db()
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in said} == said
    assert list(dr_chen.specialties.all()) == [skin]
    assert (dr_chen.user.last_name, dr_chen.title) == ("Chan", "Dr.")
    changed = AuditEntry.objects.filter(verb="clinic.doctor.changed", actor=adam.pk)
    assert {name for entry in changed for name in entry.changes} == {"fields", "specialties"}


def test_administrator_changes_all_or_nothing(adam: User, dr_chen: Doctor) -> None:
    make_doctor(make_user(Role.DOCTOR), license_number="TAKEN")

    answer = Caller(adam).patch(f"doctors/{dr_chen.pk}/", {"last_name": "Chan", "license_number": "TAKEN"})

    assert refusal(answer) == (400, "unique")
    assert User.objects.get(pk=dr_chen.user_id).last_name == "Chen"


def test_two_doctors_without_a_license_number(adam: User, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # fault B3-11
    answers = [Caller(adam).patch(f"doctors/{one.pk}/", {"license_number": ""}) for one in (dr_chen, dr_diaz)]

    assert [(answer.status_code, answer.json()["license_number"]) for answer in answers] == [(200, None)] * 2


@pytest.mark.parametrize("method", ["patch", "put"])
def test_doctor_describes_himself(dr_chen: Doctor, method: str) -> None:
    said = {"title": "Prof.", "bio": "Sails.", "languages": ["中文"], "status": "occupied"}

    answer = getattr(Caller(dr_chen.user), method)(f"doctors/{dr_chen.pk}/", said)

    assert (answer.status_code, {name: answer.json()[name] for name in said}) == (200, said)
    assert set(answer.json()) == FOR_THE_OFFICE


def test_doctor_sets_nothing_else_of_himself(dr_chen: Doctor) -> None:  # case 129; fault B0-2, B0-5
    Doctor.objects.filter(pk=dr_chen.pk).update(license_number="DE-1", consultation_fee=80)
    heart = Specialty.objects.create(name="Cardiology")
    before = rows()

    answer = Caller(dr_chen.user).patch(
        f"doctors/{dr_chen.pk}/",
        {
            "license_number": "DE-9",
            "consultation_fee": "1.00",
            "practising_since": "1990-01-01",
            "approval": "pending",
            "specialties": [str(heart.pk)],
            "first_name": "Eve",
            "role": "admin",
            "user": str(uuid4()),
            "email": "eve@example.org",
            "is_active": False,
        },
    )

    assert answer.status_code == 200
    assert rows() == before
    assert not dr_chen.specialties.exists()


@pytest.mark.parametrize("approval", [Approval.PENDING, Approval.REJECTED])
def test_doctor_who_is_not_let_in_describes_nothing(dr_chen: Doctor, approval: Approval) -> None:  # case 109
    Doctor.objects.filter(pk=dr_chen.pk).update(approval=approval)

    answer = Caller(dr_chen.user).patch(f"doctors/{dr_chen.pk}/", {"bio": "Sails."})

    assert refusal(answer) == (403, "permission_denied")
    assert Doctor.objects.get(pk=dr_chen.pk).bio == ""


def test_applicant_is_seen_by_himself_and_administrators(callers: dict[str, Caller], applicant: Doctor) -> None:
    own = Caller(applicant.user)
    told = own.get(f"doctors/{applicant.pk}/")

    assert (told.status_code, told.json()["approval"]) == (200, "pending")
    assert ids(own.get("doctors/", query_params={"approval": "pending"})) == {str(applicant.pk)}
    assert ids(callers["adam"].get("doctors/", query_params={"approval": "pending"})) == {str(applicant.pk)}
    assert str(applicant.pk) not in ids(callers["adam"].get("doctors/"))
    for who in ("stranger", "alice", "chen", "rita"):
        assert callers[who].get("doctors/", query_params={"approval": "pending"}).json()["count"] == 0
        assert callers[who].get(f"doctors/{applicant.pk}/").status_code == 404


def test_applicant_has_a_patients_rights_until_he_is_let_in(adam: User, applicant: Doctor) -> None:  # fault B0-3, B3-2
    assert refusal(Caller(applicant.user).patch(f"doctors/{applicant.pk}/", {"bio": "Sails."})) == (
        403,
        "permission_denied",
    )

    answer = Caller(adam).post(f"doctors/{applicant.pk}/approve/")

    applicant.refresh_from_db()
    assert (answer.status_code, answer.json()["approval"]) == (200, "approved")
    assert applicant.user.role == Role.DOCTOR
    assert ids(Caller().get("doctors/")) == {str(applicant.pk)}
    assert Caller(applicant.user).patch(f"doctors/{applicant.pk}/", {"bio": "Sails."}).status_code == 200
    entry = AuditEntry.objects.get(verb="clinic.doctor.approved")
    assert (entry.actor, entry.changes) == (adam.pk, {"approval": ["pending", "approved"]})


def test_rejected_and_approved_again(adam: User, dr_chen: Doctor, alice: Patient) -> None:  # case 020
    make_appointment(dr_chen, alice, at("09:00"))

    out = Caller(adam).post(f"doctors/{dr_chen.pk}/reject/")
    waiting = ToBeMoved.objects.filter(resolved_at=None).count()
    back = Caller(adam).post(f"doctors/{dr_chen.pk}/approve/")

    assert (out.json()["approval"], waiting) == ("rejected", 1)
    assert (back.json()["approval"], ToBeMoved.objects.filter(resolved_at=None).count()) == ("approved", 0)


def test_approve_who_works_at_the_desk(adam: User, rita: User) -> None:
    odd = make_doctor(rita, approval=Approval.PENDING)

    assert refusal(Caller(adam).post(f"doctors/{odd.pk}/approve/")) == (400, "not_a_doctor")
    assert Doctor.objects.get().approval == Approval.PENDING


def test_delete_lets_go_and_keeps_all(
    adam: User, dr_chen: Doctor, alice: Patient
) -> None:  # case 020, case 098, case 109
    make_appointment(dr_chen, alice, at("09:00"))
    his = Caller(dr_chen.user)

    gone = Caller(adam).delete(f"doctors/{dr_chen.pk}/")
    again = Caller(adam).delete(f"doctors/{dr_chen.pk}/")

    assert (gone.status_code, gone.content, again.status_code) == (204, b"", 204)
    assert his.get("users/me/").status_code == 401
    assert refusal(Caller().get(f"doctors/{dr_chen.pk}/")) == (404, "not_found")
    assert ToBeMoved.objects.filter(resolved_at=None).count() == 1
    assert Caller(adam).get(f"doctors/{dr_chen.pk}/").json()["is_active"] is False


@pytest.mark.parametrize("who", ["stranger", "alice", "diaz", "rita"])
def test_offices_fields_are_for_the_office(callers: dict[str, Caller], dr_chen: Doctor, who: str) -> None:  # case 117
    Doctor.objects.filter(pk=dr_chen.pk).update(license_number="SECRET", practising_since=date(2014, 1, 1))

    for answer in (callers[who].get(f"doctors/{dr_chen.pk}/"), callers[who].get("doctors/")):
        assert "SECRET" not in answer.content.decode()
        assert "chen@example.org" not in answer.content.decode()
        assert "2014" not in answer.content.decode()
    assert set(callers[who].get(f"doctors/{dr_chen.pk}/").json()) == PUBLIC
    assert set(callers["adam"].get(f"doctors/{dr_chen.pk}/").json()) == FOR_THE_OFFICE
    assert set(callers["chen"].get(f"doctors/{dr_chen.pk}/").json()) == FOR_THE_OFFICE


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[(method, "doctors/") for method in ("put", "patch", "delete")],
        *[(method, "doctors/{id}/approve/") for method in ("get", "put", "patch", "delete")],
        ("post", "doctors/{id}/"),
    ],
)
def test_other_methods(adam: User, dr_chen: Doctor, method: str, path: str) -> None:  # case 093
    answer = getattr(Caller(adam), method)(path.format(id=dr_chen.pk))

    assert refusal(answer) == (405, "method_not_allowed")
    assert Doctor.objects.get().status == Availability.AVAILABLE


def test_change_asks_as_often_for_many_lists(adam: User, dr_chen: Doctor) -> None:
    caller = Caller(adam)
    all_of_them = [str(Specialty.objects.create(name=f"Specialty {number}").pk) for number in range(30)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert caller.patch(f"doctors/{dr_chen.pk}/", {"specialties": all_of_them[:count]}).status_code == 200
        return len(asked)

    queries(1)
    few = queries(2)

    assert queries(30) == few
