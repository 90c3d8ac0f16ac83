"""stats/: numbers for administrators."""

import pytest

from accounts.models import Patient, User
from clinic.models import Doctor
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import at, make_appointment

pytestmark = pytest.mark.usefixtures("clock")


def test_stats_of_a_week(adam: User, dr_chen: Doctor, alice: Patient) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))

    answer = Caller(adam).get("stats/?from=2027-03-01&to=2027-03-08&by=doctor").json()

    lead = round((visit.starts_at - visit.created_at).total_seconds() / 86400, 1)
    told = {"bookings": 1, "cancellations": 0, "no_shows": 0, "booked_minutes": 30, "offered_minutes": 900}
    row = told | {"utilisation": 30 / 900, "lead_days": lead}
    assert answer == {
        "from": "2027-03-01",
        "to": "2027-03-08",
        "by": "doctor",
        "results": [{"key": str(dr_chen.pk), "label": "Dr. Wei Chen"} | row],
        "total": {"key": "", "label": "All"} | row,
    }


def test_stats_without_a_question_are_of_twelve_weeks(adam: User) -> None:
    answer = Caller(adam).get("stats/").json()

    assert (answer["from"], answer["to"], answer["by"]) == ("2026-12-28", "2027-03-22", "week")
    assert len(answer["results"]) == 12


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("from=2027-03-01&to=2027-03-01", "bad_span"),
        ("from=2027-03-01&to=2028-03-10", "too_long"),
        ("from=0001-01-01&to=0001-01-02", "bad_span"),
        ("from=2027-03-01&to=9999-12-31", "bad_span"),
        ("from=x", "invalid"),
        ("by=patient", "invalid"),
    ],
)
def test_stats_when_the_question_makes_no_sense(adam: User, question: str, code: str) -> None:
    answer = Caller(adam).get(f"stats/?{question}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_stats_are_for_administrators(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    for somebody in (rita, alice.user, dr_chen.user):
        assert refusal(Caller(somebody).get("stats/")) == (403, "permission_denied")
    assert refusal(Caller().get("stats/")) == (401, "not_authenticated")
