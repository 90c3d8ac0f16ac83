"""Hours, exceptions, doctors and the directory in the admin."""

from typing import Any

import pytest
from django.core import mail

from accounts.models import Patient, Role, User
from accounts.tests.factories import make_user
from clinic.models import (
    Appointment,
    Department,
    Doctor,
    ScheduleException,
    Site,
    Specialty,
    ToBeMoved,
    VisitType,
    WeeklyHours,
)
from clinic.tests.desk import client_of, hidden, page
from clinic.tests.factories import MONDAY, at, make_appointment, make_doctor, make_site, make_time_off, make_visit_type

pytestmark = pytest.mark.usefixtures("clock")


def errors(answer: Any, field: str) -> list[str]:
    """What the form says at a field."""
    assert answer.status_code == 200
    return list(answer.context["adminform"].form.errors.get(field, []))


def hours(doctor: Doctor, site: Site, /, **said: Any) -> dict[str, Any]:
    form = {"doctor": doctor.pk, "site": site.pk, "weekday": 0, "starts": "14:00", "ends": "16:00"}
    return form | {"slot_minutes": 30, "valid_from": "", "valid_until": ""} | said


def exception(**said: Any) -> dict[str, Any]:
    form = {"kind": "time_off", "doctor": "", "site": "", "slot_minutes": 60, "reason": ""}
    form |= {f"starts_at_{part}": text for part, text in enumerate((MONDAY.isoformat(), "09:00"))}
    return form | {f"ends_at_{part}": text for part, text in enumerate((MONDAY.isoformat(), "12:00"))} | said


def test_hours_are_added(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    answer = client_of(adam).post(
        page(WeeklyHours, "add"), hours(dr_chen, berlin, slot_minutes=35) | {"_continue": "Save"}, follow=True
    )

    assert WeeklyHours.objects.count() == 6
    told = answer.content.decode()
    # Once as a message, once on the page.
    assert told.count("3 visits: 14:00, 14:35, 15:10. The last 15 minutes are left over.") == 2


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({"starts": "11:00", "ends": "13:00"}, "starts", "The doctor works at this time already: Monday 09:00-12:00"),
        ({"weekday": 6, "starts": "22:00", "ends": "09:30"}, "starts", "The doctor works at this time already"),
        ({"ends": "14:00"}, "ends", "The end must differ from the start."),
        ({"starts": "99:99"}, "starts", "Enter a valid time."),
        ({"weekday": 7}, "weekday", "Select a valid choice."),
        ({"slot_minutes": 0}, "slot_minutes", "Ensure this value is greater than or equal to 10."),
        ({"slot_minutes": 10**400}, "slot_minutes", ""),
        ({"valid_from": "9999-12-31"}, "valid_from", "Enter a day between 2000 and 2200."),
        ({"valid_from": "2027-03-02", "valid_until": "2027-03-01"}, "valid_until", "The last day must not lie before"),
        ({"doctor": ""}, "doctor", "This field is required."),
    ],
)
def test_hours_that_cannot_be(
    adam: User, dr_chen: Doctor, berlin: Site, said: dict[str, Any], field: str, message: str
) -> None:  # fault B0-23, fault B3-6, fault B4-5
    told = errors(client_of(adam).post(page(WeeklyHours, "add"), hours(dr_chen, berlin, **said)), field)

    assert told
    assert told[0].startswith(message)
    assert WeeklyHours.objects.count() == 5


