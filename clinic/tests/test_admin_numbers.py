"""The desk's page of numbers."""

import csv
from io import StringIO

import pytest
from django.urls import reverse

from accounts.models import Patient, User
from clinic.admin.desk import charts
from clinic.models import Doctor, Status
from clinic.numbers import Grouping, Row
from clinic.tests.desk import client_of
from clinic.tests.factories import at, make_appointment

pytestmark = pytest.mark.usefixtures("clock")
WEEK = {"first": "2027-03-01", "last": "2027-03-07"}


@pytest.mark.parametrize("grouping", Grouping)
def test_numbers_have_a_chart_with_words_and_a_table(
    adam: User, dr_chen: Doctor, alice: Patient, grouping: Grouping
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, alice, at("11:00"), status=Status.CANCELLED)

    page = client_of(adam).get(reverse("admin:desk-numbers"), WEEK | {"grouping": grouping}).content.decode()

    assert page.count('role="img"') == page.count("<desc id=") == 2
    assert page.count("<table") == 1
    assert "3 %" in page
    assert "style=" not in page
    assert "Archer" not in page


def test_numbers_begin_with_twelve_weeks(adam: User) -> None:
    page = client_of(adam).get(reverse("admin:desk-numbers")).content.decode()

    assert 'value="2026-12-28"' in page
    assert page.count('<th scope="row">') == 13


def test_numbers_as_csv_hold_no_formulas(adam: User, dr_chen: Doctor, alice: Patient) -> None:
    dr_chen.title = "=HYPERLINK(1)"
    dr_chen.save()
    make_appointment(dr_chen, alice, at("10:00"))

    answer = client_of(adam).get(reverse("admin:desk-numbers"), WEEK | {"grouping": "doctor", "as": "csv"})

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "numbers-doctor-2027-03-01-2027-03-07.csv" in answer.headers["Content-Disposition"]
    assert rows[1][:7] == ["'=HYPERLINK(1) Wei Chen", "1", "0", "0", "30", "900", "0.0333"]
    assert [row[0] for row in rows[2:]] == ["All"]


@pytest.mark.parametrize(
    "asked", [{"first": "x"}, {"last": "9999-12-31"}, {"first": "2029-01-01"}, {"grouping": "patient"}]
)
def test_numbers_when_the_question_makes_no_sense(adam: User, asked: dict[str, str]) -> None:
    answer = client_of(adam).get(reverse("admin:desk-numbers"), asked)

    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_charts_stay_within_their_field() -> None:
    rows = [Row(str(n), f"Row {n}", n, n // 3, n // 4, n * 50, 200 * (n % 3)) for n in range(30)]

    boxes = charts.columns(rows)
    points = charts.line(rows)
    bars = charts.bars(rows)

    assert all(box.y >= 0 and box.y + box.height <= charts.HEIGHT + 0.2 and box.x + box.width <= 100 for box in boxes)
    assert all(0 <= point.y <= charts.HEIGHT and 0 < point.x < 100 for point in points)
    # Weeks without hours are gaps.
    assert len(points) == 20
    assert [point.from_x is None for point in points] == [n % 2 == 0 for n in range(20)]
    assert len(bars) == charts.MOST
    assert bars[0].label == "Row 29"
    assert max(box.x + box.width for one in bars for box in one.boxes) <= 100.1
