"""Doctors' profiles and standing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import staffing
from accounts.models import AuditEntry, Patient, Role, User
from accounts.tests.factories import make_user
from clinic import booking, doctors
from clinic.models import Appointment, Approval, Department, Doctor, ToBeMoved
from clinic.tests.factories import NOW, at, make_appointment, make_doctor
from clinic.tests.refusals import code_of

TODAY = NOW.date()


def waiting() -> int:
    return ToBeMoved.objects.filter(resolved_at=None).count()


def test_set_profile_of_a_new_doctor(adam: User) -> None:
    oncology = Department.objects.create(name="Oncology")
    person = make_user(Role.DOCTOR)

    doctor = doctors.set_profile(Doctor(user=person, title="Dr."), by=adam, today=TODAY, departments=[oncology])

    doctor.refresh_from_db()
    assert doctor.is_bookable
    assert list(doctor.departments.all()) == [oncology]


def test_set_profile_when_the_person_is_no_doctor(adam: User, alice: Patient) -> None:
    with pytest.raises(ValidationError) as refused:
        doctors.set_profile(Doctor(user=alice.user), by=adam, today=TODAY)

    assert code_of(refused.value) == "not_a_doctor"
    assert not Doctor.objects.exists()


def test_set_profile_leaves_standing_and_person_alone(adam: User, dr_chen: Doctor) -> None:
    dr_chen.approval, dr_chen.user, dr_chen.bio = Approval.REJECTED, make_user(), "Sails."

    doctors.set_profile(dr_chen, by=adam, today=TODAY)

    fresh = Doctor.objects.get(pk=dr_chen.pk)
    assert (fresh.bio, fresh.approval, fresh.user.email) == ("Sails.", Approval.APPROVED, "chen@example.org")


def test_set_profile_when_practice_begins_tomorrow(adam: User, dr_chen: Doctor) -> None:
    dr_chen.practising_since = date(2099, 1, 1)

    with pytest.raises(ValidationError) as refused:
        doctors.set_profile(dr_chen, by=adam, today=TODAY)

    assert code_of(refused.value) == "bad_date"


def test_verbs_by_anybody_but_an_administrator(
    rita: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:  # case 120, fault B0-5
    for somebody in (rita, alice.user, dr_diaz.user):
        with pytest.raises(PermissionDenied):
            doctors.set_profile(dr_chen, by=somebody, today=TODAY)
        with pytest.raises(PermissionDenied):
            doctors.reject(dr_chen, by=somebody, now=NOW)

    assert Doctor.objects.get(pk=dr_chen.pk).is_bookable


def test_approve_one_who_applied(adam: User) -> None:
    applicant = make_user(Role.PATIENT)
    doctor = make_doctor(applicant, approval=Approval.PENDING)

    doctors.approve(doctor, by=adam, now=NOW)

    fresh = Doctor.objects.get(pk=doctor.pk)
    assert (fresh.user.role, fresh.is_bookable) == (Role.DOCTOR, True)


def test_approve_one_who_never_proved_the_address(adam: User) -> None:
    doctor = make_doctor(make_user(Role.PATIENT, verified=False), approval=Approval.PENDING)

    with pytest.raises(ValidationError) as refused:
        doctors.approve(doctor, by=adam, now=NOW)

    assert code_of(refused.value) == "address_unproved"
    fresh = Doctor.objects.get(pk=doctor.pk)
    assert (fresh.user.role, fresh.approval) == (Role.PATIENT, Approval.PENDING)


def test_reject_then_approve_with_visits_to_come(adam: User, alice: Patient, dr_chen: Doctor) -> None:  # case 020
    visit = make_appointment(dr_chen, alice, at("09:00"))

    doctors.reject(dr_chen, by=adam, now=NOW)

    assert ToBeMoved.objects.get().cause == "deactivation"
    assert Appointment.objects.visible_to(alice.user).get() == visit
    doctors.approve(dr_chen, by=adam, now=NOW)
    assert waiting() == 0


def test_follow_person_who_is_deactivated_and_comes_back(
    adam: User, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:  # case 020
    make_appointment(dr_chen, alice, at("09:00"))

    staffing.deactivate(dr_chen.user, by=adam, now=NOW)

    assert waiting() == 1
    with pytest.raises(ValidationError) as refused:
        booking.book(doctor=dr_chen, patient=bob, starts_at=at("10:00"), by=bob.user, now=NOW)
    assert code_of(refused.value) == "doctor_not_bookable"
    staffing.reactivate(dr_chen.user, by=adam, now=NOW)
    assert waiting() == 0


def test_follow_person_whose_role_changes(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"))

    staffing.change_role(dr_chen.user, Role.PATIENT, by=adam, now=NOW)

    assert waiting() == 1


def test_onboard_makes_doctor_and_account_or_nothing(adam: User) -> None:  # fault B1-2
    make_doctor(license_number="TAKEN")
    said = {"email": "nina@example.org", "first_name": "Nina", "last_name": "Nowak"}

    with pytest.raises(ValidationError):
        doctors.onboard(by=adam, now=NOW, **said, license_number="TAKEN")
    assert not User.objects.filter(email="nina@example.org").exists()
    nina = doctors.onboard(by=adam, now=NOW, **said, license_number="FREE")

    assert (nina.user.role, nina.is_bookable, nina.user.has_usable_password()) == (Role.DOCTOR, True, False)


@pytest.mark.parametrize("who", ["alice", "dr_diaz", "rita"])
def test_profiles_are_not_everybodys_to_write(
    request: pytest.FixtureRequest, dr_chen: Doctor, who: str
) -> None:  # fault B0-5
    found = request.getfixturevalue(who)
    by = found if isinstance(found, User) else found.user

    with pytest.raises(PermissionDenied):
        doctors.correct(dr_chen, by=by, now=NOW, bio="Sails.")
    with pytest.raises(PermissionDenied):
        doctors.describe(dr_chen, by=by, bio="Sails.")
    with pytest.raises(PermissionDenied):
        doctors.onboard(by=by, now=NOW, email="x@example.org", first_name="X", last_name="Y")

    assert Doctor.objects.get(pk=dr_chen.pk).bio == ""
    assert not User.objects.filter(email="x@example.org").exists()


def test_describe_sets_ones_own_alone(dr_chen: Doctor) -> None:
    doctors.describe(dr_chen, by=dr_chen.user, bio="Sails.")

    with pytest.raises(TypeError, match="license_number"):
        doctors.describe(dr_chen, by=dr_chen.user, license_number="DE-1")
    with pytest.raises(PermissionDenied):
        doctors.correct(dr_chen, by=dr_chen.user, now=NOW, license_number="DE-1")

    fresh = Doctor.objects.get(pk=dr_chen.pk)
    assert (fresh.bio, fresh.license_number) == ("Sails.", None)


def test_correct_leaves_what_somebody_else_wrote_meanwhile(adam: User, dr_chen: Doctor) -> None:
    Doctor.objects.filter(pk=dr_chen.pk).update(bio="Sails.")

    doctors.correct(dr_chen, by=adam, now=NOW, license_number="DE-1")

    assert Doctor.objects.get(pk=dr_chen.pk).bio == "Sails."


def test_want_agenda_is_written_down_once(dr_chen: Doctor) -> None:
    for _twice in range(2):
        doctors.want_agenda(dr_chen, True, by=dr_chen.user)

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.changes) == ("clinic.doctor.changed", {"wants_agenda": [False, True]})
    assert Doctor.objects.get().wants_agenda


def test_want_agenda_of_another(dr_chen: Doctor, dr_diaz: Doctor, adam: User) -> None:
    for somebody in (dr_diaz.user, adam):
        with pytest.raises(PermissionDenied):
            doctors.want_agenda(dr_chen, True, by=somebody)

    assert not Doctor.objects.filter(wants_agenda=True).exists()


def test_want_agenda_of_a_doctor_who_is_not_let_in(dr_chen: Doctor) -> None:
    Doctor.objects.filter(pk=dr_chen.pk).update(approval=Approval.PENDING)

    with pytest.raises(PermissionDenied):
        doctors.want_agenda(dr_chen, True, by=dr_chen.user)

    assert not Doctor.objects.get().wants_agenda
