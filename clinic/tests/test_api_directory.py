"""The directory: what everybody may look up, and nothing more."""

from datetime import date
from uuid import uuid4

import pytest

from accounts.models import Role, User
from accounts.tests.factories import make_user
from clinic.models import Approval, Availability, Department, Doctor, Site, Specialty
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import make_doctor, make_hours, make_site, make_visit_type

PUBLIC = {
    *("id", "doctor_name", "title", "first_name", "last_name", "specialties", "departments", "sites", "visit_types"),
    *("languages", "experience_years", "bio", "consultation_fee", "currency", "status"),
}


def ids(answer: object) -> set[str]:
    """The ids in a list's answer."""
    return {row["id"] for row in answer.json()["results"]}


@pytest.mark.parametrize("path", ["departments/", "sites/", "specialties/", "visit-types/", "doctors/"])
def test_list_when_there_is_nothing(db: None, path: str) -> None:  # fault B0-27, B1-17
    answer = Caller().get(path)

    assert answer.status_code == 200
    assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_doctor_shows_public_fields_only(dr_chen: Doctor) -> None:  # case 117; fault B0-1
    dr_chen.specialties.add(Specialty.objects.create(name="Cardiology"))
    dr_chen.departments.add(Department.objects.create(name="Heart Centre"))
    dr_chen.departments.add(Department.objects.create(name="Closed Ward", is_active=False))
    dr_chen.visit_types.add(make_visit_type(name="First visit"), make_visit_type(name="Staff", online_bookable=False))

    answer = Caller().get(f"doctors/{dr_chen.pk}/")

    body = answer.json()
    assert set(body) == PUBLIC
    assert body["doctor_name"] == "Dr. Wei Chen"
    assert [named["name"] for named in body["specialties"]] == ["Cardiology"]
    assert [named["name"] for named in body["departments"]] == ["Heart Centre"]
    assert [named["name"] for named in body["visit_types"]] == ["First visit"]
    assert [named["name"] for named in body["sites"]] == ["Berlin Mitte"]
    assert str(dr_chen.user_id) not in answer.content.decode()
    assert dr_chen.user.email not in answer.content.decode()


def test_doctor_tells_whole_years_in_practice(dr_chen: Doctor, clock: object) -> None:
    dr_chen.practising_since = date(2017, 3, 1)
    dr_chen.save()

    assert Caller().get(f"doctors/{dr_chen.pk}/").json()["experience_years"] == 9


@pytest.mark.parametrize(
    ("approval", "role", "is_active"),
    [
        (Approval.PENDING, Role.DOCTOR, True),
        (Approval.REJECTED, Role.DOCTOR, True),
        (Approval.APPROVED, Role.PATIENT, True),
        (Approval.APPROVED, Role.DOCTOR, False),
    ],
)
def test_doctor_who_is_not_public(db: None, approval: Approval, role: Role, is_active: bool) -> None:  # case 020
    hidden = make_doctor(make_user(role, is_active=is_active), approval=approval)

    assert Caller().get("doctors/").json()["count"] == 0
    assert refusal(Caller().get(f"doctors/{hidden.pk}/")) == (404, "not_found")


def test_doctors_by_each_filter(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    heart, skin = Specialty.objects.create(name="Cardiology"), Specialty.objects.create(name="Dermatology")
    ward = Department.objects.create(name="Heart Centre")
    dr_chen.specialties.add(heart)
    dr_chen.departments.add(ward)
    dr_diaz.specialties.add(skin)
    dr_chen.languages = ["de", "zh"]
    dr_chen.save()
    dr_diaz.languages, dr_diaz.status = ["es", "Français"], Availability.OCCUPIED
    dr_diaz.save()
    london = make_site(name="London")
    make_hours(dr_diaz, london, "13:00", "15:00")

    found = {
        query: ids(Caller().get("doctors/", query_params=dict([query])))
        for query in [
            ("specialty", str(heart.pk)),
            ("department", str(ward.pk)),
            ("site", str(london.pk)),
            ("status", "occupied"),
            ("language", "zh"),
            ("language", "français"),
            ("search", "cardio chen"),
            ("search", "chen dermatology"),
            ("search", "%"),
            ("search", "' OR 1=1 --"),
            ("specialty", str(uuid4())),
        ]
    }

    chen, diaz = {str(dr_chen.pk)}, {str(dr_diaz.pk)}
    assert list(found.values()) == [chen, chen, diaz, diaz, chen, diaz, chen, set(), set(), set(), set()]  # case 151


def test_doctor_is_listed_once_however_much_of_him_matches(dr_chen: Doctor, berlin: Site) -> None:
    dr_chen.specialties.set([Specialty.objects.create(name=f"Cardiology {number}") for number in range(3)])

    answer = Caller().get("doctors/", query_params={"search": "cardiology", "site": str(berlin.pk)})

    assert answer.json()["count"] == 1


def test_department_that_is_closed(db: None) -> None:
    closed = Department.objects.create(name="Closed Ward", is_active=False)

    assert Caller().get("departments/").json()["count"] == 0
    assert refusal(Caller().get(f"departments/{closed.pk}/")) == (404, "not_found")


def test_visit_type_that_only_staff_book(rita: User) -> None:
    kind = make_visit_type(online_bookable=False)

    assert ids(Caller().get("visit-types/")) == set()
    assert ids(Caller(rita).get("visit-types/")) == {str(kind.pk)}


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({}, 20),
        ({"page_size": "5"}, 5),
        ({"page_size": "1000000000"}, 100),
        ({"page_size": "-3"}, 20),
        ({"page": "2"}, 20),
    ],
)
def test_page_sizes(db: None, query: dict[str, str], rows: int) -> None:  # case 147; fault B0-26
    Specialty.objects.bulk_create([Specialty(name=f"Specialty {number:03}") for number in range(120)])

    answer = Caller().get("specialties/", query_params=query)

    assert answer.json()["count"] == 120
    assert len(answer.json()["results"]) == rows


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "1" * 5000, "10e9", "\x00"])
def test_page_that_is_not_there(db: None, page: str) -> None:  # case 147
    assert refusal(Caller().get("sites/", query_params={"page": page})) == (404, "not_found")
