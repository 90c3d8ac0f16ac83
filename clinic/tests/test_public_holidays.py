"""Public holidays: what they are, and closing on them."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Patient, User
from clinic import public_holidays
from clinic.models import Appointment, Doctor, ExceptionKind, ScheduleException, Site, ToBeMoved
from clinic.tests.factories import NOW, at, make_appointment, make_site, make_time_off

EASTER_MONDAY, WOMENS_DAY = date(2027, 3, 29), date(2027, 3, 8)


def names(country: str, subdivision: str = "", year: int = 2027) -> dict[date, str]:
    return {holiday.day: holiday.name for holiday in public_holidays.preview(country, subdivision, year, None)}


def test_preview_of_a_country_and_of_a_part_of_it(berlin: Site) -> None:
    everywhere, in_berlin = names("DE"), names("DE", "BE")

    assert everywhere[EASTER_MONDAY] == "Easter Monday"
    assert set(in_berlin) - set(everywhere) == {WOMENS_DAY}
    assert list(in_berlin) == sorted(in_berlin)
    assert not ScheduleException.objects.exists()


@pytest.mark.parametrize(
    ("country", "subdivision", "code"),
    [("XX", "", "unknown_country"), ("", "", "unknown_country"), ("DE", "CA", "unknown_subdivision")],
)
def test_preview_of_what_is_not_known(berlin: Site, country: str, subdivision: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        public_holidays.preview(country, subdivision, 2027, None)

    assert [error.code for errors in refused.value.error_dict.values() for error in errors] == [code]


def test_countries_and_their_parts_have_names() -> None:
    assert public_holidays.countries()["BA"] == "Bosnia and Herzegovina"
    assert public_holidays.subdivisions("DE")["BE"] == "Berlin"
    assert public_holidays.subdivisions("XX") == {}


def test_save_closes_each_site_on_its_own_clock(berlin: Site, adam: User) -> None:
    tokyo = make_site(time_zone="Asia/Tokyo")

    public_holidays.save("DE", "", 2027, None, [EASTER_MONDAY], by=adam, now=NOW)

    closures = {closure.site: closure for closure in ScheduleException.objects.all()}
    assert set(closures) == {berlin, tokyo}
    for site, closure in closures.items():
        midnights = at("00:00", EASTER_MONDAY, site), at("00:00", date(2027, 3, 30), site)
        assert (closure.starts_at, closure.ends_at) == midnights
        assert (closure.doctor, closure.kind, closure.reason) == (None, ExceptionKind.TIME_OFF, "Easter Monday")


def test_save_lasts_as_long_as_the_day_when_clocks_change(adam: User) -> None:
    cairo = make_site(time_zone="Africa/Cairo")  # at midnight the clock goes forward by an hour

    [made] = public_holidays.save("EG", "", 2026, cairo, [date(2026, 4, 25)], by=adam, now=NOW)
    changing = public_holidays.Span(date(2026, 4, 24), date(2026, 4, 25)).at(cairo.zone)

    assert (made.ends_at - made.starts_at).total_seconds() == 24 * 3600
    assert made.starts_at == changing[1]
    assert (changing[1] - changing[0]).total_seconds() == 23 * 3600


def test_save_again_adds_nothing(berlin: Site, adam: User) -> None:
    days = list(names("DE", "BE"))
    public_holidays.save("DE", "BE", 2027, None, days, by=adam, now=NOW)
    before = set(ScheduleException.objects.values_list("pk", flat=True))

    made = public_holidays.save("DE", "BE", 2027, None, days, by=adam, now=NOW)

    assert made == []
    assert set(ScheduleException.objects.values_list("pk", flat=True)) == before
    assert all(holiday.is_there for holiday in public_holidays.preview("DE", "BE", 2027, berlin))


def test_save_adds_what_is_wanting_beside_other_closures(berlin: Site, adam: User) -> None:
    make_time_off(at("00:00", EASTER_MONDAY), at("12:00", EASTER_MONDAY), site=berlin)
    make_time_off(at("00:00", WOMENS_DAY), at("00:00", date(2027, 3, 9)))

    made = public_holidays.save("DE", "BE", 2027, berlin, [EASTER_MONDAY, WOMENS_DAY], by=adam, now=NOW)

    assert [closure.starts_at for closure in made] == [at("00:00", EASTER_MONDAY)]


def test_save_over_a_visit_flags_it(berlin: Site, adam: User, alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00", WOMENS_DAY))  # case 016
    make_appointment(dr_chen, alice, at("10:00", date(2027, 3, 9)))
    foreseen = public_holidays.hit(Appointment.objects.visible_to(adam), [WOMENS_DAY], None, now=NOW)
    assert list(foreseen) == [visit]

    public_holidays.save("DE", "BE", 2027, None, [WOMENS_DAY], by=adam, now=NOW)

    assert ToBeMoved.objects.get().appointment == visit
    assert not foreseen.all()


def test_save_a_day_that_is_none(berlin: Site, adam: User) -> None:
    with pytest.raises(ValidationError, match="no public holiday"):
        public_holidays.save("DE", "", 2027, None, [EASTER_MONDAY, WOMENS_DAY], by=adam, now=NOW)

    assert not ScheduleException.objects.exists()


def test_save_is_for_administrators(berlin: Site, rita: User, adam: User) -> None:  # case 119, case 120
    with pytest.raises(PermissionDenied):
        public_holidays.save("DE", "", 2027, None, [EASTER_MONDAY], by=rita, now=NOW)

    assert not ScheduleException.objects.exists()
    assert public_holidays.save("DE", "", 2027, None, [EASTER_MONDAY], by=adam, now=NOW)
