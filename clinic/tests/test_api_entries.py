"""Departments, sites, specialties and visit types, as administrators write them by the API."""

from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Model

from accounts.models import AuditEntry, Patient, User
from clinic import organisation
from clinic.models import Department, Doctor, Site, Specialty, VisitType
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import make_site, make_visit_type

ENTRIES: dict[str, tuple[type[Model], dict[str, Any], dict[str, Any]]] = {
    "departments/": (Department, {"name": "Oncology", "description": "Tumours."}, {"is_active": False}),
    "sites/": (
        Site,
        {"name": "Lisboa", "address": "Rua 1\nLisboa", "time_zone": "Europe/Lisbon", "phone": "+351213456789"},
        {"time_zone": "Atlantic/Azores"},
    ),
    "specialties/": (Specialty, {"name": "Cardiology"}, {"name": "Heart medicine"}),
    "visit-types/": (
        VisitType,
        {"name": "Check-up", "minutes": 45, "buffer_after": 10, "mode": "video", "online_bookable": False},
        {"minutes": 30},
    ),
}
PATHS = sorted(ENTRIES)
"""Every kind of entry: its model, what a new one is told, and a change."""
GONE = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("path", PATHS)
def test_entry_is_made_read_changed_and_removed(adam: User, path: str) -> None:  # S4-19; fault B4-11
    model, told, change = ENTRIES[path]
    caller = Caller(adam)

    made = caller.post(path, told)

    assert made.status_code == 201, made.content
    assert made.json() | told == made.json()
    one = f"{path}{made.json()['id']}/"
    assert caller.get(one).json() == made.json()

    changed = caller.patch(one, change)

    assert changed.status_code == 200
    assert changed.json() == made.json() | change

    replaced = caller.put(one, told | {"name": "Another name"})

    # What is not sent stays: a department that is closed is opened by nobody who only renames it.
    assert replaced.json() == made.json() | change | told | {"name": "Another name"}

    assert caller.delete(one).status_code == 204
    assert not model._default_manager.exists()
    assert refusal(caller.delete(one)) == (404, "not_found")
    assert AuditEntry.objects.filter(verb__startswith=f"clinic.{model._meta.model_name}.", actor=adam.pk).count() == 4


@pytest.mark.parametrize("path", PATHS)
def test_entry_when_somebody_else_writes(
    path: str, alice: Patient, dr_chen: Doctor, rita: User
) -> None:  # fault B3-1; the table of doors tells the same of each method
    model, told, change = ENTRIES[path]
    entry = model._default_manager.create(**told)
    before = list(model._default_manager.order_by("pk").values())

    for somebody in (None, alice.user, dr_chen.user, rita):
        status = 401 if somebody is None else 403
        caller = Caller(somebody)
        assert caller.post(path, told | {"name": "New"}).status_code == status
        assert caller.patch(f"{path}{entry.pk}/", change).status_code == status
        assert caller.delete(f"{path}{entry.pk}/").status_code == status

    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.parametrize("path", PATHS)
def test_entry_whose_name_is_taken(adam: User, path: str) -> None:
    model, told, _change = ENTRIES[path]
    model._default_manager.create(**told)
    other = model._default_manager.create(**told | {"name": "Another"})

    for answer in (Caller(adam).post(path, told), Caller(adam).patch(f"{path}{other.pk}/", {"name": told["name"]})):
        assert refusal(answer) == (400, "unique")
        assert list(answer.json()["error"]["fields"]) == ["name"]

    assert model._default_manager.count() == 2


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        ("departments/", "name", ("", "  ", "x" * 101, "a\nb", "a\x00b", None, 5, ["a"], {})),
        ("departments/", "is_active", ("true", 1, None)),
        ("departments/", "description", ("x" * 5001, 5, None)),
        ("sites/", "time_zone", ("Mars/Base", "localtime", "../etc/passwd", "", "x" * 65, 1)),
        ("sites/", "phone", ("12", "abc", 49301234)),
        ("visit-types/", "minutes", (4, 481, 0, -30, "30", 30.0, True, None, 10**30)),
        ("visit-types/", "buffer_after", (-1, 121)),
        ("visit-types/", "mode", ("telepathy", None, 1)),
    ],
)
def test_entry_that_makes_no_sense(adam: User, path: str, field: str, values: tuple[Any, ...]) -> None:
    # case 144, case 145
    model, told, _change = ENTRIES[path]

    for value in values:
        answer = Caller(adam).post(path, told | {field: value})

        assert answer.status_code == 400, value
        assert list(answer.json()["error"]["fields"]) == [field], value
    assert not model._default_manager.exists()


@pytest.mark.parametrize("path", PATHS)
def test_entry_when_what_it_needs_is_missing(adam: User, path: str) -> None:
    model, _told, _change = ENTRIES[path]

    answer = Caller(adam).post(path, {})

    assert refusal(answer) == (400, "invalid")
    assert "name" in answer.json()["error"]["fields"]
    assert not model._default_manager.exists()


@pytest.mark.parametrize("path", PATHS)
def test_entry_in_use_is_not_removed(adam: User, dr_chen: Doctor, berlin: Site, path: str) -> None:
    entry: Any = berlin
    if path != "sites/":
        model, told, _change = ENTRIES[path]
        entry = model._default_manager.create(**told)
        getattr(dr_chen, path.strip("/").replace("-", "_")).add(entry)

    answer = Caller(adam).delete(f"{path}{entry.pk}/")

    assert refusal(answer) == (409, "in_use")
    assert type(entry).objects.filter(pk=entry.pk).exists()


