"""Every page about records, and everybody: who reads, who writes, and that each reading is written down."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Outcome
from records import charting
from records.models import AmendmentRequest, Chart, ChartRevision, MedicalRecord, RecordRevision
from records.tests.actors import CHART_WRITERS, LATER, READERS, WRITERS, People
from records.tests.factories import TEXTS
from records.tests.portal import add_file, browser, filled, folder, later
from records.trail import ACTIONS

__all__ = ["folder", "later"]
pytestmark = pytest.mark.usefixtures("later")

READ_PAGES = {
    "record": READERS,
    "record-print": READERS,
    # The patient is sent on to her own page.
    "chart": READERS - {"patient"},
    "chart-print": READERS,
    "visit-record": WRITERS,
    "answer-request": WRITERS,
}


def path_of(name: str, people: People) -> str:
    thing = {"chart": people.patient, "chart-print": people.patient, "visit-record": people.visit}.get(name)
    return reverse(name, args=[(thing or people.record).pk])


def readings() -> int:
    """How many are written down, each with the door and not a word of what was read."""
    found = AuditEntry.objects.filter(verb__in=ACTIONS, outcome=Outcome.ALLOWED, entry_point="portal")
    assert "CNRY" not in str(found.values())
    return found.count()


@pytest.mark.parametrize("name", sorted(READ_PAGES))
def test_page_by_everybody(name: str, people: People) -> None:
    # case 105, case 106, case 109, case 112, case 113, case 182
    charting.ask_to_amend(people.record, by=people.who["patient"], now=LATER, text="CNRY-request")
    path = path_of(name, people)
    opened = set()

    for who, user in people.who.items():
        before = readings()
        page = browser(user).get(path)
        if page.status_code == 200:
            opened.add(who)
            assert TEXTS["diagnosis"] in page.content.decode()
            assert readings() > before, who
        else:
            sent_on = who == "gone_doctor" or (who, name) == ("patient", "chart")
            assert page.status_code == (302 if sent_on else 404), who
            assert b"CNRY" not in page.content
            assert readings() == before, who
        assert "no-store" in page.headers["Cache-Control"]  # case 173
        title = page.content.decode().partition("<title>")[2].partition("</title>")[0]
        assert "Alice" not in title  # case 174

    assert opened == READ_PAGES[name]


def test_file_by_everybody(people: People, folder: object) -> None:  # case 105, case 124, case 182
    path = reverse("record-file", args=[add_file(people.record).pk])
    opened = set()

    for who, user in people.who.items():
        before = readings()
        answer = browser(user).get(path)
        if answer.status_code == 200:
            opened.add(who)
            assert answer.headers["Content-Disposition"].startswith("attachment")
        assert readings() - before == (answer.status_code == 200)

    assert opened == READERS


def test_own_pages_by_everybody(people: People) -> None:  # case 103, case 113
    mine = {
        f"/records/{people.record.pk}/".encode(): "patient",
        f"/records/{people.other_record.pk}/".encode(): "other",
    }

    for who, user in people.who.items():
        if who == "gone_doctor":
            continue
        for name in ("my-record", "my-record-print", "who-saw"):
            page = browser(user).get(reverse(name))
            shown = {owner for link, owner in mine.items() if link in page.content}
            assert page.status_code == 200
            assert shown <= ({"patient"} if who == "patient" else {"other"} if who == "other_patient" else set()), who
            if who not in ("patient", "other_patient"):
                assert "Nothing is written about you yet" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "writers"),
    [("record", {"patient"}), ("chart", CHART_WRITERS), ("visit-record", WRITERS), ("answer-request", WRITERS)],
)
def test_writing_by_everybody(name: str, writers: set[str], people: People) -> None:  # case 136
    told = {"diagnosis": "X", "prescription": "", "notes": "", "allergies": "X", "text": "X", "explanation": "X"}
    if name == "answer-request":
        charting.ask_to_amend(people.record, by=people.who["patient"], now=LATER, text="CNRY-request")
    path, wrote = path_of(name, people), set()

    for who, user in people.who.items():
        before = state()
        version = {"version": Chart.objects.get(pk=people.patient.pk).etag} if name == "chart" else {}
        if who == "doctor":
            version = filled(browser(user).get(path)) if name != "record" else {}
        answer = browser(user).post(path, version | told | {"allergies": who})
        if state() != before:
            wrote.add(who)
        elif who != "gone_doctor":
            assert answer.status_code == 404, who

    assert wrote == writers


def state() -> tuple[object, ...]:
    """What is written."""
    versions = list(MedicalRecord.objects.order_by("pk").values_list("version", flat=True))
    charts = list(Chart.objects.order_by("pk").values_list("version", flat=True))
    counts = [model.objects.count() for model in (AmendmentRequest, ChartRevision, RecordRevision)]
    return (versions, charts, counts, list(AmendmentRequest.objects.values_list("answer")))
