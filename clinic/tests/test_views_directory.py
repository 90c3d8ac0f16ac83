"""The pages of doctors and departments."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Patient, Role
from accounts.tests.factories import make_user
from clinic.models import Appointment, Approval, Availability, Department, Doctor, Site, Specialty
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)
from clinic.tests.portal import confirm, held_by, text_of, times
from clinic.tests.test_views_picture import with_picture

pytestmark = pytest.mark.usefixtures("clock")
DOCTORS, DEPARTMENTS = "/doctors/", "/departments/"


@pytest.fixture
def heart(dr_chen: Doctor) -> Department:
    """Dr. Chen's department, with all that is told of him."""
    dr_chen.specialties.add(Specialty.objects.create(name="Cardiology"))
    dr_chen.visit_types.add(make_visit_type(name="Check-up", minutes=30))
    Doctor.objects.filter(pk=dr_chen.pk).update(
        languages=["German", "Français"], consultation_fee="1080.50", bio="Heart failure.\n\nAnd how to live with it."
    )
    Site.objects.update(address="Invalidenstraße 1\n10115 Berlin")
    department = Department.objects.create(name="Heart Centre", description="Hearts, day and night.")
    department.doctors.add(dr_chen)
    return department


def page_of(doctor: Doctor) -> str:
    return reverse("doctor", args=[doctor.pk])


def test_doctors_tell_what_one_chooses_by(client: Client, heart: Department, dr_diaz: Doctor) -> None:  # S3-8
    response = client.get(DOCTORS)

    words = text_of(response)
    assert "2 doctors" in words
    assert "Dr. Wei Chen Cardiology Places Berlin Mitte Languages German, Français Fee 1,080.50 EUR" in words
    assert "Next free times: Check-up, 30 min Mon 22 February 2027 Berlin Mitte (CET) 09:30" in words
    assert len(times(response)) == 6
    assert "session" not in client.cookies


def test_doctors_by_each_filter(
    client: Client, heart: Department, dr_chen: Doctor, dr_diaz: Doctor
) -> None:  # case 117, case 151
    london = make_site(name="London")
    make_hours(dr_diaz, london, "13:00", "15:00")
    Doctor.objects.filter(pk=dr_diaz.pk).update(languages=["Spanish"])

    for query, finds in (
        *(("name=chen", "C"), ("name=Wei Ch", "C"), ("name=%", ""), ("name=chen@example.org", "")),
        *(
            (f"specialty={Specialty.objects.get().pk}", "C"),
            (f"department={heart.pk}", "C"),
            (f"site={london.pk}", "D"),
        ),
        *(("language=Français", "C"), ("language=Spanish&name=diaz", "D"), ("language=Spanish&name=chen", "")),
        ("name=' OR 1=1 --", ""),
    ):
        page = client.get(f"{DOCTORS}?{query}").content.decode()

        found = "".join(letter for letter, each in (("C", dr_chen), ("D", dr_diaz)) if page_of(each) in page)
        assert found == finds, query
        assert ("Nobody answers to this search" in page) == (not finds), query


def test_doctors_when_the_query_is_nonsense(client: Client, dr_chen: Doctor) -> None:  # case 114, case 147, case 151
    closed = Department.objects.create(name="Closed", is_active=False)
    refused = (
        *("name=" + "x" * 101, "name=%00", "specialty=x", "site='", f"department={uuid4()}", f"department={closed.pk}"),
        *("language=Klingon", "language=__class__", "specialty=1 OR 1=1"),
    )
    ignored = (
        "page=99",
        "page=-1",
        "page=x",
        "page=" + "9" * 5000,
        "ordering=-user__password",
        "user__email=x",
        "q=%00",
    )

    for query in (*refused, *ignored):
        response = client.get(f"{DOCTORS}?{query}")

        assert response.status_code == 200, query
        assert (page_of(dr_chen) in response.content.decode()) == (query in ignored), query
        assert ("Please correct this" in text_of(response)) == (query in refused), query


@pytest.mark.parametrize(
    ("approval", "role", "is_active"),
    [
        (Approval.PENDING, Role.DOCTOR, True),
        (Approval.REJECTED, Role.DOCTOR, True),
        (Approval.APPROVED, Role.PATIENT, True),
        (Approval.APPROVED, Role.DOCTOR, False),
    ],
)
def test_doctor_who_is_not_public(
    client: Client, db: None, approval: Approval, role: Role, is_active: bool
) -> None:  # case 020
    hidden = make_doctor(make_user(role, is_active=is_active, last_name="Hidden"), approval=approval)
    department = Department.objects.create(name="Heart Centre")
    department.doctors.add(hidden)

    assert client.get(page_of(hidden)).status_code == 404
    assert client.get(reverse("doctor-picture", args=[hidden.pk])).status_code == 404
    for path in (DOCTORS, reverse("department", args=[department.pk])):
        assert "Hidden" not in text_of(client.get(path))
    assert "0 doctors" in text_of(client.get(DEPARTMENTS))


def test_doctor_tells_his_profile(client: Client, heart: Department, dr_chen: Doctor) -> None:
    closed = Department.objects.create(name="Closed", is_active=False)
    closed.doctors.add(dr_chen)
    dr_chen.visit_types.add(make_visit_type(name="Staff only", online_bookable=False))

    response = client.get(page_of(dr_chen))

    words = text_of(response)
    assert "Heart failure. And how to live with it." in words
    assert "Departments Heart Centre Places Berlin Mitte Invalidenstraße 1 10115 Berlin +49 30 123456" in words
    assert "Languages German, Français Fee 1,080.50 EUR" in words
    assert "Closed" not in words
    assert "Staff only" not in words
    assert times(response)[0] == "2027-02-22T09:30:00+01:00"
    assert f"/?of={dr_chen.pk}&amp;day=2027-03-08" in response.content.decode()


