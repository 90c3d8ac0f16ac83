"""The picker: one search line, and under it doctors with their first free times. Find and Move draw it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from clinic import directory, slots, when
from clinic.forms import SearchForm, SpotForm
from clinic.models import Appointment, Doctor, Specialty, VisitType
from clinic.models.doctor import DoctorQuerySet
from clinic.slots import Slot, Span
from clinic.views.openings import Card, by_day

DOCTORS_PER_PAGE = 10
FIRST_TIMES = 6
DAYS_AT_ONCE = 14
MOST_NAMES = 200
"""Doctors whose names the browser proposes while one types."""
SHOWN = ("specialties", "visit_types")
"""What a card shows beside the doctor himself."""
LOST = "lost"


class Picker:
    """What is shown for a search at ``now``; with ``moving``, the times to which that appointment may be moved.

    ``path`` is where it is shown, if that is neither Find nor Move.
    """

    def __init__(
        self,
        query: QueryDict,
        *,
        now: datetime,
        moving: Appointment | None = None,
        doctors: DoctorQuerySet | None = None,
        path: str = "",
    ) -> None:
        self.query, self.now, self.moving = query, now, moving
        self.path = path or (reverse("move", args=[moving.pk]) if moving else reverse("find"))
        self.form = SearchForm(query)
        self.is_valid = self.form.is_valid()
        wish = self.form.cleaned_data
        self.words, self.name, self.site = wish.get("q", ""), wish.get("doctor", ""), wish.get("site")
        self.day: date | None = wish.get("day")
        if self.day is not None and self.day <= now.date():
            self.day = None
        self.among = doctors

    # --- Whom ------------------------------------------------------------------------------------
    @cached_property
    def doctors(self) -> list[Doctor]:
        """Everybody who answers to the search, free or not."""
        if not self.is_valid:
            return []
        found = directory.doctors_for(self.words, name=self.name)
        if self.among is not None:
            found = found.filter(pk__in=self.among.values("pk"))
        if self.moving and self.moving.visit_type_id:
            found = found.filter(visit_types=self.moving.visit_type_id)
        return list(found)

    @cached_property
    def visits(self) -> dict[UUID, VisitType | None]:
        """The visit that is shown for each doctor."""
        return self.visits_of(self.doctors)

    def visits_of(self, doctors: list[Doctor]) -> dict[UUID, VisitType | None]:
        """An appointment that is moved stays what it is; else what the words mean."""
        if self.moving:
            return dict.fromkeys([doctor.pk for doctor in doctors], self.moving.visit_type)
        return directory.visits_for(doctors, self.words)

    # --- When ------------------------------------------------------------------------------------
    @cached_property
    def firsts(self) -> dict[UUID, Slot]:
        """Each doctor's first free time, in the order of the page."""
        found = {pk: times[0] for pk, times in self._first(self.doctors, self.day, count=1).items()}
        if self.moving and self.moving.doctor_id in found and not self.name:
            own = self.moving.doctor_id
            return {own: found[own]} | found
        return found

    @cached_property
    def page_obj(self) -> Page[UUID]:
        """This page of the doctors who have something free; any odd page number shows a page that there is."""
        return Paginator(list(self.firsts), DOCTORS_PER_PAGE).get_page(self.query.get("page"))

    @cached_property
    def cards(self) -> list[Card]:
        """This page's doctors with their first times."""
        by_id = {doctor.pk: doctor for doctor in self.doctors}
        shown = [by_id[pk] for pk in self.page_obj]
        prefetch_related_objects(shown, *SHOWN)
        times = self._first(shown, self.day, count=FIRST_TIMES)
        return [self._card(doctor, times.get(doctor.pk, [])) for doctor in shown]

    @cached_property
    def earliest(self) -> Slot | None:
        """The very first of all times found."""
        return min(self.firsts.values(), key=lambda slot: slot.starts_at, default=None)

    @cached_property
    def next_opening(self) -> Slot | None:
        """If nothing is free from the wished day on: what is free before it, if anything."""
        if self.day is None or self.firsts:
            return None
        found = self._first(self.doctors, None, count=1)
        return min((times[0] for times in found.values()), key=lambda slot: slot.starts_at, default=None)

    def _first(self, doctors: list[Doctor], day: date | None, *, count: int) -> dict[UUID, list[Slot]]:
        site = self.site.pk if self.site else None
        return slots.first_openings(doctors, now=self.now, start=day, visit_type=self.visits, site=site, count=count)

    def _card(self, doctor: Doctor, times: Iterable[Slot]) -> Card:
        visit = self.visits[doctor.pk]
        card = Card(doctor, visit, by_day(times), more_url=self.url(of=doctor.pk))
        card.other_visits = self._other_visits(doctor, visit)
        return card

    def _other_visits(self, doctor: Doctor, visit: VisitType | None) -> list[tuple[VisitType, str]]:
        if self.moving:
            return []
        others = [kind for kind in doctor.visit_types.all() if kind.online_bookable and kind != visit]
        return [(kind, self.url(of=doctor.pk, q=kind.name)) for kind in sorted(others, key=lambda kind: kind.minutes)]

    # --- One doctor, all times -------------------------------------------------------------------
    @cached_property
    def one(self) -> Card | None:
        """The doctor whom the page is about, with every free time of DAYS_AT_ONCE days; None if it is about many."""
        doctor = self._chosen("of")
        if doctor is None:
            return None
        visit, site = self.visits_of([doctor])[doctor.pk], self.site.pk if self.site else None
        last = self.now.date() + timedelta(days=settings.BOOKING_HORIZON_DAYS + 1)
        first = min(self.day or self.now.date(), last)
        until = first + timedelta(days=DAYS_AT_ONCE)
        found = slots.search(
            [doctor], Span((self.day and first) or self.now, until), now=self.now, visit_type=visit, site=site
        )
        card = Card(doctor, visit, by_day(found), is_whole=True)
        if until <= last:
            card.more_url = self.url(of=doctor.pk, day=until)
        if self.day:
            card.earlier_url = self.url(of=doctor.pk, day=max(first - timedelta(days=DAYS_AT_ONCE), self.now.date()))
        if not found and card.more_url:
            then = slots.first_openings([doctor], now=self.now, start=until, visit_type=visit, site=site)
            card.more_url = ""
            for times in then.values():
                card.next_day = when.day(times[0].starts_at, times[0].site.zone)
                card.more_url = self.url(of=doctor.pk, day=when.local(times[0].starts_at, times[0].site.zone).date())
        card.other_visits = self._other_visits(doctor, visit)
        return card

    def _chosen(self, name: str) -> Doctor | None:
        try:
            chosen = UUID(self.query.get(name, ""))
        except ValueError:
            return None
        found = directory.doctors_for("").filter(pk=chosen).prefetch_related(*SHOWN)
        if self.among is not None:
            found = found.filter(pk__in=self.among.values("pk"))
        return found.first()

    # --- What somebody wanted and did not get ----------------------------------------------------
    @cached_property
    def alternatives(self) -> list[Card]:
        """The three free times nearest to the one that was lost, as a card; none if none was."""
        if f"{LOST}-doctor" not in self.query:
            return []
        lost = SpotForm(self.query, prefix=LOST)
        if not lost.is_valid():
            return []
        wanted = lost.cleaned_data
        visit = self.moving.visit_type if self.moving else wanted["visit_type"]
        return nearest_cards(wanted["doctor"], wanted["starts_at"], visit, now=self.now)

    # --- Addresses -------------------------------------------------------------------------------
    @property
    def search(self) -> dict[str, str]:
        """What was searched for, as it stands in the address."""
        return {name: str(self.query[name]) for name in self.form.fields if self.query.get(name)}

    def url(self, **changes: object) -> str:
        """The picker's address with the same search, changed."""
        return with_query(self.path, self.search | {name: str(value) for name, value in changes.items()})

    @property
    def next_url(self) -> str:
        """Where :attr:`next_opening` is shown."""
        slot = self.next_opening
        return self.url(day=when.local(slot.starts_at, slot.site.zone).date()) if slot else self.path

    @property
    def action(self) -> str:
        """Where a time's button posts to."""
        return self.path if self.moving else with_query(reverse("hold"), self.search)

    # --- What the browser proposes ---------------------------------------------------------------
    def reasons(self) -> list[str]:
        """Specialties and visits."""
        visits = [] if self.moving else VisitType.objects.public().values_list("name", flat=True)
        return sorted({*Specialty.objects.public().values_list("name", flat=True), *visits})

    def names(self) -> list[str]:
        """Doctors."""
        return [
            doctor.user.get_full_name()
            for doctor in Doctor.objects.bookable_online().select_related("user")[:MOST_NAMES]
        ]


def nearest_cards(doctor: Doctor, starts_at: datetime, visit: VisitType | None, *, now: datetime) -> list[Card]:
    """A card with the three free times nearest to ``starts_at``; no card if there is none, or nobody may book."""
    if not directory.doctors_for("").filter(pk=doctor.pk).exists():
        return []
    found = slots.nearest(doctor, starts_at, now=now, visit_type=visit)
    # The very time, if it is free again, comes first.
    found.sort(key=lambda slot: (slot.starts_at != starts_at, slot.starts_at))
    return [Card(doctor, visit, by_day(found))] if found else []


def with_query(path: str, values: dict[str, str]) -> str:
    """An address with a query, or without one if there is nothing to say."""
    query = QueryDict(mutable=True)
    query.update(values)
    return f"{path}?{query.urlencode()}" if values else path
