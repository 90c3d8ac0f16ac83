"""What the database refuses by itself, whoever writes: raw SQL goes past every rule of the application."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import timezone

from accounts.models import Patient
from clinic.constraints import NoOverlap
from clinic.models import Appointment, Doctor, Status
from clinic.models.appointment import HOLDS_TIME
from clinic.tests.factories import at, make_appointment
from clinic.tests.raw import DOCTOR_IS_BUSY, PATIENT_IS_BUSY, insert, move, refused, row, update

OVERLAPPING = [("09:45", "10:15"), ("10:15", "10:45"), ("10:00", "10:30"), ("10:10", "10:20"), ("09:30", "11:00")]
ADJACENT = [("09:30", "10:00"), ("10:30", "11:00")]
INSERTS = {
    "sqlite": [
        ("INSERT OR ABORT", ""),
        ("INSERT OR FAIL", ""),
        ("INSERT OR IGNORE", ""),
        ("INSERT OR REPLACE", ""),
        ("REPLACE", ""),
        ("INSERT", "ON CONFLICT DO NOTHING"),
        ("INSERT", "ON CONFLICT (id) DO UPDATE SET notes = ''"),
        ("INSERT", "ON CONFLICT (reference) DO UPDATE SET notes = ''"),
    ],
    "postgresql": [
        ("INSERT", "ON CONFLICT (id) DO NOTHING"),
        ("INSERT", "ON CONFLICT (id) DO UPDATE SET notes = ''"),
        ("INSERT", "ON CONFLICT (reference) DO UPDATE SET notes = ''"),
    ],
}
"""Ways to write an INSERT that knows how to get round a conflict."""
UPDATES = {
    "sqlite": ["UPDATE OR ABORT", "UPDATE OR FAIL", "UPDATE OR IGNORE", "UPDATE OR REPLACE"],
    "postgresql": ["UPDATE", "UPDATE ONLY"],
}


@pytest.mark.parametrize(("starts", "ends"), OVERLAPPING)
def test_insert_when_the_doctor_is_busy(  # fault B0-21, fault B4-2: other starts collide too
    alice: Patient, bob: Patient, dr_chen: Doctor, starts: str, ends: str
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with refused(by=DOCTOR_IS_BUSY):
        insert(row(dr_chen, bob, at(starts), at(ends)))


@pytest.mark.parametrize(("starts", "ends"), OVERLAPPING)
def test_insert_when_the_patient_is_busy(  # fault B0-22
    alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, starts: str, ends: str
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with refused(by=PATIENT_IS_BUSY):
        insert(row(dr_diaz, alice, at(starts), at(ends)))


@pytest.mark.parametrize(("starts", "ends"), ADJACENT)
def test_insert_when_the_times_only_touch(alice: Patient, dr_chen: Doctor, starts: str, ends: str) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    insert(row(dr_chen, alice, at(starts), at(ends)))

    assert Appointment.objects.count() == 2


@pytest.mark.parametrize(("starts", "ends"), OVERLAPPING)
def test_insert_when_doctor_and_patient_are_others(
    alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, starts: str, ends: str
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    insert(row(dr_diaz, bob, at(starts), at(ends)))

    assert Appointment.objects.count() == 2


@pytest.mark.parametrize(("how", "conflict"), INSERTS[connection.vendor])
def test_insert_when_the_statement_would_get_round_conflicts(
    alice: Patient, bob: Patient, dr_chen: Doctor, how: str, conflict: str
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with refused(by=DOCTOR_IS_BUSY):
        insert(row(dr_chen, bob, at("10:15"), at("10:45")), how=how, conflict=conflict)


def test_insert_when_conflicts_are_ignored(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    # PostgreSQL leaves the row out, SQLite raises.
    with suppress(IntegrityError), transaction.atomic():
        Appointment.objects.bulk_create([row(dr_chen, bob, at("10:15"), at("10:45"))], ignore_conflicts=True)

    assert [one.patient for one in Appointment.objects.all()] == [alice]


def test_insert_when_two_rows_of_one_statement_overlap(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    rows = [row(dr_chen, alice, at("10:00"), at("10:30")), row(dr_chen, bob, at("10:15"), at("10:45"))]

    with refused(by=DOCTOR_IS_BUSY):
        insert(*rows)


def test_insert_when_only_the_buffers_overlap(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"), occupied_until=at("10:40"))

    with refused(by=DOCTOR_IS_BUSY):
        insert(row(dr_chen, bob, at("10:30"), at("11:00")))


def test_insert_when_the_patient_comes_during_a_buffer(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"), occupied_until=at("10:40"))

    insert(row(dr_diaz, alice, at("10:30"), at("11:00")))

    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("status", Status.values)
def test_insert_when_the_other_holds_time_or_not(alice: Patient, bob: Patient, dr_chen: Doctor, status: str) -> None:
    deadline = at("09:00") if status == Status.HELD else None
    make_appointment(dr_chen, alice, at("10:00"), status=status, hold_expires_at=deadline)
    late = row(dr_chen, bob, at("10:00"), at("10:30"))

    if status in HOLDS_TIME:
        with refused(by=DOCTOR_IS_BUSY):
            insert(late)
    else:  # fault B1-10, fault B3-7
        insert(late)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_insert_when_the_new_row_holds_no_time(alice: Patient, dr_chen: Doctor, status: Status) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    insert(row(dr_chen, alice, at("10:00"), at("10:30"), status=status))

    assert Appointment.objects.count() == 2


def test_insert_when_nobody_is_named_yet(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    held = {"status": Status.HELD, "hold_expires_at": at("09:00")}
    make_appointment(dr_chen, None, at("10:00"), **held)

    insert(row(dr_diaz, None, at("10:00"), at("10:30"), **held))

    assert Appointment.objects.count() == 2


def test_insert_when_the_doctor_is_overbooked_on_purpose(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    insert(row(dr_chen, bob, at("10:00"), at("10:30"), is_overbooked=True, override_reason="pain"))

    assert Appointment.objects.count() == 2


def test_insert_when_the_patient_would_be_overbooked(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with refused(by=PATIENT_IS_BUSY):
        insert(row(dr_diaz, alice, at("10:15"), at("10:45"), is_overbooked=True, override_reason="pain"))


def test_update_when_it_moves_onto_another(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    mine = make_appointment(dr_chen, bob, at("11:00"))

    with refused(by=DOCTOR_IS_BUSY):
        move(mine, at("10:15"))


@pytest.mark.parametrize("how", UPDATES[connection.vendor])
def test_update_when_the_statement_would_get_round_conflicts(
    alice: Patient, bob: Patient, dr_chen: Doctor, how: str
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    mine = make_appointment(dr_chen, bob, at("11:00"))

    with refused(by=DOCTOR_IS_BUSY):
        move(mine, at("10:15"), how=how)


def test_update_when_it_overlaps_only_itself(alice: Patient, dr_chen: Doctor) -> None:  # fault B3-8
    mine = make_appointment(dr_chen, alice, at("10:00"))

    move(mine, at("10:15"))

    mine.refresh_from_db()
    assert mine.starts_at == at("10:15")


def test_update_when_a_cancelled_one_comes_back(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 037
    cancelled = make_appointment(dr_chen, alice, at("10:00"), status=Status.CANCELLED)
    make_appointment(dr_chen, bob, at("10:15"))

    with refused(by=DOCTOR_IS_BUSY):
        update(cancelled, status=Status.SCHEDULED)


def test_update_when_overbooking_is_taken_back(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    over = make_appointment(dr_chen, bob, at("10:00"), is_overbooked=True, override_reason="pain")

    with refused(by=DOCTOR_IS_BUSY):
        update(over, is_overbooked=False)


def test_update_when_the_doctor_changes(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    mine = make_appointment(dr_diaz, bob, at("10:15"))

    with refused(by=DOCTOR_IS_BUSY):
        update(mine, doctor=dr_chen)


def test_update_when_the_patient_changes(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    mine = make_appointment(dr_diaz, bob, at("10:15"))

    with refused(by=PATIENT_IS_BUSY):
        update(mine, patient=alice)


def test_update_when_all_rows_move_at_once(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, bob, at("11:00"))

    with refused(by=DOCTOR_IS_BUSY):
        Appointment.objects.update(
            starts_at=at("09:00"), ends_at=at("09:30"), occupied_from=at("09:00"), occupied_until=at("09:30")
        )


TIMES_AS_TEXT = ["2027-03-01T09:00:00", "2027-03-01 10:00:00+01:00", "2027-03-01 09:00:00Z", "2461100.875", 1803888000]


@pytest.mark.parametrize("text", TIMES_AS_TEXT)
def test_update_when_a_time_is_written_another_way(
    alice: Patient, bob: Patient, dr_chen: Doctor, text: str | int
) -> None:
    # All of it is 10:00 in Berlin, or nearly; whatever the database makes of it, it must not slip past the constraint.
    make_appointment(dr_chen, alice, at("10:00"))
    mine = make_appointment(dr_chen, bob, at("11:00"))

    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Appointment._meta.db_table} SET starts_at = %s, occupied_from = %s WHERE id = %s",
            [text, text, Appointment._meta.pk.get_db_prep_save(mine.pk, connection)],
        )


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("appointment_ends_after_it_starts", {"ends_at": at("10:00")}),
    ("appointment_ends_after_it_starts", {"ends_at": at("09:30")}),
    ("occupied_time_covers_the_visit", {"occupied_from": at("10:05")}),
    ("occupied_time_covers_the_visit", {"occupied_until": at("10:25")}),
    ("appointment_has_a_known_status", {"status": "perhaps"}),
    ("only_a_hold_is_without_patient", {"patient": None}),
    ("a_hold_has_a_deadline", {"hold_expires_at": at("09:00")}),
    ("a_hold_has_a_deadline", {"status": Status.HELD}),
    ("overbooking_has_a_reason", {"is_overbooked": True}),
]


@pytest.mark.parametrize(("constraint", "fields"), BROKEN)
def test_insert_when_the_row_makes_no_sense(
    alice: Patient, dr_chen: Doctor, constraint: str, fields: dict[str, Any]
) -> None:  # fault B4-5: an end before the start
    nonsense = row(dr_chen, alice, at("10:00"), at("10:30"))
    for name, value in fields.items():
        setattr(nonsense, name, value)

    with refused(by=constraint):
        insert(nonsense)


def test_insert_when_the_visitor_holds_a_time_already(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    held = {"status": Status.HELD, "hold_expires_at": at("09:00"), "visitor": "v"}
    make_appointment(dr_chen, None, at("10:00"), **held)

    with refused(by="visitor"):
        insert(row(dr_diaz, None, at("11:00"), at("11:30"), **held))


def constraint_of_doctors() -> NoOverlap:
    """The one on the model."""
    return next(one for one in Appointment._meta.constraints if isinstance(one, NoOverlap) and one.owner == "doctor")


def test_deconstruct_then_build_again() -> None:
    constraint = constraint_of_doctors()
    path, args, kwargs = constraint.deconstruct()

    again = NoOverlap(*args, **kwargs)

    assert path == "clinic.constraints.NoOverlap"
    assert again == constraint
    assert hash(again) == hash(constraint)
    assert constraint.clone() == constraint


@pytest.mark.parametrize(
    "change", [{"owner": "patient"}, {"start": "starts_at"}, {"end": "ends_at"}, {"while_": models.Q(status="held")}]
)
def test_compare_when_a_part_differs(change: dict[str, Any]) -> None:
    constraint = constraint_of_doctors()
    _path, args, kwargs = constraint.deconstruct()

    assert NoOverlap(*args, **kwargs | change) != constraint
    assert constraint != models.CheckConstraint(name=constraint.name, condition=models.Q(pk=None))


def code_of_validate(appointment: Appointment, exclude: set[str] | None = None) -> str | None:
    """What full_clean would say about overlaps: the code, or None."""
    try:
        appointment.validate_constraints(exclude=exclude)
    except ValidationError as error:
        return error.error_dict["__all__"][0].code
    return None


def test_validate_when_the_doctor_is_busy(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    assert code_of_validate(row(dr_chen, bob, at("10:15"), at("10:45"))) == "slot_taken"
    assert code_of_validate(row(dr_chen, bob, at("10:30"), at("11:00"))) is None


def test_validate_when_the_patient_is_busy(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    assert code_of_validate(row(dr_diaz, alice, at("10:15"), at("10:45"))) == "patient_busy"


def test_validate_when_the_other_is_itself(alice: Patient, dr_chen: Doctor) -> None:
    assert code_of_validate(make_appointment(dr_chen, alice, at("10:00"))) is None


def test_validate_when_the_new_row_holds_no_time(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    assert code_of_validate(row(dr_chen, bob, at("10:00"), at("10:30"), status=Status.CANCELLED)) is None


def test_validate_when_a_field_is_not_in_the_form(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    assert code_of_validate(row(dr_chen, bob, at("10:00"), at("10:30")), exclude={"occupied_from"}) is None


@pytest.mark.parametrize(("minutes", "code"), [(-1, None), (5, "slot_taken")])
def test_validate_when_the_other_is_a_hold(bob: Patient, dr_chen: Doctor, minutes: int, code: str | None) -> None:
    deadline = timezone.now() + timedelta(minutes=minutes)
    make_appointment(dr_chen, None, at("10:00"), status=Status.HELD, hold_expires_at=deadline)

    assert code_of_validate(row(dr_chen, bob, at("10:00"), at("10:30"))) == code
