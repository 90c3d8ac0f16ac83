"""For any calendar: the slots are what a slow oracle finds, all of them can be booked, and cancelling brings them back.

Days on which clocks change are included, in zones that do it differently: Cairo and Santiago at midnight, Lord Howe by
half an hour, Kolkata never.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings

from accounts.models import Patient
from accounts.tests.factories import make_patient
from clinic import booking
from clinic.models import Appointment
from clinic.tests.worlds import NOW, ZONES, World, change_days, quiet_worlds, worlds

QUICK = settings(
    # Shrinking takes minutes; the long tests do it.
    phases=[Phase.generate],
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
LONG = settings(QUICK, phases=[Phase.generate, Phase.shrink], max_examples=1500, derandomize=False, print_blob=True)
NO_LIMITS = {
    "BOOKING_MIN_NOTICE_MINUTES": 0,
    "BOOKING_HORIZON_DAYS": 500,
    "CANCELLATION_NOTICE_HOURS": 0,
    "MAX_UPCOMING_PER_PATIENT": 1000,
}


def test_change_days_are_known() -> None:
    """A database of zones without changes would make everything below prove little."""
    assert {zone: len(change_days(zone)) for zone in ZONES} == dict.fromkeys(ZONES, 2) | {"Asia/Kolkata": 0}


@pytest.fixture
def patients(db: None) -> list[Patient]:
    """Enough for every appointment that is drawn."""
    return [make_patient() for _number in range(8)]


def check_the_slots_are_the_oracles(world: World, patients: list[Patient]) -> None:
    with transaction.atomic(), override_settings(**NO_LIMITS):
        world.put_into_the_database(patients)

        offered = world.offered()

        assert world.names(offered) == world.expected()
        for slot in world.whole_grid()[::9]:
            assert world.can_be_booked(slot) == (slot in offered)
        transaction.set_rollback(True)


def check_all_that_is_offered_can_be_booked(world: World, patient: Patient) -> None:
    with transaction.atomic(), override_settings(**NO_LIMITS):
        world.put_into_the_database([])
        at_first = left = world.offered()
        booked: list[Appointment] = []

        while left:
            # From the middle, so that what is booked has neighbours on both sides.
            slot = left[len(left) // 2]
            booked.append(
                booking.book(
                    doctor=world.doctor,
                    patient=patient,
                    starts_at=slot.starts_at,
                    visit_type=world.visit_type,
                    by=patient.user,
                    now=NOW,
                )
            )
            assert (booked[-1].starts_at, booked[-1].ends_at, booked[-1].site) == (
                slot.starts_at,
                slot.ends_at,
                slot.site,
            )
            remaining = world.offered()
            assert slot not in remaining
            near = timedelta(minutes=world.before + world.after)
            gone = [one for one in left if one not in remaining]
            assert all(one.starts_at < slot.ends_at + near and slot.starts_at - near < one.ends_at for one in gone)
            left = remaining
        for appointment in booked:
            booking.cancel(appointment, by=patient.user, now=NOW)

        assert world.offered() == at_first
        transaction.set_rollback(True)


@given(world=worlds())
@QUICK
def test_search_finds_what_the_oracle_finds(world: World, patients: list[Patient]) -> None:
    check_the_slots_are_the_oracles(world, patients)


@given(world=quiet_worlds)
@settings(QUICK, max_examples=20)
def test_book_all_that_is_offered_then_cancel(world: World, patients: list[Patient]) -> None:
    check_all_that_is_offered_can_be_booked(world, patients[0])


@pytest.mark.long
@given(world=worlds())
@LONG
def test_search_finds_what_the_oracle_finds_in_many_worlds(world: World, patients: list[Patient]) -> None:
    check_the_slots_are_the_oracles(world, patients)


@pytest.mark.long
@given(world=quiet_worlds)
@settings(LONG, max_examples=300)
def test_book_all_that_is_offered_then_cancel_in_many_worlds(world: World, patients: list[Patient]) -> None:
    check_all_that_is_offered_can_be_booked(world, patients[0])
