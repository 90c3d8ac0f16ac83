"""Who lets a doctor go sees first which visits lose their place."""

from datetime import timedelta

import pytest

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic.models import Doctor, ToBeMoved
from clinic.tests.desk import client_of, page
from clinic.tests.factories import NOW, at, make_appointment

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(params=["deactivate", "reject"])
def address(request: pytest.FixtureRequest, dr_chen: Doctor) -> str:
    """The page on which Dr. Chen is let go: of the account, and of the doctor."""
    thing = dr_chen.user if request.param == "deactivate" else dr_chen
    return page(type(thing), request.param, thing.pk)


def test_visits_to_come_are_listed_before_anything_is_done(
    adam: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, address: str
) -> None:  # case 020
    visit = make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, alice, NOW - timedelta(days=7))
    make_appointment(dr_chen, alice, at("11:00"), status="cancelled")
    make_appointment(dr_diaz, alice, at("11:00"))

    shown = client_of(adam).get(address).content.decode()

    assert "1 visit loses its place" in shown
    assert f"Mon 1 March 2027, 10:00 (CET): Alice Archer with Dr. Wei Chen, {visit.reference}" in shown
    assert page(type(visit), "change", visit.pk) in shown
    assert not ToBeMoved.objects.exists()


def test_visits_that_were_listed_are_flagged_once_it_is_done(
    adam: User, alice: Patient, dr_chen: Doctor, address: str
) -> None:  # case 020
    visit = make_appointment(dr_chen, alice, at("10:00"))

    client_of(adam).post(address)

    assert ToBeMoved.objects.get().appointment == visit
    dr_chen.refresh_from_db()
    assert not Doctor.objects.public().filter(pk=dr_chen.pk).exists()


def test_only_the_first_of_many_visits_are_listed(adam: User, dr_chen: Doctor, address: str) -> None:
    for week in range(23):
        make_appointment(dr_chen, make_patient(), at("10:00") + timedelta(weeks=week))

    shown = client_of(adam).get(address)

    [told] = shown.context["goes_with"]
    assert (len(told.things), told.others) == (20, 3)
    assert "23 visits lose their place" in shown.content.decode()
    assert "and 3 more" in shown.content.decode()


def test_nothing_is_listed_for_who_has_no_visits(adam: User, rita: User, address: str) -> None:
    assert client_of(adam).get(address).context["goes_with"] == []
    assert client_of(adam).get(page(User, "deactivate", rita.pk)).context["goes_with"] == []
