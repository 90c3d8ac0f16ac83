"""Doctors who arrange their own calendars, and copies of hours."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry, Patient, Role, User
from clinic import availability
from clinic.models import Approval, Doctor, ExceptionKind, ScheduleException, Site, ToBeMoved, WeeklyHours
from clinic.tests.factories import NOW, at, make_appointment, make_extra_hours, make_hours, make_site, make_time_off
from clinic.tests.refusals import code_of


def week(doctor: Doctor) -> list[tuple[int, str]]:
    """The doctor's hours, as weekday and clocks."""
    rows = doctor.weekly_hours.order_by("weekday", "starts")
    return [(row.weekday, f"{row.starts:%H:%M}-{row.ends:%H:%M}") for row in rows]


def off(doctor: Doctor | None) -> ScheduleException:
    return ScheduleException(
        kind=ExceptionKind.TIME_OFF, doctor=doctor, starts_at=at("09:00"), ends_at=at("10:00"), reason="ill"
    )


def test_a_doctor_arranges_his_own_calendar(dr_chen: Doctor) -> None:
    monday = dr_chen.weekly_hours.get(weekday=0)
    monday.ends = time(11)

    availability.set_hours(monday, by=dr_chen.user, now=NOW)
    exception = availability.set_exception(off(dr_chen), by=dr_chen.user, now=NOW)
    availability.remove_exception(exception, by=dr_chen.user, now=NOW)
    availability.remove_hours(monday, by=dr_chen.user, now=NOW)

    assert [weekday for weekday, _clocks in week(dr_chen)] == [1, 2, 3, 4]
    verbs = list(AuditEntry.objects.filter(actor=dr_chen.user_id).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "clinic.weekly_hours.set",
        "clinic.schedule_exception.set",
        "clinic.schedule_exception.removed",
        "clinic.weekly_hours.removed",
    ]


TAMPERED: dict[str, Callable[[Doctor, Doctor], object]] = {
    "hers become his": lambda his, hers: _set_hours(hers, by=his, doctor=his),
    "his become hers": lambda his, hers: _set_hours(his, by=his, doctor=hers),
    "her slots": lambda his, hers: _set_hours(hers, by=his, slot_minutes=20),
    "said to be his, and removed": lambda his, hers: _remove_hours(hers, by=his),
    "her day copied": lambda his, hers: availability.copy_day(hers, 0, [5], by=his.user, now=NOW),
    "her week replaced": lambda his, hers: availability.copy_week(his, hers, by=his.user, now=NOW),
}


def _set_hours(whose: Doctor, *, by: Doctor, **fields: object) -> None:
    row = whose.weekly_hours.get(weekday=0)
    for name, value in fields.items():
        setattr(row, name, value)
    availability.set_hours(row, by=by.user, now=NOW)


def _remove_hours(whose: Doctor, *, by: Doctor) -> None:
    row = whose.weekly_hours.get(weekday=0)
    row.doctor = by
    availability.remove_hours(row, by=by.user, now=NOW)


