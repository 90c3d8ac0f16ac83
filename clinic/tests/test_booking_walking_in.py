"""Whoever walks in: booked at once, and here already."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry, Message, Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor, Site, Status
from clinic.tests.factories import at, make_appointment, make_doctor, make_hours, make_time_off, make_visit_type

TEN_PAST = at("10:10") + timedelta(seconds=42)
MINUTE = at("10:10")


def test_walk_in_begins_now_when_the_doctor_is_free(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    visit = booking.walk_in(doctor=dr_chen, patient=alice, by=rita, now=TEN_PAST)

    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at, visit.status) == (MINUTE, at("10:40"), Status.ARRIVED)
    assert (visit.arrived_at, visit.booked_by, visit.is_overbooked) == (TEN_PAST, rita, False)
    verbs = set(AuditEntry.objects.filter(object_id=str(visit.pk)).values_list("verb", flat=True))
    assert verbs == {"clinic.appointment.booked", "clinic.appointment.arrived"}
    # Nobody is mailed that he has come.
    assert not Message.objects.filter(patient=alice).exists()


def test_walk_in_waits_for_the_next_free_time(dr_chen: Doctor, alice: Patient, bob: Patient, rita: User) -> None:
    make_appointment(dr_chen, bob, at("10:00"))

    visit = booking.walk_in(doctor=dr_chen, patient=alice, by=rita, now=TEN_PAST)

    assert (visit.starts_at, visit.status, visit.is_overbooked) == (at("10:30"), Status.ARRIVED, False)


@pytest.mark.parametrize(
    ("now", "why"),
    [(TEN_PAST, "booked"), (TEN_PAST, "off"), (at("07:00"), "closed"), (at("13:00"), "closed")],
)
def test_walk_in_needs_a_reason_when_there_is_no_free_time(
    dr_chen: Doctor, alice: Patient, bob: Patient, rita: User, now: datetime, why: str
) -> None:
    if why == "booked":
        make_appointment(dr_chen, bob, at("09:30"), minutes=150)
    elif why == "off":
        make_time_off(at("09:00"), at("12:00"), dr_chen)
    before = Appointment.objects.count()

    with pytest.raises(ValidationError) as refused:
        booking.walk_in(doctor=dr_chen, patient=alice, by=rita, now=now, override_reason="  ")
    assert refused.value.error_dict["override_reason"][0].code == "override_reason_required"
    assert Appointment.objects.count() == before

    visit = booking.walk_in(doctor=dr_chen, patient=alice, by=rita, now=now, override_reason="In pain")
    assert (visit.starts_at, visit.status) == (now.replace(second=0), Status.ARRIVED)
    assert (visit.is_overbooked, visit.override_reason) == (True, "In pain")


def test_walk_in_never_puts_a_patient_in_two_places(
    dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, rita: User
) -> None:
    # case 022
    make_appointment(dr_diaz, alice, at("10:00"))

    for reason in ("", "In pain"):
        with pytest.raises(ValidationError) as refused:
            booking.walk_in(doctor=dr_chen, patient=alice, by=rita, now=TEN_PAST, override_reason=reason)
        assert refused.value.error_dict["starts_at"][0].code == "patient_busy"
    assert Appointment.objects.count() == 1


def test_walk_in_is_for_staff(dr_chen: Doctor, alice: Patient, bob: Patient, rita: User) -> None:
    # case 133
    rita.is_active = False

    for user in (alice.user, bob.user, dr_chen.user, rita):
        assert user is not None
        with pytest.raises(PermissionDenied):
            booking.walk_in(doctor=dr_chen, patient=alice, by=user, now=TEN_PAST)
    assert not Appointment.objects.exists()


def test_walk_in_leaves_nothing_behind_when_it_is_refused_half_way(
    dr_chen: Doctor, alice: Patient, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise ValidationError("No.", code="wrong_status")

    monkeypatch.setattr("clinic.booking.walking_in.arrive", refuse)

    with pytest.raises(ValidationError):
        booking.walk_in(doctor=dr_chen, patient=alice, by=rita, now=TEN_PAST)
    assert not Appointment.objects.exists()


def test_places_tells_of_each_doctor(
    dr_chen: Doctor, dr_diaz: Doctor, bob: Patient, berlin: Site, django_assert_max_num_queries: object
) -> None:
    make_appointment(dr_diaz, bob, at("10:00"))
    idle = make_doctor()
    kind = make_visit_type(minutes=20, buffer_before=10)
    make_hours(idle, berlin, "14:00", "15:00")

    with django_assert_max_num_queries(5):  # type: ignore[operator]
        found = booking.places([dr_chen, dr_diaz, idle], visit_type=None, now=TEN_PAST)
    with_kind = booking.places([dr_diaz], visit_type=kind, now=TEN_PAST)

    assert {doctor: slot.starts_at for doctor, slot in found.items()} == {dr_chen.pk: MINUTE, dr_diaz.pk: at("10:30")}
    assert with_kind[dr_diaz.pk].starts_at == at("11:00")
