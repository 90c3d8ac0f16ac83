"""Free times as the picker's cards show them: a doctor, his days, their times."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from clinic import when
from clinic.models import Doctor, Site, VisitType
from clinic.slots import Slot


@dataclass(frozen=True)
class Time:
    """One button: its slot, and what it says, such as ``09:30``."""

    slot: Slot
    label: str


@dataclass(frozen=True)
class Day:
    """A day at a site: its name and the zone, in which all of its times are told."""

    name: str
    zone: str
    site: Site
    times: list[Time]


@dataclass
class Card:
    """A doctor, the visit, and the days on which something is free. An address is empty when it leads nowhere."""

    doctor: Doctor
    visit_type: VisitType | None
    days: list[Day]
    is_whole: bool = False
    """Whether these are all times of some days, and not only the first few."""
    more_url: str = ""
    earlier_url: str = ""
    next_day: str = ""
    """If ``days`` is empty: the next day that has something free, in words; ``more_url`` leads there."""
    other_visits: list[tuple[VisitType, str]] = field(default_factory=list)


def by_day(slots: Iterable[Slot]) -> list[Day]:
    """Slots, earliest first, under their days and sites. A clock time that comes twice in a night names its zone."""
    days = []
    for (_date, site), group in groupby(
        slots, lambda slot: (when.local(slot.starts_at, slot.site.zone).date(), slot.site)
    ):
        found = list(group)
        clocks = [when.clock(slot.starts_at, site.zone) for slot in found]
        times = [
            Time(slot, f"{clock} {when.zone_name(slot.starts_at, site.zone)}" if clocks.count(clock) > 1 else clock)
            for slot, clock in zip(found, clocks, strict=True)
        ]
        first = found[0].starts_at
        days.append(Day(when.day(first, site.zone), when.zone_name(first, site.zone), site, times))
    return days
