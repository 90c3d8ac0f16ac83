"""The arithmetic of calendars: no database."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from clinic import grid
from clinic.grid import BOOKED, FREE, HELD, OFF, Block, Busy, Visit

HOUR = 3600
HALF = 1800
EVERYTHING = (-(10**12), 10**12)
NOTHING = {"here": Busy([])}


def starts(blocks: list[Block], busy: Busy | None = None, visit: Visit | None = None) -> list[int]:
    """The free starts, in seconds."""
    found = grid.candidates(blocks, {"here": busy or Busy([])}, visit or Visit(), EVERYTHING)
    return [one.start for one in found if one.status == FREE]


def wall(day: date, clock: str) -> datetime:
    """A naive time."""
    return datetime.combine(day, time.fromisoformat(clock))


def test_candidates_when_the_block_is_not_a_multiple_of_the_step() -> None:  # case 005
    block = Block(0, 110 * 60, HALF, "here")

    assert starts([block]) == [0, HALF, 2 * HALF]


@pytest.mark.parametrize(("length", "expected"), [(10, 6), (30, 6), (31, 5), (60, 5), (180, 1), (181, 0)])
def test_candidates_when_the_visit_is_not_as_long_as_the_step(length: int, expected: int) -> None:
    block = Block(0, 3 * HOUR, HALF, "here")

    assert starts([block], visit=Visit(length * 60)) == [n * HALF for n in range(expected)]


def test_candidates_are_cut_at_the_edges_of_what_is_asked_for() -> None:
    block = Block(0, 3 * HOUR, HALF, "here")

    found = grid.candidates([block], NOTHING, Visit(), (1, 2 * HOUR))

    assert [one.start for one in found] == [HALF, 2 * HALF, 3 * HALF]  # half-open: 2:00 is not in it


def test_candidates_when_a_block_began_long_ago() -> None:
    block = Block(-(10**9) * 60, 10**9 * 60, 600, "here")

    found = grid.candidates([block], NOTHING, Visit(), (0, 1200))

    assert [one.start for one in found] == [0, 600]


def test_candidates_when_the_block_is_empty_or_upside_down() -> None:  # fault B3-5, fault B4-5: it ends
    assert starts([Block(0, 0, HALF, "here"), Block(HOUR, 0, HALF, "here")]) == []


def test_candidates_when_blocks_share_a_start() -> None:
    here, there = Block(0, HOUR, HALF, "here"), Block(0, HOUR, HOUR, "there")

    found = grid.candidates([here, there], {"here": Busy([]), "there": Busy([])}, Visit(), EVERYTHING)

    assert [(one.start, one.site) for one in found] == [(0, "here"), (HALF, "here")]


def test_candidates_when_the_first_of_two_blocks_is_closed() -> None:
    here, there = Block(0, HOUR, HALF, "here"), Block(0, HOUR, HOUR, "there")
    busy = {"here": Busy([(0, HOUR, OFF)]), "there": Busy([])}

    found = grid.candidates([here, there], busy, Visit(), EVERYTHING)

    assert [(one.start, one.site, one.status) for one in found] == [(0, "there", FREE), (HALF, "here", OFF)]


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ((HOUR, HOUR + HALF), [0, HALF, 3 * HALF]),  # exactly one slot
        ((HOUR + 900, HOUR + 1000), [0, HALF, 3 * HALF]),  # a part of one
        ((HOUR + 900, HOUR + HALF + 900), [0, HALF]),  # across two
        ((-HOUR, 10 * HOUR), []),  # everything
        ((-HOUR, 0), [0, HALF, 2 * HALF, 3 * HALF]),  # just before
        ((2 * HOUR, 3 * HOUR), [0, HALF, 2 * HALF, 3 * HALF]),  # just after
    ],
)
def test_candidates_when_something_is_booked(taken: tuple[int, int], free: list[int]) -> None:
    assert starts([Block(0, 2 * HOUR, HALF, "here")], Busy([(*taken, BOOKED)])) == free


def test_candidates_when_buffers_would_touch_what_is_booked() -> None:
    busy = Busy([(2 * HOUR, 3 * HOUR, BOOKED)])
    visit = Visit(HALF, before=900, after=900)

    assert starts([Block(0, 4 * HOUR + HALF, HALF, "here")], busy, visit) == [0, HALF, 2 * HALF, 7 * HALF, 8 * HALF]


def test_candidates_when_only_buffers_touch_time_off() -> None:
    busy = Busy([(HOUR, 2 * HOUR, OFF)])

    assert starts([Block(0, 3 * HOUR, HALF, "here")], busy, Visit(HALF, 600, 600)) == [0, HALF, 4 * HALF, 5 * HALF]


@pytest.mark.parametrize(
    ("labels", "told"), [([HELD], HELD), ([HELD, BOOKED], BOOKED), ([BOOKED, HELD], BOOKED), ([BOOKED, OFF], OFF)]
)
def test_verdict_when_several_things_stand_there(labels: list[str], told: str) -> None:
    busy = Busy([(number, HALF, label) for number, label in enumerate(labels)])

    assert grid.verdict(0, Visit(), Block(0, HALF, HALF, "here"), busy) == told


def test_touching_when_a_long_interval_lies_behind_short_ones() -> None:
    busy = Busy([(0, 10 * HOUR, BOOKED), (HOUR, HOUR + 60, BOOKED), (2 * HOUR, 2 * HOUR + 60, BOOKED)])

    assert [one[:2] for one in busy.touching(9 * HOUR, 9 * HOUR + 1)] == [(0, 10 * HOUR)]


def test_seconds_when_there_are_fractions() -> None:
    moment = datetime(2027, 3, 1, 9, 0, 0, 999_999, tzinfo=UTC)

    assert grid.instant(grid.seconds(moment)) == moment.replace(microsecond=0)


SPRING, AUTUMN, BERLIN = date(2027, 3, 28), date(2027, 10, 31), ZoneInfo("Europe/Berlin")


def shown(found: list[grid.Candidate], zone: ZoneInfo) -> list[str]:
    """The starts as the wall clock shows them, with the offset."""
    return [f"{grid.instant(one.start).astimezone(zone):%H:%M%z}" for one in found]


def in_half_hours(day: date, begins: str, ends: str) -> list[grid.Candidate]:
    """What hours in Berlin offer on a day."""
    intervals = grid.wall_intervals(BERLIN, wall(day, begins), wall(day, ends))
    return grid.candidates([Block(*one, HALF, "here") for one in intervals], NOTHING, Visit(), EVERYTHING)


def test_candidates_when_the_clock_goes_forward() -> None:  # case 024
    found = in_half_hours(SPRING, "01:00", "05:00")

    clocks = ["01:00+0100", "01:30+0100", "03:00+0200", "03:30+0200", "04:00+0200", "04:30+0200"]
    assert shown(found, BERLIN) == clocks
    assert all(one.end - one.start == HALF for one in found)
    assert all(one.start + HALF == other.start for one, other in pairwise(found))


def test_candidates_when_the_clock_goes_back() -> None:  # case 025: the repeated hour gives two distinct slots
    found = in_half_hours(AUTUMN, "01:00", "05:00")

    clocks = ["01:00+0200", "01:30+0200", "02:00+0200", "02:30+0200", "02:00+0100", "02:30+0100"]
    clocks += ["03:00+0100", "03:30+0100", "04:00+0100", "04:30+0100"]
    assert shown(found, BERLIN) == clocks
    assert len({one.start for one in found}) == 10


@pytest.mark.parametrize(
    ("day", "begins", "ends", "expected"),
    [
        (SPRING, "02:00", "03:00", []),  # an hour that does not exist
        (SPRING, "02:30", "04:00", ["03:00+0200", "03:30+0200"]),
        (SPRING, "01:30", "02:30", ["01:30+0100"]),
        (AUTUMN, "02:30", "03:30", ["02:30+0200", "02:30+0100", "03:00+0100"]),
        (AUTUMN, "01:30", "02:30", ["01:30+0200", "02:00+0200", "02:00+0100"]),
        (AUTUMN, "02:00", "03:00", ["02:00+0200", "02:30+0200", "02:00+0100", "02:30+0100"]),
    ],
)
def test_candidates_when_hours_begin_or_end_in_the_change(
    day: date, begins: str, ends: str, expected: list[str]
) -> None:
    assert shown(in_half_hours(day, begins, ends), BERLIN) == expected


CHANGES = [
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("Africa/Cairo", date(2027, 4, 30)),
    ("Africa/Cairo", date(2027, 10, 28)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("America/Santiago", date(2027, 4, 3)),
    ("America/Santiago", date(2027, 9, 5)),
    ("Asia/Kolkata", date(2027, 3, 28)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
]


@pytest.mark.parametrize(("name", "day"), CHANGES)
def test_wall_intervals_hold_the_minutes_that_the_clock_shows(name: str, day: date) -> None:
    """For hours that begin and end at every half hour about the change, minute by minute."""
    zone, midnight = ZoneInfo(name), datetime.combine(day, time())
    first = midnight.replace(tzinfo=UTC) - timedelta(hours=36)
    minutes = [first + timedelta(minutes=n) for n in range(0, 96 * 60, 15)]
    clock = [(grid.seconds(minute), minute.astimezone(zone).replace(tzinfo=None)) for minute in minutes]
    edges = [midnight + timedelta(minutes=30 * n) for n in range(-6, 12)]

    for begins in edges:
        for ends in edges[edges.index(begins) + 1 :]:
            found = grid.wall_intervals(zone, begins, ends)

            worked = {at for start, end in found for at in range(start, end, 900)}
            assert worked == {at for at, reading in clock if begins <= reading < ends}, (begins, ends)
            assert all(one[1] < other[0] for one, other in pairwise(found))  # in order, and merged where they meet


def test_days_from_one_to_another() -> None:
    first, last = wall(date(2028, 2, 28), "05:00"), wall(date(2028, 3, 1), "23:00")

    assert [f"{day:%m-%d %H:%M}" for day in grid.days(first, last)] == ["02-28 00:00", "02-29 00:00", "03-01 00:00"]
