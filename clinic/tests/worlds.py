"""Calendars drawn at random, about days on which clocks change or not: for the oracle and for the database."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from hypothesis import strategies as st

from accounts.models import Patient
from clinic import slots
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


@cache
def change_days(zone: str) -> list[date]:
    """The days of 2027 on which the zone's clocks change."""
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(1, 365)]
    offsets = [datetime.combine(day, time(12), tzinfo=ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after]


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
