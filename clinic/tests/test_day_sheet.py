"""The day sheet: what is on it, for whom, how much the database is asked, and its file."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Patient, User
from accounts.tests.factories import make_patient
from clinic import day_sheet
from clinic.day_sheet import Away, Free, Visit
from clinic.models import Doctor, Site, Status, ToBeMoved
from clinic.tests.desk import CANARY
from clinic.tests.factories import (
    MONDAY,
    at,
    make_appointment,
    make_doctor,
    make_extra_hours,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)

TEN = at("10:05")


@pytest.fixture
def ask(rita: User, berlin: Site) -> Any:
    """Rita's sheet of Monday in Berlin, at five past ten."""

    def sheet(now: datetime = TEN, by: User = rita, site: Site = berlin, **asked: Any) -> day_sheet.Sheet:
        return day_sheet.sheet(by, site, MONDAY, now=now, **asked)

    return sheet


def visits(sheet: day_sheet.Sheet) -> dict[str, Visit]:
    """By the clock at which they begin."""
    found = [entry for column in sheet.columns for entry in column.entries if isinstance(entry, Visit)]
    return {entry.starts_at.strftime("%H:%M"): entry for entry in found}


def of_kind(sheet: day_sheet.Sheet, kind: type) -> list[Any]:
    return [entry for column in sheet.columns for entry in column.entries if isinstance(entry, kind)]


def test_sheet(ask: Any, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient, berlin: Site) -> None:
    london = make_site(name="London", time_zone="Europe/London")
    make_appointment(dr_chen, alice, at("09:30"))
    make_appointment(dr_diaz, bob, at("09:30"), status=Status.COMPLETED)
    make_appointment(dr_chen, alice, at("09:30", MONDAY + timedelta(days=1)))
    make_appointment(dr_chen, bob, at("10:30"), site=london)
    make_appointment(dr_chen, None, at("11:00"), status=Status.HELD, hold_expires_at=at("10:10"))

    found = ask()

    assert [column.doctor for column in found.columns] == [dr_chen, dr_diaz]
    first, second = found.columns
    assert [e.appointment.patient for e in first.entries if isinstance(e, Visit)] == [alice]
    assert [e.appointment.patient for e in second.entries if isinstance(e, Visit)] == [bob]


def test_sheet_counts(ask: Any, dr_chen: Doctor) -> None:
    states = [Status.COMPLETED, Status.ARRIVED, Status.IN_PROGRESS, Status.SCHEDULED, Status.SCHEDULED]
    for number, status in enumerate([*states, Status.NO_SHOW, Status.CANCELLED]):
        make_appointment(
            dr_chen, make_patient(), at("09:00") + number * timedelta(minutes=20), minutes=20, status=status
        )

    counts = ask().counts

    assert (counts.expected, counts.late, counts.arrived, counts.waiting) == (2, 1, 3, 1)
    assert (counts.in_progress, counts.done, counts.no_show, counts.cancelled) == (1, 1, 1, 1)


