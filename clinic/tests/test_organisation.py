"""The directory's entries."""

from datetime import UTC
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError

from accounts.models import Patient, User
from clinic import organisation
from clinic.models import Department, Doctor, Site, Specialty, ToBeMoved, VisitType
from clinic.tests.factories import NOW, at, make_appointment, make_doctor, make_site, make_visit_type
from clinic.tests.refusals import code_of


def test_set_entry_when_it_is_new(adam: User) -> None:
    organisation.set_entry(Department(name="Oncology"), by=adam, now=NOW)

    assert Department.objects.get().name == "Oncology"


def test_set_entry_when_the_name_is_taken(adam: User) -> None:
    Specialty.objects.create(name="Cardiology")

    with pytest.raises(ValidationError) as refused:
        organisation.set_entry(Specialty(name="Cardiology"), by=adam, now=NOW)

    assert "name" in refused.value.error_dict
    assert Specialty.objects.count() == 1


def test_set_entry_when_somebody_takes_the_name_at_the_same_moment(adam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Specialty.objects.create(name="Cardiology")
    # The look comes before the other's leap.
    monkeypatch.setattr(Specialty, "full_clean", lambda _self: None)

    with pytest.raises(ValidationError) as refused:
        organisation.set_entry(Specialty(name="Cardiology"), by=adam, now=NOW)

    assert code_of(refused.value) == "unique"
    assert "name" in refused.value.error_dict
    assert Specialty.objects.count() == 1


def test_what_was_removed_meanwhile(adam: User, dr_chen: Doctor) -> None:
    gone = Department.objects.create(name="Oncology")
    Department.objects.all().delete()
    gone.pk = uuid4()

    organisation.remove_entry(gone, by=adam)
    for write in (
        lambda: organisation.change_entry(gone, by=adam, now=NOW, name="New"),
        lambda: organisation.assign(dr_chen, gone, by=adam),
        lambda: organisation.unassign(dr_chen, gone, by=adam),
    ):
        with pytest.raises(ObjectDoesNotExist):
            write()

    assert not Department.objects.exists()


def test_verbs_by_anybody_but_an_administrator(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    known = Department.objects.create(name="Heart Centre")
    for somebody in (rita, alice.user, dr_chen.user):
        for write in (
            lambda by: organisation.set_entry(Department(name="Oncology"), by=by, now=NOW),
            lambda by: organisation.change_entry(known, by=by, now=NOW, is_active=False),
            lambda by: organisation.remove_entry(known, by=by),
            lambda by: organisation.assign(dr_chen, known, by=by),
            lambda by: organisation.unassign(dr_chen, known, by=by),
        ):
            with pytest.raises(PermissionDenied):
                write(somebody)

    assert Department.objects.get().is_active
    assert not dr_chen.departments.exists()


def test_set_entry_when_a_site_changes_its_zone(adam: User, alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    berlin.time_zone = "America/New_York"

    organisation.set_entry(berlin, by=adam, now=NOW)

    assert ToBeMoved.objects.get(resolved_at=None).appointment == visit
    visit.refresh_from_db()
    assert visit.starts_at.astimezone(UTC) == at("09:00")


@pytest.mark.parametrize("used_as", ["departments", "specialties", "visit_types"])
def test_remove_entry_when_a_doctor_has_it(adam: User, used_as: str) -> None:
    made: dict[str, Any] = {
        "departments": Department(name="Oncology"),
        "specialties": Specialty(name="Cardiology"),
        "visit_types": VisitType(name="Check", minutes=30),
    }
    entry = organisation.set_entry(made[used_as], by=adam, now=NOW)
    getattr(make_doctor(), used_as).add(entry)

    with pytest.raises(ValidationError) as refused:
        organisation.remove_entry(entry, by=adam)

    assert code_of(refused.value) == "in_use"
    assert type(entry).objects.count() == 1


def test_remove_entry_when_a_visit_was_of_it(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    kind = make_visit_type()
    make_appointment(dr_chen, alice, at("09:00"), visit_type=kind, status="cancelled")

    with pytest.raises(ValidationError) as refused:
        organisation.remove_entry(kind, by=adam)

    assert code_of(refused.value) == "in_use"


def test_remove_entry_when_doctors_work_at_the_site(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    with pytest.raises(ValidationError) as refused:
        organisation.remove_entry(berlin, by=adam)

    assert code_of(refused.value) == "in_use"
    assert Site.objects.count() == 1


def test_remove_entry_when_nothing_refers_to_it(adam: User) -> None:
    site = make_site()

    organisation.remove_entry(site, by=adam)

    assert not Site.objects.exists()
