"""When doctors work, and what a change does to visits already booked."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Patient, User
from clinic import availability, booking
from clinic.models import Appointment, Doctor, ExceptionKind, ScheduleException, Site, ToBeMoved, WeeklyHours
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_hours, make_site, make_time_off
from clinic.tests.refusals import code_of


def hours(doctor: Doctor, site: Site, starts: str, ends: str, weekday: int = 0, **fields: Any) -> WeeklyHours:
    times = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends), "weekday": weekday}
    return WeeklyHours(slot_minutes=30, doctor=doctor, site=site, **times | fields)


def time_off(starts: str, ends: str, **fields: Any) -> ScheduleException:
    return ScheduleException(kind=ExceptionKind.TIME_OFF, starts_at=at(starts), ends_at=at(ends), **fields)


def waiting() -> set[str]:
    """The references of the visits that are to be moved."""
    return set(ToBeMoved.objects.filter(resolved_at=None).values_list("appointment__reference", flat=True))


@pytest.mark.parametrize(
    ("starts", "ends", "weekday", "valid"),
    [
        ("09:00", "12:00", 0, {"valid_from": date(2027, 1, 1)}),
        ("11:59", "13:00", 0, {}),
        ("10:00", "10:30", 0, {}),
        ("08:00", "18:00", 0, {"valid_from": date(2029, 1, 1)}),
        ("22:00", "09:01", 6, {}),  # Sunday into Monday
        ("22:00", "09:01", 6, {"valid_until": date(2027, 2, 28)}),  # the last of them
    ],
)
def test_set_hours_when_they_overlap(
    adam: User, dr_chen: Doctor, berlin: Site, starts: str, ends: str, weekday: int, valid: dict[str, Any]
) -> None:  # fault B3-6, fault B0-23
    with pytest.raises(ValidationError) as refused:
        availability.set_hours(hours(dr_chen, berlin, starts, ends, weekday, **valid), by=adam, now=NOW)

    assert code_of(refused.value) == "hours_overlap"
    assert "starts" in refused.value.error_dict
    assert WeeklyHours.objects.count() == 5


@pytest.mark.parametrize(
    ("starts", "ends", "weekday"), [("12:00", "13:00", 0), ("07:00", "09:00", 0), ("22:00", "09:00", 6)]
)
def test_set_hours_when_they_meet(
    adam: User, dr_chen: Doctor, berlin: Site, starts: str, ends: str, weekday: int
) -> None:
    availability.set_hours(hours(dr_chen, berlin, starts, ends, weekday), by=adam, now=NOW)

    assert WeeklyHours.objects.count() == 6


def test_set_hours_when_the_old_ones_end_before(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    dr_chen.weekly_hours.update(valid_until=date(2027, 6, 30))

    availability.set_hours(hours(dr_chen, berlin, "08:00", "12:00", valid_from=date(2027, 7, 1)), by=adam, now=NOW)

    assert WeeklyHours.objects.count() == 6


def test_set_hours_when_another_zone_makes_them_overlap(adam: User, dr_chen: Doctor) -> None:
    new_york = make_site(time_zone="America/New_York")  # 09:00 in Berlin is 03:00 there, for some weeks 04:00

    with pytest.raises(ValidationError) as refused:
        availability.set_hours(hours(dr_chen, new_york, "05:30", "07:00"), by=adam, now=NOW)
    availability.set_hours(hours(dr_chen, new_york, "07:00", "09:00"), by=adam, now=NOW)

    assert code_of(refused.value) == "hours_overlap"


def test_set_hours_when_only_the_weeks_between_the_change_days_overlap(adam: User, dr_chen: Doctor) -> None:
    new_york = make_site(time_zone="America/New_York")

    # 06:00 to 07:00 in New York is 12:00 to 13:00 in Berlin, but 11:00 to 12:00 while only New York has summer time.
    with pytest.raises(ValidationError) as refused:
        availability.set_hours(hours(dr_chen, new_york, "06:00", "07:00"), by=adam, now=NOW)

    assert code_of(refused.value) == "hours_overlap"


def test_set_hours_when_only_changed(adam: User, dr_chen: Doctor) -> None:
    monday = dr_chen.weekly_hours.get(weekday=0)
    monday.ends = time(13)

    availability.set_hours(monday, by=adam, now=NOW)

    monday.refresh_from_db()
    assert monday.ends == time(13)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends": time(9)}, "ends"),
        ({"slot_minutes": 181}, "slot_minutes"),
        ({"slot_minutes": 5}, "slot_minutes"),
        ({"weekday": 7}, "weekday"),
        ({"valid_from": date(9999, 12, 31)}, "valid_from"),
        ({"valid_until": date(1, 1, 1)}, "valid_until"),
        ({"valid_from": date(2028, 1, 2), "valid_until": date(2028, 1, 1)}, "valid_until"),
        ({"starts": time(9, 0, 30)}, "starts"),
    ],
)
def test_set_hours_when_they_make_no_sense(
    adam: User, dr_chen: Doctor, changes: dict[str, Any], field: str
) -> None:  # fault B4-5
    monday = dr_chen.weekly_hours.get(weekday=0)
    for name, value in changes.items():
        setattr(monday, name, value)

    with pytest.raises(ValidationError) as refused:
        availability.set_hours(monday, by=adam, now=NOW)

    assert field in refused.value.error_dict
    assert dr_chen.weekly_hours.get(weekday=0).starts == time(9)


def test_set_hours_by_anybody_who_may_not(
    rita: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, berlin: Site
) -> None:  # case 119, case 120, fault B0-5
    for somebody in (rita, alice.user, dr_diaz.user):
        with pytest.raises(PermissionDenied):
            availability.set_hours(hours(dr_chen, berlin, "14:00", "15:00"), by=somebody, now=NOW)

    assert WeeklyHours.objects.count() == 10


def test_set_hours_when_a_visit_falls_out_of_them(
    adam: User, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:  # case 019
    late, early = make_appointment(dr_chen, alice, at("11:30")), make_appointment(dr_chen, bob, at("09:00"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    monday.ends = time(11)

    availability.set_hours(monday, by=adam, now=NOW)

    assert waiting() == {late.reference}
    assert Appointment.objects.filter(status="scheduled").count() == 2
    with pytest.raises(ValidationError) as refused:
        booking.reschedule(early, starts_at=at("11:00"), by=bob.user, now=NOW)
    assert code_of(refused.value) == "outside_hours"


def test_set_hours_when_a_visit_lies_in_them_again(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("11:30"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    availability.remove_hours(monday, by=adam, now=NOW)
    assert len(waiting()) == 1

    availability.set_hours(monday, by=adam, now=NOW)

    assert waiting() == set()
    assert ToBeMoved.objects.get().resolved_at == NOW


def test_set_hours_when_two_of_them_share_a_visit(adam: User, alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    monday.ends = time(10, 15)

    availability.set_hours(monday, by=adam, now=NOW)
    assert len(waiting()) == 1
    availability.set_hours(hours(dr_chen, berlin, "10:15", "12:00"), by=adam, now=NOW)

    assert waiting() == set()


def test_set_hours_when_slots_get_shorter(adam: User, alice: Patient, dr_chen: Doctor) -> None:  # case 017
    visit = make_appointment(dr_chen, alice, at("10:00"))
    before = Appointment.objects.filter(pk=visit.pk).values().get()
    monday = dr_chen.weekly_hours.get(weekday=0)
    monday.slot_minutes = 20

    availability.set_hours(monday, by=adam, now=NOW)

    assert waiting() == set()
    assert Appointment.objects.filter(pk=visit.pk).values().get() == before


def test_set_exception_over_visits(
    adam: User, alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:  # case 016
    hit, spared = make_appointment(dr_chen, alice, at("10:00")), make_appointment(dr_chen, bob, at("11:00"))
    make_appointment(dr_diaz, bob, at("10:00"))
    exception = time_off("10:15", "10:20", doctor=dr_chen)

    availability.set_exception(exception, by=adam, now=NOW)

    flag = ToBeMoved.objects.get()
    assert (flag.appointment, flag.cause, flag.exception) == (hit, "exception", exception)
    hit.refresh_from_db()
    spared.refresh_from_db()
    assert hit.status == spared.status == "scheduled"


def test_set_exception_then_moved_and_removed(adam: User, alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    first, second = make_appointment(dr_chen, alice, at("10:00")), make_appointment(dr_chen, bob, at("11:00"))
    exception = availability.set_exception(time_off("10:00", "12:00", doctor=dr_chen), by=adam, now=NOW)
    assert waiting() == {first.reference, second.reference}

    exception.starts_at = at("11:00")
    availability.set_exception(exception, by=adam, now=NOW)
    assert waiting() == {second.reference}
    availability.remove_exception(exception, by=adam, now=NOW)

    assert waiting() == set()


@pytest.mark.parametrize("names_the_site", [True, False])
def test_set_exception_for_all(
    adam: User, alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, berlin: Site, names_the_site: bool
) -> None:
    elsewhere = make_site()
    make_hours(dr_chen, elsewhere, "14:00", "16:00")
    there = make_appointment(dr_chen, bob, at("14:00"), site=elsewhere)
    here = {
        make_appointment(dr_chen, alice, at("10:00")).reference,
        make_appointment(dr_diaz, bob, at("09:00")).reference,
    }
    closed = time_off("00:00", "23:00", site=berlin if names_the_site else None)

    availability.set_exception(closed, by=adam, now=NOW)

    assert waiting() == (here if names_the_site else {*here, there.reference})


def test_set_exception_over_an_overbooked_visit(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    over = make_appointment(dr_chen, alice, at("19:00"), is_overbooked=True, override_reason="asked for")
    monday = dr_chen.weekly_hours.get(weekday=0)
    monday.ends = time(11)
    availability.set_hours(monday, by=adam, now=NOW)
    assert waiting() == set()  # it was outside hours before, on purpose

    exception = availability.set_exception(time_off("18:00", "20:00", doctor=dr_chen), by=adam, now=NOW)
    assert waiting() == {over.reference}
    availability.remove_exception(exception, by=adam, now=NOW)

    assert waiting() == set()


def test_set_exception_when_the_visit_is_over(adam: User, alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, NOW - timedelta(hours=1))
    make_appointment(dr_chen, bob, at("10:00"), status="cancelled")

    exception = ScheduleException(
        kind=ExceptionKind.TIME_OFF, doctor=dr_chen, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=20)
    )
    availability.set_exception(exception, by=adam, now=NOW)

    assert waiting() == set()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends_at": at("09:00")}, "ends_at"),
        ({"ends_at": at("10:00", MONDAY + timedelta(days=3652))}, "ends_at"),
        ({"ends_at": at("09:00", date(9999, 12, 30))}, "ends_at"),
        ({"kind": ExceptionKind.EXTRA_HOURS, "site": None}, "__all__"),
        ({"kind": ExceptionKind.EXTRA_HOURS, "ends_at": at("10:01", MONDAY + timedelta(days=1))}, "ends_at"),
        ({"kind": "party"}, "kind"),
    ],
)
def test_set_exception_when_it_makes_no_sense(
    adam: User, dr_chen: Doctor, berlin: Site, fields: dict[str, Any], field: str
) -> None:  # fault B3-10
    exception = time_off("10:00", "11:00", doctor=dr_chen, site=berlin)
    for name, value in fields.items():
        setattr(exception, name, value)

    with pytest.raises(ValidationError) as refused:
        availability.set_exception(exception, by=adam, now=NOW)

    assert field in refused.value.error_dict
    assert not ScheduleException.objects.exists()


def test_set_exception_by_anybody_who_may_not(
    rita: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:  # fault B0-7
    for somebody in (rita, alice.user, dr_diaz.user):
        with pytest.raises(PermissionDenied):
            availability.set_exception(time_off("10:00", "11:00", doctor=dr_chen), by=somebody, now=NOW)

    assert not ScheduleException.objects.exists()


def test_remove_extra_hours_with_a_visit(adam: User, alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    extra = time_off("14:00", "16:00", doctor=dr_chen, site=berlin)
    extra.kind = ExceptionKind.EXTRA_HOURS
    availability.set_exception(extra, by=adam, now=NOW)
    visit = make_appointment(dr_chen, alice, at("14:00"))

    availability.remove_exception(extra, by=adam, now=NOW)

    assert waiting() == {visit.reference}


def test_set_exception_asks_the_database_equally_often(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    def queries(visits: int) -> int:
        ToBeMoved.objects.all().delete()
        Appointment.objects.all().delete()
        ScheduleException.objects.all().delete()
        for number in range(visits):
            make_appointment(dr_chen, alice, at("09:00") + timedelta(minutes=30 * number))
        with CaptureQueriesContext(connection) as asked:
            availability.set_exception(time_off("00:00", "12:00", doctor=dr_chen), by=adam, now=NOW)
        assert len(waiting()) == visits
        return len(asked)

    assert queries(6) == queries(1)


def gone_since(monkeypatch: pytest.MonkeyPatch, module: Any, row: Any) -> Any:
    """``row``, which somebody removes after a verb has read it, and before the verb has its locks."""
    before = type(row).objects.get(pk=row.pk)
    monkeypatch.setattr(module, "known" if isinstance(row, WeeklyHours) else "_known", lambda _row, *, by: before)
    type(row).objects.filter(pk=row.pk).delete()
    return row


def test_set_hours_when_they_were_removed_meanwhile(
    adam: User, dr_chen: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = gone_since(monkeypatch, availability.hours, dr_chen.weekly_hours.get(weekday=0))
    monday.ends = time(11)

    with pytest.raises(ValidationError) as refused:
        availability.set_hours(monday, by=adam, now=NOW)

    assert refused.value.code == "stale"
    assert not dr_chen.weekly_hours.filter(weekday=0).exists()


def test_remove_hours_when_they_were_removed_meanwhile(
    adam: User, dr_chen: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = gone_since(monkeypatch, availability.hours, dr_chen.weekly_hours.get(weekday=0))

    availability.remove_hours(monday, by=adam, now=NOW)

    assert not AuditEntry.objects.filter(verb="clinic.weekly_hours.removed").exists()


def test_set_exception_when_it_was_removed_meanwhile(
    adam: User, dr_chen: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = make_time_off(at("09:00"), at("10:00"), dr_chen)
    gone_since(monkeypatch, availability.exceptions, away)
    away.ends_at = at("11:00")

    with pytest.raises(ValidationError) as refused:
        availability.set_exception(away, by=adam, now=NOW)

    assert refused.value.code == "stale"
    assert not ScheduleException.objects.exists()


def test_remove_exception_when_it_was_removed_meanwhile(
    adam: User, dr_chen: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = make_time_off(at("09:00"), at("10:00"), dr_chen)
    gone_since(monkeypatch, availability.exceptions, away)

    availability.remove_exception(away, by=adam, now=NOW)

    assert not AuditEntry.objects.filter(verb="clinic.schedule_exception.removed").exists()