def test_closed_department_is_the_administrators(adam: User, rita: User) -> None:
    Department.objects.create(name="Open")
    closed = Department.objects.create(name="Closed", is_active=False)

    def names(user: User | None, query: str = "") -> list[str]:
        return [row["name"] for row in Caller(user).get(f"departments/{query}").json()["results"]]

    assert names(adam) == names(adam, "?is_active=true") == names(rita) == names(None) == ["Open"]
    assert names(adam, "?is_active=false") == ["Closed"]
    assert names(rita, "?is_active=false") == names(None, "?is_active=false") == []
    assert Caller(adam).get(f"departments/{closed.pk}/").json()["name"] == "Closed"
    assert refusal(Caller(rita).get(f"departments/{closed.pk}/")) == (404, "not_found")


def test_closed_department_when_the_filter_is_nonsense(adam: User) -> None:  # case 151
    Department.objects.create(name="Closed", is_active=False)

    for said in ("1", "yes", "'", "%00", "true'--", "__class__"):
        assert refusal(Caller(adam).get(f"departments/?is_active={said}"))[0] == 400


@pytest.mark.parametrize("path", ["departments/", "doctors/"])
def test_list_by_a_name_that_is_not_offered(dr_chen: Doctor, dr_diaz: Doctor, path: str) -> None:
    # case 114, case 151
    for number in range(3):
        ward = Department.objects.create(name=f"Ward {number}")
        ward.doctors.add(dr_chen)
    plain = Caller().get(path).json()

    for query in (
        *("ordering=-name", "ordering=doctors__user__password", "fields=id", "expand=doctors", "name__startswith=A"),
        *("doctors__user__email__startswith=c", "q=' OR 1=1 --", "id__in=" + "x," * 500, "_connector=OR"),
    ):
        assert Caller().get(f"{path}?{query}").json() == plain, query


@pytest.mark.parametrize("times", [1, 2])
def test_assign(adam: User, dr_chen: Doctor, times: int) -> None:  # S4-21; fault B4-6
    ward = Department.objects.create(name="Ward", is_active=False)
    path = f"departments/{ward.pk}/doctors/{dr_chen.pk}/"

    assert [Caller(adam).put(path).status_code for _time in range(times)] == [204] * times

    assert list(dr_chen.departments.all()) == [ward]
    assert AuditEntry.objects.filter(verb="clinic.doctor.changed").count() == 1
    assert refusal(Caller(adam).delete(f"departments/{ward.pk}/")) == (409, "in_use")

    assert [Caller(adam).delete(path).status_code for _time in range(times)] == [204] * times

    assert not dr_chen.departments.exists()
    assert AuditEntry.objects.filter(verb="clinic.doctor.changed").count() == 2
    assert Caller(adam).delete(f"departments/{ward.pk}/").status_code == 204


def test_assign_when_one_of_them_is_not_there(adam: User, dr_chen: Doctor) -> None:
    ward = Department.objects.create(name="Ward")

    for path in (f"departments/{ward.pk}/doctors/{GONE}/", f"departments/{GONE}/doctors/{dr_chen.pk}/"):
        for method in ("put", "delete"):
            assert refusal(getattr(Caller(adam), method)(path)) == (404, "not_found")

    assert not dr_chen.departments.exists()


def test_assign_by_anybody_but_an_administrator(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    ward, other = Department.objects.create(name="Ward"), Department.objects.create(name="Other")
    dr_chen.departments.add(other)

    for somebody in (alice.user, dr_chen.user, rita):
        assert Caller(somebody).put(f"departments/{ward.pk}/doctors/{dr_chen.pk}/").status_code == 403
        assert Caller(somebody).delete(f"departments/{other.pk}/doctors/{dr_chen.pk}/").status_code == 403

    assert list(dr_chen.departments.all()) == [other]


def test_doctors_closed_departments_stay_when_an_administrator_sends_back_what_he_read(
    adam: User, dr_chen: Doctor
) -> None:
    closed = Department.objects.create(name="Closed", is_active=False)
    dr_chen.departments.add(closed)
    read = Caller(adam).get(f"doctors/{dr_chen.pk}/").json()

    answer = Caller(adam).patch(f"doctors/{dr_chen.pk}/", {"departments": [each["id"] for each in read["departments"]]})

    assert answer.status_code == 200
    assert list(dr_chen.departments.all()) == [closed]
    assert Caller().get(f"doctors/{dr_chen.pk}/").json()["departments"] == []


def test_change_keeps_what_somebody_else_changed_meanwhile(adam: User) -> None:
    site, kind = make_site(name="Berlin"), make_visit_type(name="Check", minutes=30)
    stale = VisitType.objects.get(pk=kind.pk)
    VisitType.objects.update(minutes=45)

    organisation.change_entry(stale, by=adam, now=site.created_at, name="Check-up")

    kind.refresh_from_db()
    assert (kind.name, kind.minutes) == ("Check-up", 45)


def test_write_of_an_entry_that_is_not_there(adam: User) -> None:
    for method in ("put", "patch", "delete"):
        answer = getattr(Caller(adam), method)(f"departments/{uuid4()}/", {"name": "Oncology"})
        assert refusal(answer) == (404, "not_found")

    assert not Department.objects.exists()
