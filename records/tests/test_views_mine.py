"""A patient's own pages: what was written, who saw it, and asking to have it put right."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Message, Patient
from clinic.models import Doctor
from clinic.tests.factories import at, make_appointment
from clinic.tests.portal import text_of
from records import access, charting, emergency
from records.models import AmendmentRequest, Attachment, MedicalRecord
from records.models.texts import LONGEST
from records.tests.actors import LATER, WHY
from records.tests.factories import book, make_record
from records.tests.portal import add_file, browser, folder, later

__all__ = ["folder", "later"]
pytestmark = pytest.mark.usefixtures("later")

POLYGLOT = """"'></textarea></title><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}{% now "Y" %}"""


@pytest.fixture
def record(alice: Patient, dr_chen: Doctor) -> MedicalRecord:
    return make_record(book(dr_chen, alice))


@pytest.fixture
def hers(alice: Patient) -> Client:
    """Alice's browser."""
    return browser(alice.user)


def write_more(patient: Patient, doctor: Doctor, days: range) -> None:
    """Records of as many visits, so many days before, with a file beside each."""
    for before in days:
        visit = make_appointment(doctor, patient, at("10:00") - timedelta(days=before))
        written = charting.write(visit, by=doctor.user, now=visit.starts_at, notes=f"CNRY-day-{before:02}")
        kept = {"name": "scan.pdf", "kind": "application/pdf", "size": 9, "stored_as": f"x{before}"}
        Attachment.objects.create(record=written, **kept)


def test_my_record(hers: Client, record: MedicalRecord, folder: Any) -> None:  # case 182
    add_file(record)
    chart = access.charts(record.doctor.user, now=LATER).get()
    charting.update_chart(chart, by=record.doctor.user, now=LATER, allergies="CNRY-nuts", blood_type="A-")

    words = text_of(hers.get("/records/"))

    for said in ("CNRY-nuts", "A−", "CNRY-diagnosis", "CNRY-notes", "CNRY knee.pdf", "Draft, not signed yet"):
        assert said in words
    entries = AuditEntry.objects.filter(patient=record.chart_id, entry_point="portal")
    assert set(entries.values_list("verb", flat=True)) == {
        "records.chart.read",
        "records.record.listed",
        "records.record.files_listed",
    }


def test_my_record_before_the_first_visit(bob: Patient) -> None:
    assert "Nothing is written about you yet" in text_of(browser(bob.user).get("/records/"))


def test_my_record_shows_a_visit_of_which_nothing_was_written(hers: Client, alice: Patient, dr_chen: Doctor) -> None:
    book(dr_chen, alice)

    assert "Nothing is written about this visit." in text_of(hers.get("/records/"))


def test_my_record_has_pages(hers: Client, alice: Patient, dr_chen: Doctor, record: MedicalRecord) -> None:
    write_more(alice, dr_chen, range(1, 11))

    first, second = text_of(hers.get("/records/")), text_of(hers.get("/records/?page=2"))

    assert "Page 1 of 2" in first
    assert ("CNRY-day-09" in first, "CNRY-day-10" in first) == (True, False)
    assert "CNRY-day-10" in second
    assert text_of(hers.get("/records/?page=x&page=999")).count("CNRY-day")