def test_hours_are_changed_over_a_visit(
    adam: User, alice: Patient, dr_chen: Doctor, berlin: Site
) -> None:  # case 016, case 019
    visit = make_appointment(dr_chen, alice, at("11:30"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    client, address = client_of(adam), page(WeeklyHours, "change", monday.pk)
    asked = client.post(address, hours(dr_chen, berlin, starts="09:00", ends="11:00"))

    answer = client.post(address, hidden(asked), follow=True)

    assert "1 visit is to be moved." in answer.content.decode()
    assert ToBeMoved.objects.get().appointment == visit
    assert visit.reference in client_of(adam).get(page(ToBeMoved, "changelist")).content.decode()


def test_hours_are_deleted(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    client, address = client_of(adam), page(WeeklyHours, "delete", monday.pk)

    answer = client.post(address, hidden(client.get(address)), follow=True)

    assert not WeeklyHours.objects.filter(pk=monday.pk).exists()
    assert "1 visit is to be moved." in answer.content.decode()
    assert Appointment.objects.get().status == "scheduled"


def test_exception_is_entered_on_a_sites_clock(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    make_site(name="Astoria", time_zone="America/New_York")

    client_of(adam).post(page(ScheduleException, "add"), exception(doctor=dr_chen.pk, clock_of=berlin.pk))

    made = ScheduleException.objects.get()
    assert (made.starts_at, made.ends_at, made.doctor, made.site) == (at("09:00"), at("12:00"), dr_chen, None)


def test_exception_is_shown_and_saved_as_it_was(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    off = make_time_off(at("09:00"), at("12:00"), dr_chen, site=berlin)
    address = page(ScheduleException, "change", off.pk)
    shown = client_of(adam).get(address)

    form = shown.context["adminform"].form
    values = {
        f"{name}_{part}": text
        for name in ("starts_at", "ends_at")
        for part, text in enumerate((form[name].value().date().isoformat(), f"{form[name].value():%H:%M}"))
    }
    said = values | {"doctor": dr_chen.pk, "site": berlin.pk, "clock_of": form["clock_of"].value()}
    client_of(adam).post(address, exception(**said))

    off.refresh_from_db()
    assert (off.starts_at, off.ends_at) == (at("09:00"), at("12:00"))


def test_exception_over_a_visit_is_never_silent(adam: User, alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))  # case 016
    client, address = client_of(adam), page(ScheduleException, "add")
    asked = client.post(address, exception(doctor=dr_chen.pk, clock_of=berlin.pk))

    answer = client.post(address, hidden(asked), follow=True)

    assert "1 visit is to be moved." in answer.content.decode()
    assert ToBeMoved.objects.get().appointment == visit


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ends_at_1": "09:00"}, "ends_at"),
        ({"starts_at_0": "0001-01-01"}, "starts_at"),
        ({"ends_at_0": "9999-12-31"}, "ends_at"),
        ({"kind": "extra_hours"}, "__all__"),
        ({"clock_of": ""}, "clock_of"),
        ({"starts_at_0": "2027-10-31", "starts_at_1": "02:30", "ends_at_0": "2027-11-01"}, "starts_at"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_exception_that_cannot_be(
    adam: User, dr_chen: Doctor, berlin: Site, said: dict[str, Any], field: str
) -> None:  # case 150
    form = exception(**{"doctor": dr_chen.pk, "clock_of": berlin.pk} | said)

    assert errors(client_of(adam).post(page(ScheduleException, "add"), form), field)
    assert not ScheduleException.objects.exists()


def test_exception_that_is_empty_of_everything(adam: User, dr_chen: Doctor) -> None:
    answer = client_of(adam).post(page(ScheduleException, "add"), {})

    assert {"kind", "clock_of", "starts_at", "ends_at"} <= set(answer.context["adminform"].form.errors)


def test_exceptions_before_there_is_a_site(adam: User) -> None:
    off = make_time_off(at("09:00"), at("12:00"))

    assert client_of(adam).get(page(ScheduleException, "change", off.pk)).status_code == 200


def test_doctor_is_entered(adam: User, berlin: Site) -> None:
    person, kind = make_user(Role.DOCTOR), make_visit_type()
    oncology, cardiology = Department.objects.create(name="Oncology"), Specialty.objects.create(name="Cardiology")
    form = {"user": person.pk, "title": "Dr.", "status": "available", "languages": "German,  English ,"}
    form |= {"departments": [oncology.pk], "specialties": [cardiology.pk], "visit_types": [kind.pk]}

    answer = client_of(adam).post(page(Doctor, "add"), form)

    made = Doctor.objects.get()
    assert answer.status_code == 302
    assert (made.user, made.languages, made.is_bookable) == (person, ["German", "English"], True)
    assert [*made.departments.all(), *made.specialties.all(), *made.visit_types.all()] == [oncology, cardiology, kind]


NEWCOMER = {"email": "new@example.org", "first_name": "Nora", "last_name": "New", "title": "Dr.", "status": "available"}


def test_doctor_is_entered_who_has_no_account(adam: User) -> None:
    oncology = Department.objects.create(name="Oncology")

    answer = client_of(adam).post(page(Doctor, "add"), NEWCOMER | {"user": "", "departments": [oncology.pk]})

    made = Doctor.objects.get()
    assert answer.status_code == 302
    assert (made.user.email, made.user.role, str(made)) == ("new@example.org", Role.DOCTOR, "Dr. Nora New")
    assert made.is_bookable
    assert list(made.departments.all()) == [oncology]
    assert mail.outbox[-1].to == ["new@example.org"]


def test_doctor_is_entered_neither_twice_nor_half(adam: User) -> None:
    person = make_user(Role.DOCTOR, email="known@example.org")

    for said, field in (
        ({"user": person.pk}, "email"),
        ({"last_name": ""}, "last_name"),
        ({"email": "known@example.org"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"license_number": "x" * 51}, "license_number"),
    ):
        answer = client_of(adam).post(page(Doctor, "add"), {"user": ""} | NEWCOMER | said)

        assert errors(answer, field), said
    assert not Doctor.objects.exists()
    assert not User.objects.filter(email="new@example.org").exists()
    assert not mail.outbox


def test_doctor_takes_no_bookings_and_takes_them_again(adam: User, dr_chen: Doctor) -> None:
    for verb, status in (("occupied", "occupied"), ("available", "available")):
        assert client_of(adam).post(page(Doctor, verb, dr_chen.pk)).status_code == 302
        dr_chen.refresh_from_db()
        assert dr_chen.status == status


def test_doctor_is_let_go_and_comes_back(adam: User, dr_chen: Doctor, alice: Patient) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    client = client_of(adam)

    # Whom it hits is told before.
    assert visit.reference in client.get(page(Doctor, "deactivate", dr_chen.pk)).content.decode()
    client.post(page(Doctor, "deactivate", dr_chen.pk))

    dr_chen.user.refresh_from_db()
    assert not dr_chen.user.is_active
    assert ToBeMoved.objects.filter(resolved_at=None).count() == 1

    client.post(page(Doctor, "reactivate", dr_chen.pk))

    dr_chen.user.refresh_from_db()
    assert dr_chen.user.is_active


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"consultation_fee": "-1"}, "consultation_fee"),
        ({"consultation_fee": "NaN"}, "consultation_fee"),
        ({"practising_since": "2999-01-01"}, "practising_since"),
        ({"status": "pending"}, "status"),
        ({"departments": ["nonsense"]}, "departments"),
        ({"license_number": "T-1"}, "license_number"),
    ],
)
def test_doctor_that_cannot_be(adam: User, dr_chen: Doctor, said: dict[str, Any], field: str) -> None:
    make_doctor(license_number="T-1")
    form = {"title": "Prof.", "status": "available"} | said

    assert errors(client_of(adam).post(page(Doctor, "change", dr_chen.pk), form), field)
    dr_chen.refresh_from_db()
    assert dr_chen.title == "Dr."


def test_doctor_who_is_a_patient_so_far(adam: User, alice: Patient) -> None:
    told = errors(client_of(adam).post(page(Doctor, "add"), {"user": alice.user.pk, "status": "available"}), "user")

    assert told == ["Give this person the role of a doctor first."]
    assert not Doctor.objects.exists()


def test_doctor_keeps_person_and_standing(adam: User, dr_chen: Doctor, alice: Patient) -> None:  # case 129
    form = {"title": "Prof.", "status": "occupied", "user": alice.user.pk, "approval": "rejected", "id": alice.pk}

    client_of(adam).post(page(Doctor, "change", dr_chen.pk), form)

    fresh = Doctor.objects.get()
    assert (fresh.title, fresh.user, fresh.approval) == ("Prof.", dr_chen.user, "approved")


def test_doctor_is_rejected_and_approved(adam: User, alice: Patient, dr_chen: Doctor) -> None:  # case 020
    visit = make_appointment(dr_chen, alice, at("09:00"))
    client = client_of(adam)

    client.post(page(Doctor, "reject", dr_chen.pk))
    dr_chen.refresh_from_db()
    assert (dr_chen.approval, ToBeMoved.objects.get().appointment) == ("rejected", visit)
    client.post(page(Doctor, "approve", dr_chen.pk))

    dr_chen.refresh_from_db()
    assert dr_chen.approval == "approved"
    assert not ToBeMoved.objects.filter(resolved_at=None).exists()


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_doctor_is_let_in_by_administrators_alone(rita: User, dr_chen: Doctor, verb: str) -> None:  # case 120
    dr_chen.approval = "pending"
    dr_chen.save()

    assert client_of(rita).post(page(Doctor, verb, dr_chen.pk)).status_code == 403
    dr_chen.refresh_from_db()
    assert dr_chen.approval == "pending"


def test_site_is_entered(adam: User) -> None:
    form = {"name": "Berlin Mitte", "time_zone": "Europe/Berlin", "address": "", "phone": "030 23125010"}

    client_of(adam).post(page(Site, "add"), form)

    assert str(Site.objects.get().phone) == "+493023125010"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../../etc/passwd", "CET5"])
def test_site_in_no_known_zone(adam: User, berlin: Site, zone: str) -> None:
    form = {"name": "Berlin Mitte", "time_zone": zone, "address": "", "phone": ""}

    assert errors(client_of(adam).post(page(Site, "change", berlin.pk), form), "time_zone")
    berlin.refresh_from_db()
    assert berlin.time_zone == "Europe/Berlin"


def test_site_that_changes_its_zone_tells_who_is_to_be_moved(
    adam: User, alice: Patient, dr_chen: Doctor, berlin: Site
) -> None:
    make_appointment(dr_chen, alice, at("09:00"))
    form = {"name": berlin.name, "time_zone": "America/New_York", "address": "", "phone": ""}

    answer = client_of(adam).post(page(Site, "change", berlin.pk), form, follow=True)

    assert "1 visit is to be moved." in answer.content.decode()


def test_entries_that_nothing_refers_to_are_deleted(adam: User) -> None:
    entries = [Department.objects.create(name="A"), Specialty.objects.create(name="B"), make_visit_type(), make_site()]

    for entry in entries:
        answer = client_of(adam).post(page(type(entry), "delete", entry.pk), {"post": "yes"})

        assert answer.status_code == 302
        assert not type(entry).objects.filter(pk=entry.pk).exists()


def test_entry_with_a_name_that_is_taken(adam: User) -> None:
    Department.objects.create(name="Oncology")

    answer = client_of(adam).post(page(Department, "add"), {"name": "Oncology", "is_active": "on"})

    assert errors(answer, "name")
    assert Department.objects.count() == 1


@pytest.mark.parametrize("name", ["\x00", "", "   ", "x" * 101])
def test_entry_with_a_name_that_cannot_be(adam: User, name: str) -> None:  # case 144
    assert errors(client_of(adam).post(page(VisitType, "add"), {"name": name, "minutes": 30, "mode": "video"}), "name")
    assert not VisitType.objects.exists()
