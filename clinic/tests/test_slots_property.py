"""For any calendar: the slots are what a slow oracle finds, all of them can be booked, and cancelling brings them back.

Days on which clocks change are included, in zones that do it differently: Cairo and Santiago at midnight, Lord Howe by
half an hour, Kolkata never.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Patient
from accounts.tests.factories import make_patient
from clinic import booking, slots
from clinic.models import Appointment, Site, Status, VisitType, WeeklyHours
from clinic.slots import Slot, Span
from clinic.tests import oracle
from clinic.tests.factories import make_doctor, make_extra_hours, make_site, make_time_off, make_visit_type

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Santiago",
)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUICK = settings(
    # Shrinking takes minutes; the long tests do it.
    phases=[Phase.generate],
    max_examples=80,
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


@cache
def change_days(zone: str) -> list[date]:
    """The days of 2027 on which the zone's clocks change."""
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(1, 365)]
    offsets = [datetime.combine(day, time(12), tzinfo=ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after]


def test_change_days_are_known() -> None:
    """A database of zones without changes would make everything below prove little."""
    assert {zone: len(change_days(zone)) for zone in ZONES} == dict.fromkeys(ZONES, 2) | {"Asia/Kolkata": 0}


clocks = st.integers(0, 24 * 12 - 1).map(lambda fives: time(fives // 12, fives % 12 * 5))
clocks_about_the_change = st.sampled_from([time(hour, minute) for hour in (23, 0, 1, 2, 3) for minute in (0, 15, 45)])
steps = st.sampled_from([30, 15, 10, 20, 25, 30, 45, 60, 90])


class World:
    """A calendar drawn at random, as the oracle knows it and as rows of the database."""

    def __init__(self, draw: st.DrawFn, *, quiet: bool = False) -> None:
        zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2))
        days = change_days(zones[0])
        middle = draw(st.sampled_from(days)) if days and draw(st.booleans()) else date(2027, 6, 15)
        self.first = middle - timedelta(days=1)
        self.last = self.first + timedelta(days=draw(st.integers(1, 2 if quiet else 3)))
        self.zone_of = {f"site {number}": zone for number, zone in enumerate(zones)}
        self.calendar = oracle.Calendar()
        self._draw_hours(draw, most=2 if quiet else 4)
        self._draw_exceptions(draw)
        self.states: list[Status] = []
        if not quiet:
            self._draw_appointments(draw)
        self.length = draw(st.none() | st.sampled_from([5, 15, 20, 30, 45, 50, 60, 120]))
        self.before, self.after = (
            (draw(st.sampled_from([0, 0, 5, 10, 30])) for _ in range(2)) if self.length else (0, 0)
        )

    def instant(self, draw: st.DrawFn) -> datetime:
        """A whole minute in or about the days that are looked at."""
        midnight = datetime.combine(self.first, time(), tzinfo=UTC)
        days = (self.last - self.first).days + 1
        return (
            midnight
            + draw(st.integers(-12 * 12, (days * 24 + 12) * 12)) * 5 * MINUTE
            + draw(st.sampled_from([0, 0, 0, 1, 4])) * MINUTE
        )

    def _draw_hours(self, draw: st.DrawFn, most: int) -> None:
        for _number in range(draw(st.integers(1, most))):
            site = draw(st.sampled_from(sorted(self.zone_of)))
            day = self.first + timedelta(days=draw(st.sampled_from([0, 1, 1, 0, 1, -1, 2])))
            starts, ends = draw(st.lists(clocks | clocks_about_the_change, min_size=2, max_size=2, unique=True))
            first, last = self.first, self.last
            valid = draw(
                st.sampled_from([(None, None)] * 3 + [(first, None), (None, first), (first, first), (last, last)])
            )
            hours = (site, self.zone_of[site], day.weekday(), starts, ends, draw(steps), *valid)
            self.calendar.hours.append(oracle.Hours(*hours))

    def _draw_exceptions(self, draw: st.DrawFn) -> None:
        for _number in range(draw(st.integers(0, 2))):
            start = self.instant(draw)
            site = draw(st.sampled_from(sorted(self.zone_of)))
            end = start + draw(st.integers(1, 100)) * 5 * MINUTE
            self.calendar.extra.append(oracle.Extra(site, start, end, draw(steps)))
        for _number in range(draw(st.integers(0, 2))):
            start = self.instant(draw)
            end = start + draw(st.integers(1, 200)) * MINUTE
            self.calendar.off.append(oracle.Off(start, end, draw(st.sampled_from([None, *self.zone_of]))))

    def _draw_appointments(self, draw: st.DrawFn) -> None:
        for _number in range(draw(st.integers(0, 8))):
            start = self.instant(draw)
            self.states.append(draw(st.sampled_from([Status.SCHEDULED, Status.COMPLETED, Status.HELD])))
            self.calendar.taken.append(oracle.Taken(start, start + draw(st.integers(5, 180)) * MINUTE))

    def put_into_the_database(self, patients: list[Patient]) -> None:
        """Make the rows."""
        # Ids in the order of names: where two sites offer one start the smaller id has it, and the smaller name here.
        made = sorted((make_site(name=f"{name} {self.first}") for name in self.zone_of), key=lambda site: str(site.pk))
        self.sites = dict(zip(sorted(self.zone_of), made, strict=True))
        for name, site in self.sites.items():
            Site.objects.filter(pk=site.pk).update(time_zone=self.zone_of[name])
        self.visit_type: VisitType | None = None
        if self.length:
            self.visit_type = make_visit_type(minutes=self.length, buffer_before=self.before, buffer_after=self.after)
        self.doctor = make_doctor(visit_types=(self.visit_type,) if self.visit_type else ())
        for hours in self.calendar.hours:
            WeeklyHours.objects.create(
                doctor=self.doctor,
                site_id=self.sites[hours.site].pk,
                weekday=hours.weekday,
                starts=hours.starts,
                ends=hours.ends,
                slot_minutes=hours.step,
                valid_from=hours.valid_from,
                valid_until=hours.valid_until,
            )
        self._put_exceptions()
        self._put_appointments(patients)

    def _put_exceptions(self) -> None:
        for extra in self.calendar.extra:
            make_extra_hours(
                self.doctor, self.sites[extra.site], extra.starts_at, extra.ends_at, slot_minutes=extra.step
            )
        for number, off in enumerate(self.calendar.off):
            doctor = self.doctor if number % 2 else None
            make_time_off(off.starts_at, off.ends_at, doctor, site=self.sites[off.site] if off.site else None)

    def _put_appointments(self, patients: list[Patient]) -> None:
        for patient, taken, status in zip(patients, self.calendar.taken, self.states, strict=False):
            row: dict[str, Any] = {"doctor": self.doctor, "patient": patient, "site": next(iter(self.sites.values()))}
            times = {"starts_at": taken.starts_at, "ends_at": taken.ends_at}
            times |= {"occupied_from": taken.starts_at, "occupied_until": taken.ends_at}
            deadline = NOW + MINUTE if status == Status.HELD else None
            # Overbooked, because what is drawn may overlap; to the calendar that makes no difference.
            over = {"is_overbooked": True, "override_reason": "drawn at random"}
            Appointment.objects.create(**row | times | over, status=status, hold_expires_at=deadline)
            # These must not stand in anybody's way.
            Appointment.objects.create(**row | times, status=Status.CANCELLED)

    def offered(self) -> list[Slot]:
        """What a patient finds."""
        span = Span(self.first, self.last)
        return slots.search([self.doctor], span, now=NOW, visit_type=self.visit_type)

    def whole_grid(self) -> list[Slot]:
        """What staff find, whatever stands there."""
        span = Span(self.first, self.last)
        return slots.search([self.doctor], span, now=NOW, visit_type=self.visit_type, every_status=True)

    def can_be_booked(self, slot: Slot) -> bool:
        """What booking says to a start; if it is free, it must be the very slot that was found."""
        try:
            found = slots.check(slot.doctor, slot.starts_at, now=NOW, visit_type=self.visit_type, binds_patient=True)
        except ValidationError:
            return False
        assert found == slot
        return True

    def expected(self) -> list[tuple[datetime, datetime, str]]:
        """What the oracle finds; a day begins at midnight of each site."""
        found = set()
        for name, zone in self.zone_of.items():
            start, end = (datetime.combine(day, time(), tzinfo=ZoneInfo(zone)) for day in (self.first, self.last))
            needs = {"length": self.length, "before": self.before, "after": self.after}
            everything = oracle.free(self.calendar, start, end, **needs)
            found |= {(begins, ends, site) for begins, ends, site in everything if site == name}
        return sorted(found)

    def names(self, found: list[Slot]) -> list[tuple[datetime, datetime, str]]:
        """Slots in the oracle's words."""
        name_of = {site.pk: name for name, site in self.sites.items()}
        return [(slot.starts_at, slot.ends_at, name_of[slot.site.pk]) for slot in found]


worlds = st.composite(World)
quiet_worlds = st.composite(lambda draw: World(draw, quiet=True))()


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
@settings(QUICK, max_examples=25)
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
