"""A doctor's side: the chart beside the visit, writing, signing, amending, files, answers, and the chart's page."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at
from clinic.tests.portal import text_of
from records import access, charting, emergency, files
from records.models import AmendmentRequest, Attachment, Chart, MedicalRecord
from records.models.texts import LONGEST
from records.tests.actors import LATER, WHY
from records.tests.factories import TEXTS, book, make_record
from records.tests.portal import PDF, add_file, browser, filled, folder, later, upload
from records.tests.test_views_mine import write_more

__all__ = ["folder", "later"]
pytestmark = pytest.mark.usefixtures("later", "folder")

TYPED = {"diagnosis": "CNRY-a", "prescription": "CNRY-b\r\nand more", "notes": "CNRY-c"}
AFTER = LATER + timedelta(days=60)


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    return book(dr_chen, alice)


@pytest.fixture
def chen(visit: Appointment) -> Client:
    """Dr. Chen's browser."""
    return browser(visit.doctor.user)


def page_of(visit: Appointment) -> str:
    return f"/records/visits/{visit.pk}/"


def test_visit_shows_the_chart_and_other_records(chen: Client, visit: Appointment, alice: Patient) -> None:
    chart = access.charts(visit.doctor.user, now=LATER).get()
    charting.update_chart(chart, by=visit.doctor.user, now=LATER, allergies="CNRY-nuts", medical_history="CNRY-old")
    write_more(alice, visit.doctor, range(1, 8))

    words = text_of(chen.get(page_of(visit)))

    assert words.index("CNRY-nuts") < words.index("CNRY-old") < words.index("Record of this visit")
    assert ("CNRY-day-05" in words, "CNRY-day-06" in words, "All records" in words) == (True, False, True)
    listed = AuditEntry.objects.filter(verb="records.record.listed", entry_point="portal")
    assert listed.count() == 5  # case 182


def test_visit_costs_the_same_however_much_there_is(chen: Client, visit: Appointment, alice: Patient) -> None:
    counts = []
    chen.get(page_of(visit))
    for days in (range(1, 3), range(3, 12)):
        write_more(alice, visit.doctor, days)
        with CaptureQueriesContext(connection) as queries:
            chen.get(page_of(visit))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 45


def test_write_then_sign(chen: Client, visit: Appointment) -> None:
    page = chen.post(page_of(visit), filled(chen.get(page_of(visit))) | TYPED | {"do": "save"}, follow=True)

    record = MedicalRecord.objects.get()
    assert "The record is saved." in text_of(page)
    assert "Draft, not signed yet" in text_of(page)
    assert (record.prescription, record.signed_at) == ("CNRY-b\nand more", None)

    page = chen.post(page_of(visit), filled(page) | {"notes": "CNRY-d", "do": "sign"}, follow=True)

    record.refresh_from_db()
    assert "The record is saved and signed." in text_of(page)
    assert (record.notes, record.signed_at, record.version) == ("CNRY-d", LATER, 2)


def test_sign_at_once(chen: Client, visit: Appointment) -> None:
    chen.post(page_of(visit), TYPED | {"do": "sign"})

    assert MedicalRecord.objects.get().signed_at == LATER


def test_amend_needs_a_reason(chen: Client, visit: Appointment) -> None:
    record = make_record(visit)
    charting.sign(record, by=visit.doctor.user, now=LATER)
    told = filled(chen.get(page_of(visit))) | {"notes": "CNRY-other"}

    refused = chen.post(page_of(visit), told)
    done = chen.post(page_of(visit), told | {"reason": "CNRY-why"}, follow=True)

    assert refused.context["form"].errors["reason"]
    assert refused.context["form"]["notes"].value() == "CNRY-other"
    assert "The record is saved." in text_of(done)
    assert MedicalRecord.objects.get().revisions.get().reason == "CNRY-why"