@pytest.mark.parametrize("how", TAMPERED)
def test_hours_of_another_doctor(how: str, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 120, fault B0-5
    before = list(WeeklyHours.objects.order_by("pk").values())

    with pytest.raises(PermissionDenied):
        TAMPERED[how](dr_chen, dr_diaz)

    assert list(WeeklyHours.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("whose", ["hers", "everybody's"])
def test_exceptions_of_another_doctor(whose: str, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 120, fault B0-7
    owner = dr_diaz if whose == "hers" else None
    hers, his = make_time_off(at("09:00"), at("10:00"), owner), make_time_off(at("09:00"), at("10:00"), dr_chen)
    before = list(ScheduleException.objects.order_by("pk").values())
    hers.doctor, his.doctor = dr_chen, owner

    for call, row in (
        (availability.set_exception, hers),
        (availability.set_exception, his),
        (availability.set_exception, off(owner)),
        (availability.remove_exception, hers),
    ):
        with pytest.raises(PermissionDenied):
            call(row, by=dr_chen.user, now=NOW)

    assert list(ScheduleException.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("why", ["not let in", "deactivated", "no doctor any more"])
def test_may_arrange_when_he_is_no_doctor_here(why: str, dr_chen: Doctor) -> None:  # case 098
    availability.may_arrange(dr_chen.user, dr_chen)
    if why == "not let in":
        Doctor.objects.filter(pk=dr_chen.pk).update(approval=Approval.PENDING)
    else:
        changed = {"is_active": False} if why == "deactivated" else {"role": Role.PATIENT}
        User.objects.filter(pk=dr_chen.user_id).update(**changed)

    with pytest.raises(PermissionDenied):
        availability.may_arrange(dr_chen.user, dr_chen)


def test_the_same_again_is_not_written_twice(adam: User, dr_chen: Doctor, berlin: Site) -> None:  # fault B3-6
    monday = dr_chen.weekly_hours.get(weekday=0)
    again = WeeklyHours(
        doctor=dr_chen, site=berlin, weekday=0, starts=time(9), ends=time(12), slot_minutes=monday.slot_minutes
    )

    assert availability.set_hours(again, by=adam, now=NOW) == monday
    first = availability.set_exception(off(dr_chen), by=adam, now=NOW)
    assert availability.set_exception(off(dr_chen), by=adam, now=NOW) == first

    assert (WeeklyHours.objects.count(), ScheduleException.objects.count()) == (5, 1)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("starts", "ends", "slots", "unused"),
    [
        ("09:00", "10:50", ["09:00", "09:30", "10:00"], 20),
        ("23:00", "00:30", ["23:00", "23:30", "00:00"], 0),
        ("23:30", "23:59", [], 29),
        ("00:00", "00:30", ["00:00"], 0),
    ],
)
def test_laid_out(starts: str, ends: str, slots: list[str], unused: int) -> None:  # case 005, fault B3-5
    hours = WeeklyHours(starts=time.fromisoformat(starts), ends=time.fromisoformat(ends), slot_minutes=30)

    found = availability.laid_out(hours)

    assert ([f"{start:%H:%M}" for start in found.slots], found.unused_minutes) == (slots, unused)


def test_extra_hours_that_are_shorter_than_a_slot(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    extra = make_extra_hours(dr_chen, berlin, at("14:00"), at("16:00"))
    extra.slot_minutes = 121

    with pytest.raises(ValidationError) as refused:
        availability.set_exception(extra, by=adam, now=NOW)

    assert (code_of(refused.value), *refused.value.error_dict) == ("slot_longer_than_hours", "slot_minutes")


def test_copy_day_replaces_other_days(dr_chen: Doctor, berlin: Site, alice: Patient) -> None:
    dr_chen.weekly_hours.filter(weekday=0).update(ends=time(10))
    make_hours(dr_chen, berlin, "14:00", "18:00", weekdays=[0])
    ended = make_hours(dr_chen, berlin, "07:00", "08:00", weekdays=[1], valid_until=date(2027, 1, 1))
    visit = make_appointment(dr_chen, alice, at("11:00") + timedelta(days=1))

    made = availability.copy_day(dr_chen, 0, [1, 5, 0], by=dr_chen.user, now=NOW)

    assert len(made) == 4
    wanted = ["09:00-10:00", "14:00-18:00"]
    assert week(dr_chen) == [
        *((0, clocks) for clocks in wanted),
        *((1, clocks) for clocks in ("07:00-08:00", *wanted)),
        *((weekday, "09:00-12:00") for weekday in (2, 3, 4)),
        *((5, clocks) for clocks in wanted),
    ]
    assert WeeklyHours.objects.filter(pk=ended[0].pk).exists()
    assert ToBeMoved.objects.get().appointment == visit


def test_copy_day_when_it_is_so_already(dr_chen: Doctor) -> None:
    before = list(WeeklyHours.objects.order_by("pk").values())

    assert len(availability.copy_day(dr_chen, 0, [1, 2], by=dr_chen.user, now=NOW)) == 2

    assert list(WeeklyHours.objects.order_by("pk").values()) == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("weekday", "to", "code"),
    [
        (0, [0], "invalid"),
        (0, [], "invalid"),
        (0, [7], "invalid"),
        (9, [1], "invalid"),
        (6, [0], "nothing_to_copy"),
        (5, [6], "hours_overlap"),
    ],
)
def test_copy_day_when_it_cannot_be(dr_chen: Doctor, berlin: Site, weekday: int, to: list[int], code: str) -> None:
    make_hours(dr_chen, berlin, "20:00", "09:00", weekdays=[5])  # on a Sunday they would reach into Monday's
    dr_chen.weekly_hours.filter(weekday=0).update(starts=time(8))
    before = week(dr_chen)

    with pytest.raises(ValidationError) as refused:
        availability.copy_day(dr_chen, weekday, to, by=dr_chen.user, now=NOW)

    assert code_of(refused.value) == code
    assert week(dr_chen) == before


def test_copy_week_of_a_colleague(dr_chen: Doctor, dr_diaz: Doctor, adam: User, alice: Patient) -> None:
    dr_chen.weekly_hours.exclude(weekday=2).delete()
    elsewhere = make_site()
    make_hours(dr_chen, elsewhere, "14:00", "18:00", weekdays=[6], slot_minutes=45)
    kept = dr_diaz.weekly_hours.get(weekday=2)
    visit = make_appointment(dr_diaz, alice, at("09:00"))

    for by in (dr_diaz.user, adam):
        made = availability.copy_week(dr_chen, dr_diaz, by=by, now=NOW)

        assert week(dr_diaz) == week(dr_chen) == [(2, "09:00-12:00"), (6, "14:00-18:00")]
        assert {(row.site_id, row.slot_minutes) for row in made} == {(kept.site_id, 30), (elsewhere.pk, 45)}
    assert dr_diaz.weekly_hours.get(weekday=2) == kept
    assert ToBeMoved.objects.get().appointment == visit


def test_copy_week_when_it_cannot_be(dr_chen: Doctor, dr_diaz: Doctor, adam: User) -> None:
    dr_chen.weekly_hours.all().delete()

    for source, code in ((dr_diaz, "same_doctor"), (dr_chen, "nothing_to_copy")):
        with pytest.raises(ValidationError) as refused:
            availability.copy_week(source, dr_diaz, by=adam, now=NOW)
        assert code_of(refused.value) == code

    assert len(week(dr_diaz)) == 5
