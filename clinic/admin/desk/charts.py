"""Charts as numbers: what the templates draw as SVG. Positions across are per cent, down they are pixels, so that text
keeps its size in a narrow window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinic.numbers import Row

HEIGHT: Final = 180
"""Of the field of a chart of weeks."""
BAR: Final = 16
STEP: Final = 44
"""From one line of a chart of bars to the next."""
MOST: Final = 20
"""So many bars a chart has at most; the table has all rows."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled piece of a bar or column; ``kind`` is its class."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Point:
    """One of a line's, with the one before it."""

    x: float
    y: float
    from_x: float | None
    from_y: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a chart of bars: its label above its bar."""

    label: str
    value: str
    y: int
    boxes: list[Box]


def columns(rows: Sequence[Row]) -> list[Box]:
    """Weeks from left to right: kept visits, on them those who did not come, on them those cancelled."""
    most, width = max((row.bookings for row in rows), default=0) or 1, 100 / max(1, len(rows))
    found = []
    for number, row in enumerate(rows):
        top = float(HEIGHT)
        for kind, many in _parts(row):
            height = many / most * HEIGHT
            top -= height
            found.append(Box(number * width + width * 0.1, top, width * 0.8, height, kind))
    return _rounded(found)


def line(rows: Sequence[Row]) -> list[Point]:
    """Utilisation from week to week; a week without hours is a gap."""
    width, highest = 100 / max(1, len(rows)), top_of(rows)
    found: list[Point] = []
    before: tuple[float | None, float | None] = (None, None)
    for number, row in enumerate(rows):
        if row.utilisation is None:
            before = (None, None)
            continue
        here = round((number + 0.5) * width, 2), round(HEIGHT * (1 - row.utilisation / highest), 1)
        found.append(Point(*here, *before))
        before = here
    return found


def top_of(rows: Sequence[Row]) -> float:
    """The utilisation at the upper edge: all that is offered, or more if more was booked."""
    return max([1.0, *(row.utilisation or 0 for row in rows)])


def bars(rows: Sequence[Row]) -> list[Line]:
    """Bookings of doctors, departments or sites, from above, the longest first; the first MOST of them."""
    most = max((row.bookings for row in rows), default=0) or 1
    found = []
    for number, row in enumerate(sorted(rows, key=lambda row: -row.bookings)[:MOST]):
        left, boxes = 0.0, []
        for kind, many in _parts(row):
            boxes.append(Box(left, number * STEP + 20, many / most * 100, BAR, kind))
            left += many / most * 100
        found.append(Line(row.label, str(row.bookings), number * STEP + 14, _rounded(boxes)))
    return found


def utilised(rows: Sequence[Row]) -> list[Line]:
    """Utilisation of doctors, departments or sites, the highest first; only of those with hours."""
    known = [(row.utilisation, row.label) for row in rows if row.utilisation is not None]
    highest = top_of(rows)
    return [
        Line(
            label,
            f"{share:.0%}",
            number * STEP + 14,
            _rounded([Box(0, number * STEP + 20, share / highest * 100, BAR, "used")]),
        )
        for number, (share, label) in enumerate(sorted(known, key=lambda one: -one[0])[:MOST])
    ]


def _parts(row: Row) -> list[tuple[str, int]]:
    kept = row.bookings - row.cancellations - row.no_shows
    return [("kept", kept), ("missed", row.no_shows), ("cancelled", row.cancellations)]


def _rounded(boxes: list[Box]) -> list[Box]:
    return [
        Box(round(box.x, 2), round(box.y, 1), round(box.width, 2), round(box.height, 1), box.kind)
        for box in boxes
        if box.width and box.height
    ]