def test_pages_tell_nothing_that_is_not_public(
    client: Client, heart: Department, dr_chen: Doctor, alice: Patient, tmp_path: Path, settings: object
) -> None:  # case 117
    settings.MEDIA_ROOT = tmp_path
    with_picture(dr_chen.user)
    Doctor.objects.filter(pk=dr_chen.pk).update(license_number="CNRY-77", practising_since="2014-09-01")
    make_appointment(dr_chen, alice, at("09:00"), reason="CNRY-88")
    make_time_off(at("10:00"), at("11:00"), dr_chen, reason="CNRY-99")
    private = (str(dr_chen.user_id), dr_chen.user.email, "CNRY", "Archer", str(alice.pk), "2014-09-01")

    for path in (DOCTORS, page_of(dr_chen), DEPARTMENTS, reverse("department", args=[heart.pk]), "/"):
        page = client.get(path).content.decode()
        assert not [secret for secret in private if secret in page], path


def test_doctors_picture_is_shown_by_his_public_id(
    client: Client, dr_chen: Doctor, dr_diaz: Doctor, tmp_path: Path, settings: object
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with_picture(dr_chen.user)
    shown = reverse("doctor-picture", args=[dr_chen.pk])

    assert f'src="{shown}"' in client.get(page_of(dr_chen)).content.decode()
    assert client.get(shown).headers["Content-Type"] == "image/jpeg"
    assert client.get(reverse("doctor-picture", args=[dr_diaz.pk])).status_code == 404
    assert "AD" in text_of(client.get(page_of(dr_diaz)))


@pytest.mark.parametrize("where", ["list", "profile", "department"])
def test_three_screens_from_a_doctor_to_a_visit(
    client: Client, heart: Department, dr_chen: Doctor, alice: Patient, where: str
) -> None:  # S3-8
    client.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    path = {"list": DOCTORS, "profile": page_of(dr_chen), "department": reverse("department", args=[heart.pk])}[where]

    first = client.get(path)
    visit = dr_chen.visit_types.get()
    assert 'action="/hold/"' in first.content.decode()
    pressed = {"doctor": dr_chen.pk, "visit_type": visit.pk, "starts_at": times(first)[0]}
    second = client.post("/hold/", pressed)
    assert second.headers["Location"] == reverse("details")
    confirm(client, held_by(client))

    booked = Appointment.objects.get()
    assert (booked.patient, booked.doctor, booked.visit_type) == (alice, dr_chen, visit)


def test_doctor_who_takes_no_bookings(client: Client, heart: Department, dr_chen: Doctor) -> None:
    Doctor.objects.update(status=Availability.OCCUPIED)

    for path in (DOCTORS, page_of(dr_chen)):
        response = client.get(path)
        assert "Takes no new bookings online at present" in text_of(response)
        assert times(response) == []


def test_doctor_who_has_nothing_free(client: Client, dr_chen: Doctor) -> None:
    make_time_off(NOW, at("09:00", MONDAY.replace(year=2028)), dr_chen)

    assert "Nothing is free online at present" in text_of(client.get(DOCTORS))
    assert "Nothing is free in these two weeks" in text_of(client.get(page_of(dr_chen)))


def test_departments(client: Client, heart: Department) -> None:
    closed = Department.objects.create(name="Closed", is_active=False)

    words = text_of(client.get(DEPARTMENTS))

    assert "Heart Centre 1 doctor Hearts, day and night." in words
    assert "Closed" not in words
    assert "Dr. Wei Chen" in text_of(client.get(reverse("department", args=[heart.pk])))
    for missing in (closed.pk, uuid4()):
        assert client.get(reverse("department", args=[missing])).status_code == 404


def test_pages_when_there_is_nothing(client: Client, db: None) -> None:
    department = Department.objects.create(name="Empty")

    assert "Nobody answers" in text_of(client.get(DOCTORS))
    assert "no doctors in this department" in text_of(client.get(reverse("department", args=[department.pk])))
    Department.objects.all().delete()
    assert "There are no departments" in text_of(client.get(DEPARTMENTS))


def test_doctors_lead_through_pages(client: Client, berlin: Site) -> None:
    for _number in range(12):
        make_hours(make_doctor(), berlin)

    first, second = (client.get(f"{DOCTORS}?site={berlin.pk}&page={number}") for number in (1, 2))

    assert f'href="?site={berlin.pk}&amp;page=2"' in first.content.decode()
    assert [text_of(page).count("More times") for page in (first, second)] == [10, 2]


@pytest.mark.parametrize("path", [DOCTORS, DEPARTMENTS, "department"])
def test_pages_ask_as_often_for_many(client: Client, heart: Department, berlin: Site, path: str) -> None:
    path = reverse("department", args=[heart.pk]) if path == "department" else path

    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = ask()
    for number in range(8):
        doctor = make_doctor(visit_types=(make_visit_type(), make_visit_type()))
        doctor.specialties.add(Specialty.objects.create(name=f"Specialty {number}"))
        make_hours(doctor, make_site(), "08:00", "12:00")
        heart.doctors.add(doctor)
        Department.objects.create(name=f"Ward {number}")

    assert ask() <= few


def test_search_and_header_lead_to_doctors(client: Client, dr_chen: Doctor) -> None:
    page = client.get("/").content.decode()

    assert f'href="{page_of(dr_chen)}"' in page
    assert 'href="/doctors/"' in page