def test_sheet_says_who_is_late_and_who_waits(ask: Any, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    make_appointment(dr_chen, alice, at("09:30"))
    make_appointment(dr_chen, bob, at("10:00"), status=Status.ARRIVED, arrived_at=at("09:53"))
    make_appointment(dr_chen, alice, at("11:00"))

    late, waiting, early = visits(ask()).values()

    assert (late.late_minutes, late.waiting_minutes) == (35, None)
    assert (waiting.late_minutes, waiting.waiting_minutes) == (None, 12)
    assert (early.late_minutes, early.waiting_minutes) == (None, None)


def test_sheet_offers_the_steps_that_make_sense(ask: Any, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    make_appointment(dr_chen, alice, at("09:30"), status=Status.IN_PROGRESS)
    make_appointment(dr_chen, bob, at("11:00"))

    first, second = visits(ask()).values()

    assert first.steps == ("complete",)
    assert second.steps == ("arrive", "start", "cancel")
    assert (first.may_move, second.may_move) == (False, True)


def test_sheet_marks_what_is_to_be_moved(ask: Any, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    waits = make_appointment(dr_chen, alice, at("09:30"))
    done = make_appointment(dr_chen, bob, at("10:30"))
    ToBeMoved.objects.create(appointment=waits, cause="hours")
    ToBeMoved.objects.create(appointment=done, cause="hours", resolved_at=at("08:00"))

    assert [visit.must_be_moved for visit in visits(ask()).values()] == [True, False]


def test_sheet_shows_free_times_and_time_off(
    ask: Any, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, berlin: Site
) -> None:
    make_appointment(dr_chen, alice, at("10:30"))
    make_time_off(at("11:00"), at("11:30"), dr_chen)
    make_time_off(at("00:00"), at("00:00", MONDAY + timedelta(days=1)), dr_diaz)
    make_time_off(at("20:00"), at("21:00"), site=berlin)
    make_time_off(at("20:00"), at("21:00"), site=make_site())

    chen, diaz = (found := ask()).columns

    # What has begun is offered no more.
    assert [slot.starts_at for entry in chen.entries if isinstance(entry, Free) for slot in entry.slots] == [
        at("11:30")
    ]
    assert [type(entry) for entry in chen.entries] == [Visit, Away, Free]
    assert [(entry.starts_at, entry.is_all_day) for entry in diaz.entries] == [(at("00:00"), True)]
    assert [(away.starts_at, away.ends_at) for away in found.closures] == [(at("20:00"), at("21:00"))]


def test_sheet_offers_no_time_of_who_is_gone(ask: Any, dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("10:30"))
    dr_chen.user.is_active = False
    dr_chen.user.save()

    found = ask()

    assert len(visits(found)) == 1
    assert of_kind(found, Free) == []


def test_sheet_has_who_works_and_who_is_visited(ask: Any, dr_chen: Doctor, alice: Patient, berlin: Site) -> None:
    london = make_site(name="London", time_zone="Europe/London")
    elsewhere, gone, extra, weekend, unknown = (make_doctor() for _ in range(5))
    make_hours(elsewhere, london)
    make_hours(gone, berlin)
    gone.user.is_active = False
    gone.user.save()
    make_extra_hours(extra, berlin, at("13:00"), at("14:00"))
    make_hours(weekend, berlin, weekdays=(5, 6))
    make_hours(unknown, berlin, valid_until=MONDAY - timedelta(days=2))
    visited = make_doctor()
    make_appointment(visited, alice, at("15:00"), site=berlin)

    assert set(ask().doctors) == {dr_chen, extra, visited}


@pytest.mark.parametrize(
    ("only", "clocks"),
    [
        ("", ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"]),
        ("expected", ["08:00", "10:00"]),
        ("late", ["08:00"]),
        ("waiting", ["08:30"]),
        ("in_progress", ["09:00"]),
        ("done", ["09:30"]),
        ("cancelled", ["10:30"]),
        ("no_show", []),
        ("to_be_moved", ["10:00"]),
        ("held", ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"]),
    ],
)
def test_sheet_of_one_state(ask: Any, dr_chen: Doctor, only: str, clocks: list[str]) -> None:
    states = (Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED, Status.SCHEDULED)
    made = [
        make_appointment(dr_chen, make_patient(), at("09:00") + number * timedelta(minutes=30), status=status)
        for number, status in enumerate((*states, Status.CANCELLED))
    ]
    ToBeMoved.objects.create(appointment=made[4], cause="hours")

    found = ask(only=only)

    assert list(visits(found)) == clocks
    assert found.counts.expected == 2
    assert bool(of_kind(found, Free)) == (only in ("", "held"))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("archer", ["Alice Archer"]),
        ("ali arch", ["Alice Archer"]),
        ("030 1234", ["Bob Baker"]),
        ("1980-05-03", ["Alice Archer"]),
        ("3.5.1980", ["Alice Archer"]),
        ("nobody", []),
        ("carol", []),
        ("  ", ["Alice Archer", "Bob Baker"]),
    ],
)
def test_sheet_of_whom_the_words_describe(
    ask: Any, dr_chen: Doctor, alice: Patient, bob: Patient, words: str, names: list[str]
) -> None:
    make_patient(first_name="Carol")
    Patient.objects.filter(pk=alice.pk).update(date_of_birth="1980-05-03")
    Patient.objects.filter(pk=bob.pk).update(phone="+49301234567")
    make_appointment(dr_chen, alice, at("09:30"))
    make_appointment(dr_chen, bob, at("10:30"))

    assert [str(visit.appointment.patient) for visit in visits(ask(words=words)).values()] == names


def test_sheet_of_one_doctor(ask: Any, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient) -> None:
    make_appointment(dr_chen, alice, at("09:30"))
    make_appointment(dr_diaz, bob, at("09:30"))

    found = ask(doctor=dr_diaz.pk)

    assert [column.doctor for column in found.columns] == [dr_diaz]
    assert found.doctors == (dr_chen, dr_diaz)
    assert found.counts.expected == 1


def test_sheet_in_pages(ask: Any, berlin: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.day_sheet.reading.DOCTORS_AT_ONCE", 2)
    for _number in range(3):
        make_hours(make_doctor(), berlin)

    pages = [ask(page=page) for page in (1, 2, 99)]

    assert [len(page.columns) for page in pages] == [2, 1, 1]
    assert [(page.page, page.pages) for page in pages] == [(1, 2), (2, 2), (2, 2)]
    assert len(ask(page=None).columns) == 3


def test_sheet_of_a_site_in_another_zone(ask: Any, dr_chen: Doctor, alice: Patient) -> None:
    honolulu = make_site(name="Honolulu", time_zone="Pacific/Honolulu")
    make_appointment(dr_chen, alice, at("23:30", MONDAY, honolulu), site=honolulu)

    assert list(visits(ask(site=honolulu))) == ["09:30"]


@pytest.mark.parametrize("who", ["alice", "dr_diaz"])
def test_sheet_for_those_who_may_not_see(request: Any, ask: Any, dr_chen: Doctor, bob: Patient, who: str) -> None:
    make_appointment(dr_chen, bob, at("09:30"))

    found = ask(by=request.getfixturevalue(who).user)

    assert visits(found) == {}
    assert found.counts.expected == 0


def test_sheet_loads_no_reasons(ask: Any, dr_chen: Doctor, alice: Patient) -> None:
    # case 112
    make_appointment(dr_chen, alice, at("09:30"), reason=f"{CANARY} knee", notes=f"{CANARY} fracture")

    with CaptureQueriesContext(connection) as asked:
        appointment = visits(ask()).popitem()[1].appointment

    assert {"reason", "notes", "cancel_reason", "override_reason"} <= appointment.get_deferred_fields()
    assert "insurance_number" in appointment.patient.get_deferred_fields()
    assert '."notes"' not in "".join(query["sql"] for query in asked)


def test_sheet_asks_as_often_when_there_is_more(ask: Any, dr_chen: Doctor, berlin: Site) -> None:
    # case 214
    def fill(doctors: int, number: int) -> None:
        for doctor in [make_doctor() for _doctor in range(doctors)]:
            make_hours(doctor, berlin)
            make_time_off(at("13:00"), at("14:00"), doctor)
            for half_hour in range(number):
                start = at("09:00") + half_hour * timedelta(minutes=30)
                status = (Status.SCHEDULED, Status.ARRIVED, Status.CANCELLED, Status.COMPLETED)[half_hour % 4]
                kind = make_visit_type()
                make_appointment(doctor, make_patient(), start, status=status, visit_type=kind, arrived_at=start)

    def queries(**asked: Any) -> int:
        with CaptureQueriesContext(connection) as counted:
            ask(**asked)
        return len(counted)

    fill(1, 2)
    few = queries(), queries(words="a"), queries(only="late")
    fill(4, 6)

    assert (queries(), queries(words="a"), queries(only="late")) == few
    assert max(few) <= 9


def test_export(dr_chen: Doctor, alice: Patient, bob: Patient, berlin: Site, rita: User) -> None:
    # case 112
    Patient.objects.filter(pk=alice.pk).update(first_name='=HYPERLINK("http://evil.example")', phone="+49301234567")
    texts = {"reason": f"{CANARY} knee", "notes": f"{CANARY} fracture"}
    kind = make_visit_type(name="@Check-up")
    make_appointment(dr_chen, alice, at("09:30"), visit_type=kind, **texts)
    over = {"is_overbooked": True, "override_reason": f"{CANARY} urgent"}
    make_appointment(dr_chen, bob, at("09:30"), status=Status.ARRIVED, **over)

    text = day_sheet.export(rita, berlin, MONDAY, now=TEN)

    heading, *lines = text.removeprefix("\ufeff").splitlines()
    assert text.startswith("\ufeff")
    assert heading == "Time,Doctor,Patient,Phone,Visit,State,Overbooked"
    assert set(lines) == {
        '09:30,Dr. Wei Chen,"\'=HYPERLINK(""http://evil.example"") Archer",\'+49301234567,\'@Check-up,Scheduled,',
        "09:30,Dr. Wei Chen,Bob Baker,,,Arrived,Yes",
    }
    assert CANARY not in text
    entry = AuditEntry.objects.get(verb="clinic.day_sheet.exported")
    assert (entry.actor, entry.object_id) == (rita.pk, str(berlin.pk))
    assert (entry.changes["rows"], entry.changes["words"]) == (2, False)


def test_export_when_narrowed(dr_chen: Doctor, alice: Patient, bob: Patient, berlin: Site, rita: User) -> None:
    make_appointment(dr_chen, alice, at("09:30"))
    make_appointment(dr_chen, bob, at("10:30"))

    text = day_sheet.export(rita, berlin, MONDAY, now=TEN, words="archer")

    assert "Archer" in text
    assert "Baker" not in text
    # Whom somebody looked for is nobody's business: the trail knows that he did.
    changes = AuditEntry.objects.get(verb="clinic.day_sheet.exported").changes
    assert changes["words"] is True
    assert "archer" not in str(changes)


@pytest.mark.parametrize("who", ["alice", "dr_chen"])
def test_export_for_others(request: Any, dr_chen: Doctor, alice: Patient, berlin: Site, who: str) -> None:
    with pytest.raises(PermissionDenied):
        day_sheet.export(request.getfixturevalue(who).user, berlin, MONDAY, now=TEN)

    assert not AuditEntry.objects.filter(verb="clinic.day_sheet.exported").exists()