@pytest.mark.parametrize("path", ["/records/", "/records/print/", "/records/patients/{}/"])
def test_many_records_cost_as_much_as_few(
    path: str, alice: Patient, dr_chen: Doctor, record: MedicalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    for views in ("mine", "chart"):
        monkeypatch.setattr(f"records.views.{views}.PER_PAGE", 20)
    reader = browser(dr_chen.user if "patients" in path else alice.user)
    path, counts = path.format(alice.pk), []
    # A session's first page notes where it is.
    reader.get(path)

    for days in (range(1, 3), range(3, 20)):
        write_more(alice, dr_chen, days)
        with CaptureQueriesContext(connection) as queries:
            page = reader.get(path)
        counts.append(len(queries))

    assert page.content.decode().count("CNRY-day") == 19
    assert counts[0] == counts[1] <= 40


def test_who_saw(hers: Client, record: MedicalRecord, dr_diaz: Doctor) -> None:  # case 189, case 194
    opened = emergency.open_chart(record.chart_id, by=dr_diaz.user, now=LATER, reason=WHY)
    access.open_record(record.pk, by=dr_diaz.user, now=LATER)
    access.open_record(record.pk, by=record.doctor.user, now=LATER)
    hers.get(f"/records/{record.pk}/")

    page = hers.get("/records/seen/")

    words = text_of(page)
    assert page.content.decode().count('class="is-emergency"') == 2
    for said in ("Ana Diaz Doctor", WHY, "Wei Chen Doctor Read the record of a visit Has appointments", "(CET)"):
        assert said in words
    assert "Alice Archer Patient" not in words
    assert "Alice Archer Patient Read the record of a visit It is about you" in text_of(
        hers.get("/records/seen/?own=yes")
    )
    assert str(opened.pk) not in page.content.decode()


def test_who_saw_has_pages_and_costs_the_same(hers: Client, record: MedicalRecord) -> None:
    counts = []
    hers.get("/records/seen/")
    for _time in range(2):
        for _reading in range(12):
            access.open_chart(record.chart_id, by=record.doctor.user, now=LATER)
        with CaptureQueriesContext(connection) as queries:
            page = hers.get("/records/seen/")
        counts.append(len(queries))

    assert "Page 1 of 2" in text_of(page)
    assert counts[0] == counts[1]


def test_who_saw_is_her_own_alone(record: MedicalRecord, bob: Patient, dr_chen: Doctor) -> None:
    book(dr_chen, bob, at("11:00"))
    access.open_record(record.pk, by=dr_chen.user, now=LATER)

    assert "Wei Chen" not in text_of(browser(bob.user).get("/records/seen/"))


def test_record_with_what_it_said_before(hers: Client, record: MedicalRecord) -> None:
    by = record.doctor.user
    charting.sign(record, by=by, now=LATER)
    charting.change(record, by=by, now=LATER, reason="CNRY-the other knee", notes="CNRY-left")

    short, whole = (text_of(hers.get(f"/records/{record.pk}/{more}")) for more in ("", "?earlier=yes"))

    assert "CNRY-left" in short
    assert "Show earlier versions" in short
    assert "CNRY-notes" not in short
    assert "CNRY-notes" in whole
    assert "Why it was changed: CNRY-the other knee" in whole
    assert AuditEntry.objects.filter(verb="records.record.revisions_read").count() == 1


def test_print_is_written_down_as_printed(hers: Client, record: MedicalRecord) -> None:  # case 182
    for path in ("/records/print/", f"/records/{record.pk}/print/"):
        assert "Printed by Alice Archer" in text_of(hers.get(path))

    printed = AuditEntry.objects.filter(verb__endswith=".printed", entry_point="portal")
    assert sorted(printed.values_list("verb", flat=True)) == [
        "records.chart.printed",
        *["records.record.printed"] * 2,
    ]


@pytest.mark.parametrize("who", ["patient", "doctor"])
def test_print_has_all_visits(who: str, alice: Patient, dr_chen: Doctor, record: MedicalRecord) -> None:
    write_more(alice, dr_chen, range(1, 14))
    reader, path = (alice.user, "") if who == "patient" else (dr_chen.user, f"patients/{alice.pk}/")

    paper = browser(reader).get(f"/records/{path}print/")

    assert paper.content.decode().count("CNRY-day") == 13
    assert "Page 1" not in text_of(paper)


def test_print_says_if_there_is_more(
    hers: Client, alice: Patient, dr_chen: Doctor, record: MedicalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.views.mine.ON_PAPER", 2)
    write_more(alice, dr_chen, range(1, 3))

    page = hers.get("/records/print/")

    assert "This is confidential. Page 1 of 2" in text_of(page)


def test_ask_to_have_it_put_right(hers: Client, record: MedicalRecord) -> None:
    page = hers.post(f"/records/{record.pk}/", {"text": "CNRY-it was the left knee"}, follow=True)

    words = text_of(page)
    assert "Your request is with the doctor." in words
    assert "CNRY-it was the left knee Not answered yet" in words
    assert AmendmentRequest.objects.get().record == record
    # One at a time: the form is gone, and a second one is refused with nothing lost.
    assert "Send to the doctor" not in words
    again = text_of(hers.post(f"/records/{record.pk}/", {"text": "More"}))
    assert "Not answered yet" in again
    assert AmendmentRequest.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "a" * (LONGEST + 1), "a\x07b", "a\x00b"], ids=str.__len__)
def test_ask_with_what_is_no_text(text: str, hers: Client, record: MedicalRecord) -> None:
    page = hers.post(f"/records/{record.pk}/", {"text": text})

    assert page.status_code == 200
    assert page.context["form"].errors["text"]
    assert page.context["form"]["text"].value() == text
    assert not AmendmentRequest.objects.exists()


def test_texts_and_names_are_words_everywhere(
    hers: Client, alice: Patient, dr_chen: Doctor, folder: Any
) -> None:  # case 159
    record = make_record(book(dr_chen, alice), diagnosis=POLYGLOT, prescription=POLYGLOT, notes=POLYGLOT)
    Attachment.objects.create(record=record, name=POLYGLOT, kind="image/png", size=1, stored_as="x")
    chart = access.charts(dr_chen.user, now=LATER).get()
    charting.update_chart(chart, by=dr_chen.user, now=LATER, allergies=POLYGLOT, medical_history=POLYGLOT)
    charting.ask_to_amend(record, by=hers_user(alice), now=LATER, text=POLYGLOT)
    doctors = browser(dr_chen.user)
    pages = [hers.get(path) for path in ("/records/", "/records/print/", f"/records/{record.pk}/")]
    rest = (f"patients/{alice.pk}/", f"visits/{record.appointment_id}/", f"{record.pk}/answer/", f"{record.pk}/print/")
    pages += [doctors.get(f"/records/{path}") for path in rest]

    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "{{7*7}}" in html


def hers_user(patient: Patient) -> Any:
    assert patient.user is not None
    return patient.user


def test_appointment_leads_to_what_was_written(hers: Client, record: MedicalRecord, rita: Any) -> None:
    path, link = f"/appointments/{record.appointment_id}/", f"/records/{record.pk}/".encode()

    assert link in hers.get(path).content
    for other in (rita, record.doctor.user):
        assert link not in browser(other).get(path).content
    assert not AuditEntry.objects.filter(verb__startswith="records.record.read").exists()
    assert "CNRY" not in str(Message.objects.values())
