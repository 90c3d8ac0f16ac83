"""What a change would hit, who waits to be moved, and where there is time for him."""

from datetime import date, time, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic import availability, booking, displacement
from clinic.displacement import Hit
from clinic.models import (
    Appointment,
    Approval,
    Availability,
    Doctor,
    ExceptionKind,
    ScheduleException,
    Site,
    Specialty,
    ToBeMoved,
)
from clinic.slots import Slot
from clinic.slots.calendars import Calendars
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_extra_hours,
    make_hours,
    make_time_off,
    make_visit_type,
)
from clinic.tests.refusals import everything

DAY = timedelta(days=1)


@pytest.fixture
def heart(dr_chen: Doctor, dr_diaz: Doctor) -> Specialty:
    """Both doctors' specialty."""
    specialty = Specialty.objects.create(name="Cardiology")
    for doctor in (dr_chen, dr_diaz):
        doctor.specialties.add(specialty)
    return specialty


def off(starts: str, ends: str, doctor: Doctor | None, day: date = MONDAY, days: int = 0, **more: Any) -> Any:
    times = {"starts_at": at(starts, day), "ends_at": at(ends, day + days * DAY)}
    return ScheduleException(kind=ExceptionKind.TIME_OFF, doctor=doctor, **times | more)


def hit(hits: list[Hit]) -> list[Appointment]:
    return [one.appointment for one in hits]


def where(found: list[Slot]) -> list[tuple[str, str]]:
    """Whose they are, and what the clock shows."""
    return [(slot.doctor.user.last_name, f"{slot.starts_at.astimezone(slot.site.zone):%a %H:%M}") for slot in found]


def test_foresee_time_off(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient) -> None:
    # case 016
    first, second = make_appointment(dr_chen, bob, at("09:30")), make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, make_patient(), at("11:00"))
    make_appointment(dr_diaz, make_patient(), at("10:00"))
    before = everything()

    hits = displacement.foresee(off("09:00", "10:15", dr_chen), now=NOW)

    assert hit(hits) == [first, second]
    assert where(hits[1].alternatives) == [("Chen", "Mon 10:30"), ("Chen", "Mon 11:30"), ("Chen", "Tue 09:00")]
    assert everything() == before
    assert not ScheduleException.objects.exists()


def test_foresee_says_what_the_change_then_does(
    adam: User, dr_chen: Doctor, dr_diaz: Doctor, berlin: Site, alice: Patient, bob: Patient
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_diaz, bob, at("10:00"))
    extra = make_extra_hours(dr_chen, berlin, at("14:00"), at("16:00"))
    make_appointment(dr_chen, bob, at("15:30"))
    shorter = ScheduleException.objects.get(pk=extra.pk)
    shorter.ends_at = at("15:30")
    for change in (off("09:00", "12:00", None), off("09:00", "12:00", dr_chen, site=berlin), shorter):
        hits = displacement.foresee(change, now=NOW)

        availability.set_exception(change, by=adam, now=NOW)

        flags = ToBeMoved.objects.filter(resolved_at=None)
        assert set(hit(hits)) == {flag.appointment for flag in flags.select_related("appointment")}
        assert displacement.foresee(change, now=NOW) == []
        availability.set_exception(extra, by=adam, now=NOW)
        ScheduleException.objects.exclude(pk=extra.pk).delete()
        flags.delete()
    assert hit(displacement.foresee(extra, now=NOW, removed=True)) == [Appointment.objects.get(starts_at=at("15:30"))]