@pytest.mark.parametrize(
    "wrong", ["a" * (LONGEST + 1), "a\x07b", "a\x00b", "\x1b[2J"], ids=["long", "bell", "nul", "escape"]
)
def test_write_what_cannot_be_kept(wrong: str, chen: Client, visit: Appointment) -> None:
    page = chen.post(page_of(visit), TYPED | {"notes": wrong})

    form = page.context["form"]
    assert set(form.errors) == {"notes"}
    assert (form["notes"].value(), form["diagnosis"].value()) == (wrong, "CNRY-a")
    assert not MedicalRecord.objects.exists()


def test_write_as_much_as_there_may_be(chen: Client, visit: Appointment) -> None:
    # Line ends are one character, though browsers send two.
    chen.post(page_of(visit), TYPED | {"notes": "ab\r\n" * (LONGEST // 3 - 1)})

    assert len(MedicalRecord.objects.get().notes) == LONGEST // 3 * 3 - 3


def test_write_nothing(chen: Client, visit: Appointment) -> None:
    page = chen.post(page_of(visit), {"notes": "  "})

    assert page.context["form"].errors["__all__"].as_data()[0].code == "empty_record"
    assert not MedicalRecord.objects.exists()


def test_write_over_what_was_written_meanwhile(chen: Client, visit: Appointment) -> None:
    empty = filled(chen.get(page_of(visit)))
    make_record(visit)

    page = chen.post(page_of(visit), empty | TYPED)

    # What was typed is in the form, and beside it what stands there now.
    assert page.context["form"].errors["__all__"].as_data()[0].code == "stale"
    assert page.context["form"]["notes"].value() == "CNRY-c"
    assert "CNRY-notes" in text_of(page)
    assert MedicalRecord.objects.get().notes == "CNRY-notes"

    chen.post(page_of(visit), filled(page))

    assert MedicalRecord.objects.get().notes == "CNRY-c"


def test_write_over_what_was_signed_meanwhile(chen: Client, visit: Appointment) -> None:
    record = make_record(visit)
    seen = filled(chen.get(page_of(visit)))
    charting.sign(record, by=visit.doctor.user, now=LATER)

    page = chen.post(page_of(visit), seen | {"notes": "CNRY-other"})

    assert "reason" in page.context["form"].fields
    assert page.context["form"]["notes"].value() == "CNRY-other"
    assert MedicalRecord.objects.get().notes == TEXTS["notes"]


def test_send_twice(chen: Client, visit: Appointment) -> None:
    told = filled(chen.get(page_of(visit))) | TYPED | {"do": "sign"}

    answers = [chen.post(page_of(visit), told).status_code for _twice in range(2)]

    assert answers == [302, 302]
    assert MedicalRecord.objects.get().version == 1


@pytest.mark.parametrize("changed", [{}, {"notes": "CNRY-new"}])
def test_add_a_file_when_it_is_sent_twice(chen: Client, visit: Appointment, changed: dict[str, str]) -> None:
    chen.post(page_of(visit), TYPED)
    form = filled(chen.get(page_of(visit))) | changed

    answers = [chen.post(page_of(visit), form | {"file": upload(), "name": "scan"}) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Attachment.objects.count() == 1


def test_add_a_bad_file_to_what_stands_there_already(chen: Client, visit: Appointment) -> None:
    chen.post(page_of(visit), TYPED)

    page = chen.post(page_of(visit), TYPED | {"file": upload(b"no picture")})

    assert "It was changed after you opened this page" in text_of(page)
    assert not Attachment.objects.exists()


def test_add_two_files_that_are_alike_in_part(chen: Client, visit: Appointment) -> None:
    chen.post(page_of(visit), TYPED)

    for data, name in ((PDF, "one"), (PDF, "two"), (PDF.replace(b"1.7", b"1.4"), "one")):
        chen.post(page_of(visit), filled(chen.get(page_of(visit))) | {"file": upload(data), "name": name})

    assert Attachment.objects.count() == 3


def test_add_a_file_with_what_was_written(chen: Client, visit: Appointment) -> None:
    chen.post(page_of(visit), TYPED | {"file": upload(), "name": "CNRY scan"})

    added = Attachment.objects.get()
    assert (added.name, added.record.notes) == ("CNRY scan.pdf", "CNRY-c")
    answer = chen.get(f"/records/files/{added.pk}/")
    assert answer.content == PDF
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_file"),
        (b"%PDF-1.7" + b"\x00" * files.LARGEST_FILE + b"%%EOF", "file_too_large"),
    ],
    ids=["empty", "svg", "huge"],
)
def test_add_what_is_not_taken(data: bytes, code: str, chen: Client, visit: Appointment, folder: Any) -> None:
    # case 154, case 156
    page = chen.post(page_of(visit), TYPED | {"file": SimpleUploadedFile("x.pdf", data), "name": "scan", "do": "sign"})

    form = page.context["form"]
    assert [error.code for error in form.errors["file"].as_data()] == [code]
    assert (form["notes"].value(), form["name"].value()) == ("CNRY-c", "scan")
    # All of it, or nothing.
    assert not MedicalRecord.objects.exists()
    assert not any(folder.iterdir())


def test_visit_that_has_not_begun(chen: Client, visit: Appointment) -> None:
    with time_machine.travel(NOW, tick=False):
        page, refused = chen.get(page_of(visit)), chen.post(page_of(visit), TYPED)

    assert "You can write here as soon as the visit has begun." in text_of(page)
    assert refused.context["form"].errors["__all__"].as_data()[0].code == "not_yet"
    assert refused.context["form"]["notes"].value() == "CNRY-c"


def test_visit_long_ago(visit: Appointment) -> None:
    with time_machine.travel(AFTER, tick=False):
        chen = browser(visit.doctor.user)
        words = text_of(chen.get(page_of(visit)))
        refused = chen.post(page_of(visit), TYPED)

    assert "Nothing was written about this visit, and the time to do so ended" in words
    assert refused.context["form"].errors["__all__"].as_data()[0].code == "too_late_to_write"


def test_draft_of_long_ago_is_signed(visit: Appointment) -> None:
    record = make_record(visit)

    with time_machine.travel(AFTER, tick=False):
        chen = browser(visit.doctor.user)
        page = chen.get(page_of(visit))
        done = chen.post(page_of(visit), {"version": record.etag, "do": "sign"}, follow=True)

    assert (page.context["form"], page.context["may_sign"]) == (None, True)
    assert "The record is signed." in text_of(done)
    record.refresh_from_db()
    assert record.signed_at == AFTER


def test_visit_that_was_cancelled(chen: Client, visit: Appointment, alice: Patient, rita: User) -> None:
    given_up = book(visit.doctor, alice, at("11:00"))
    booking.cancel(given_up, by=rita, now=NOW, reason="ill")

    assert "This visit did not take place." in text_of(chen.get(page_of(given_up)))
    booking.cancel(visit, by=rita, now=NOW, reason="ill")
    for path in (page_of(given_up), page_of(visit), f"/records/patients/{alice.pk}/"):
        assert chen.get(path).status_code == 404  # case 106


@pytest.mark.parametrize(("do", "answer"), [("amend", "amended"), ("decline", "declined")])
def test_answer_a_request(do: str, answer: str, chen: Client, visit: Appointment, alice: Patient) -> None:
    record = make_record(visit)
    assert alice.user is not None
    charting.ask_to_amend(record, by=alice.user, now=LATER, text="CNRY-wrong knee")
    path = f"/records/{record.pk}/answer/"
    assert "Read and answer" in text_of(chen.get(page_of(visit)))

    # However long ago the visit was.
    with time_machine.travel(AFTER, tick=False):
        chen = browser(visit.doctor.user)
        page = chen.get(path)
        told = filled(page) | {"notes": "CNRY-other", "do": do}
        refused = chen.post(path, told)
        done = [chen.post(path, told | {"explanation": "CNRY-so"}) for _twice in range(2)]

    assert "CNRY-wrong knee" in text_of(page)
    assert refused.context["form"].errors["explanation"]
    assert refused.context["form"]["notes"].value() == "CNRY-other"
    assert [each.status_code for each in done] == [302, 302]
    assert AmendmentRequest.objects.get().answer == answer
    assert MedicalRecord.objects.get().notes == ("CNRY-other" if do == "amend" else TEXTS["notes"])


def test_answer_over_what_was_changed_meanwhile(chen: Client, visit: Appointment, alice: Patient) -> None:
    record = make_record(visit)
    assert alice.user is not None
    charting.ask_to_amend(record, by=alice.user, now=LATER, text="CNRY-wrong knee")
    seen = filled(chen.get(f"/records/{record.pk}/answer/"))
    charting.change(record, by=visit.doctor.user, now=LATER, notes="CNRY-meanwhile")

    page = chen.post(f"/records/{record.pk}/answer/", seen | {"notes": "CNRY-x", "explanation": "so", "do": "amend"})

    assert "CNRY-meanwhile" in text_of(page)
    assert page.context["form"]["notes"].value() == "CNRY-x"
    assert MedicalRecord.objects.get().notes == "CNRY-meanwhile"
    assert AmendmentRequest.objects.get().answer == ""


def test_chart_is_changed_and_told_when_stale(chen: Client, visit: Appointment, alice: Patient) -> None:
    path = f"/records/patients/{alice.pk}/"
    seen = filled(chen.get(path))

    done = chen.post(path, seen | {"allergies": "CNRY-nuts", "blood_type": "A-"}, follow=True)
    stale = chen.post(path, seen | {"allergies": "CNRY-dust"})
    wrong = chen.post(path, filled(done) | {"blood_type": "Z", "allergies": "a\x07"})
    earlier = text_of(chen.get(f"{path}?earlier=yes"))

    chart = Chart.objects.get()
    assert (chart.allergies, chart.blood_type, chart.version) == ("CNRY-nuts", "A-", 2)
    assert stale.context["form"]["allergies"].value() == "CNRY-dust"
    assert "CNRY-nuts" in text_of(stale)
    assert set(wrong.context["form"].errors) == {"blood_type", "allergies"}
    assert "What the chart said before Version 1" in earlier


def test_emergency_reads_and_writes_nothing(visit: Appointment, alice: Patient, dr_diaz: Doctor) -> None:
    make_record(visit)
    emergency.open_chart(alice.pk, by=dr_diaz.user, now=LATER, reason=WHY)
    path, diaz = f"/records/patients/{alice.pk}/", browser(dr_diaz.user)

    page = diaz.get(path)

    assert "Emergency access You read this until Tue 2 March 2027, 10:00 (CET)" in text_of(page)
    assert page.context["form"] is None
    assert page.content.count(b'method="post"') == 1  # to sign out
    assert diaz.post(path, {"allergies": "x"}).status_code == 404
    with time_machine.travel(LATER + timedelta(minutes=61), tick=False):
        assert browser(dr_diaz.user).get(path).status_code == 404


def test_days_and_weeks_lead_to_charts(chen: Client, visit: Appointment, alice: Patient, rita: User) -> None:
    given_up = book(visit.doctor, alice, at("11:00"))
    booking.cancel(given_up, by=rita, now=NOW, reason="ill")

    for path in ("/day/?date=2027-03-01", "/week/?date=2027-03-01", f"/appointments/{visit.pk}/"):
        html = chen.get(path).content.decode()
        assert page_of(visit) in html
        assert page_of(given_up) not in html


def test_nothing_of_it_is_told_in_passing(chen: Client, visit: Appointment) -> None:  # case 174
    page = chen.post(page_of(visit), TYPED | {"file": upload()}, follow=True)

    told = [str(message) for message in page.context["messages"]]
    assert told == ["The record is saved."]
    assert "CNRY" not in str(page.redirect_chain)
    assert visit.status == Status.SCHEDULED
    assert "CNRY" not in str(AuditEntry.objects.values())
    assert add_file(MedicalRecord.objects.get()).name not in str(AuditEntry.objects.values())