def test_foresee_hours(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:  # case 019
    late, early = make_appointment(dr_chen, alice, at("11:30")), make_appointment(dr_chen, bob, at("09:00"))
    monday = dr_chen.weekly_hours.get(weekday=0)

    assert hit(displacement.foresee_hours(monday, now=NOW)) == []
    assert hit(displacement.foresee_hours(monday, now=NOW, removed=True)) == [early, late]
    monday.ends = time(11)
    hits = displacement.foresee_hours(monday, now=NOW)

    assert hit(hits) == [late]
    assert where(hits[0].alternatives) == [("Chen", "Mon 09:30"), ("Chen", "Mon 10:00"), ("Chen", "Mon 10:30")]
    assert dr_chen.weekly_hours.get(weekday=0).ends == time(12)


def test_foresee_when_it_waits_already(adam: User, dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    availability.remove_hours(dr_chen.weekly_hours.get(weekday=0), by=adam, now=NOW)

    assert displacement.foresee(off("09:00", "12:00", dr_chen), now=NOW) == []


def test_alternatives_are_colleagues_if_he_has_none(
    dr_chen: Doctor, dr_diaz: Doctor, berlin: Site, heart: Specialty, alice: Patient
) -> None:
    stranger = make_doctor()
    make_hours(stranger, berlin)
    visit = make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_diaz, alice, at("10:30"))  # she cannot be in two places
    make_time_off(NOW, at("09:00", MONDAY + 1 * DAY), dr_chen)
    make_time_off(at("10:00", MONDAY + 1 * DAY), at("09:00", MONDAY + 300 * DAY), dr_chen)

    found = displacement.alternatives(visit, now=NOW)

    assert where(found) == [("Chen", "Tue 09:00"), ("Chen", "Tue 09:30"), ("Diaz", "Mon 10:00")]


@pytest.mark.parametrize("why", ["occupied", "not let in", "another specialty", "another visit"])
def test_alternatives_when_a_colleague_cannot(
    why: str, dr_chen: Doctor, dr_diaz: Doctor, heart: Specialty, alice: Patient
) -> None:
    kind = make_visit_type(minutes=30)
    dr_chen.visit_types.add(kind)
    dr_diaz.visit_types.add(kind)
    dr_chen.weekly_hours.all().delete()
    visit = make_appointment(dr_chen, alice, at("10:00"), visit_type=kind, site=dr_diaz.weekly_hours.all()[0].site)
    assert {slot.doctor for slot in displacement.alternatives(visit, now=NOW)} == {dr_diaz}

    if why == "another specialty":
        dr_diaz.specialties.clear()
    elif why == "another visit":
        dr_diaz.visit_types.clear()
    else:
        changed = {"status": Availability.OCCUPIED} if why == "occupied" else {"approval": Approval.REJECTED}
        Doctor.objects.filter(pk=dr_diaz.pk).update(**changed)

    assert displacement.alternatives(visit, now=NOW) == []


def test_alternatives_can_be_taken_with_one_click(adam: User, dr_chen: Doctor, alice: Patient) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))
    availability.set_exception(off("09:00", "12:00", dr_chen), by=adam, now=NOW)
    slot = displacement.alternatives(visit, now=NOW)[0]

    booking.reschedule(visit, starts_at=slot.starts_at, doctor=slot.doctor, by=dr_chen.user, now=NOW)

    visit.refresh_from_db()
    assert (visit.starts_at, visit.doctor) == (slot.starts_at, slot.doctor)
    assert not displacement.to_be_moved(adam).exists()


def test_alternatives_when_the_visit_is_far_ahead(dr_chen: Doctor, alice: Patient) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00", MONDAY + 700 * DAY))

    assert displacement.alternatives(visit, now=NOW) == []


def test_alternatives_of_his_own_come_before_nearer_ones_of_colleagues(
    adam: User, dr_chen: Doctor, dr_diaz: Doctor, heart: Specialty, alice: Patient
) -> None:
    visit = make_appointment(dr_chen, alice, at("11:00"))
    make_time_off(NOW, at("11:00"), dr_chen)
    make_time_off(at("12:00"), at("11:00", MONDAY + 16 * DAY), dr_chen)

    found = displacement.alternatives(visit, now=NOW)

    assert [slot.starts_at for slot in found] == [
        at("11:30"),
        at("11:00", MONDAY + 16 * DAY),
        at("11:30", MONDAY + 16 * DAY),
    ]
    assert {slot.doctor for slot in found} == {dr_chen}


def test_alternatives_look_no_farther_than_they_must(
    dr_chen: Doctor, dr_diaz: Doctor, heart: Specialty, alice: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))
    read: list[Calendars] = []

    def calendars(*args: Any, **more: Any) -> Calendars:
        read.append(Calendars(*args, **more))
        return read[-1]

    monkeypatch.setattr(import_module("clinic.displacement.alternatives"), "Calendars", calendars)

    assert len(displacement.alternatives(visit, now=NOW)) == 3

    # All of them are locked who are hit, while it is asked: a closed day of a large clinic must not take minutes.
    [only] = read
    assert only.doctors == [dr_chen]
    assert only.end - only.start < 15 * DAY


def test_to_be_moved_is_staffs_and_the_doctors(
    adam: User, rita: User, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient
) -> None:
    later, sooner = make_appointment(dr_chen, alice, at("11:00")), make_appointment(dr_chen, bob, at("10:00"))
    hers = make_appointment(dr_diaz, alice, at("09:00"))
    # A doctor is a patient, too, elsewhere.
    own = Patient.objects.create(first_name="Wei", last_name="Chen", user=dr_chen.user)
    make_appointment(dr_diaz, own, at("09:30"))
    availability.set_exception(off("09:00", "12:00", None), by=adam, now=NOW)

    def seen(user: Any) -> list[Appointment]:
        return [flag.appointment for flag in displacement.to_be_moved(user)]

    assert len(seen(rita)) == len(seen(adam)) == 4
    assert seen(dr_chen.user) == [sooner, later]
    assert seen(alice.user) == seen(AnonymousUser()) == []
    booking.cancel(hers, by=rita, reason="asked for", now=NOW)
    assert hers not in seen(rita)
    Doctor.objects.filter(pk=dr_chen.pk).update(approval=Approval.REJECTED)
    assert seen(dr_chen.user) == []


def test_foresee_asks_the_database_equally_often(dr_chen: Doctor, dr_diaz: Doctor, heart: Specialty) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            hits = displacement.foresee(off("00:00", "12:00", None), now=NOW)
        assert len(hits) == Appointment.objects.count()
        return len(asked)

    make_appointment(dr_chen, make_patient(), at("09:00"))
    few = queries()
    for number in range(1, 6):
        make_appointment(dr_chen, make_patient(), at("09:00") + timedelta(minutes=30 * number))
        make_appointment(dr_diaz, make_patient(), at("09:00") + timedelta(minutes=30 * number))

    assert queries() == few
