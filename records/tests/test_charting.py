"""Who writes what, and that nothing written is ever lost."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry, Message, Patient
from accounts.tests.factories import make_patient
from clinic import booking
from clinic.models import Doctor
from clinic.tests.factories import at
from records import access, charting
from records.models import AmendmentRequest, Attachment, Chart, ChartRevision, MedicalRecord, RecordRevision
from records.tests.actors import CHART_WRITERS, LATER, READERS, WRITERS, People
from records.tests.factories import TEXTS, book, during, make_record


def code_of(refused: pytest.ExceptionInfo[ValidationError]) -> str:
    error = refused.value
    errors = [one for some in error.error_dict.values() for one in some] if hasattr(error, "error_dict") else [error]
    return str(errors[0].code)


def test_write_when_asked_by_each(people: People) -> None:  # case 101, case 105, case 136
    made = book(people.record.doctor, people.patient, at("10:30"))
    wrote = set()

    for name, user in people.who.items():
        try:
            with transaction.atomic():
                charting.write(made, by=user, now=LATER, notes=name)
                transaction.set_rollback(True)
        except PermissionDenied:
            continue
        wrote.add(name)

    assert wrote == WRITERS


def test_read_and_change_when_asked_by_each(people: People) -> None:
    # case 101, case 105, case 106, case 109, case 112, fault B0-13, fault B0-14, fault B2-5
    readers, chart_writers, authors = set(), set(), set()

    for name, user in people.who.items():
        try:
            access.open_record(people.record.pk, by=user, now=LATER)
            access.open_chart(people.patient.pk, by=user, now=LATER)
        except (MedicalRecord.DoesNotExist, Chart.DoesNotExist):
            pass
        else:
            readers.add(name)
        try:
            charting.update_chart(people.patient.chart, by=user, now=LATER, allergies=name)
        except PermissionDenied:
            pass
        else:
            chart_writers.add(name)
        try:
            charting.change(people.record, by=user, now=LATER, notes=name)
        except PermissionDenied:
            pass
        else:
            authors.add(name)

    assert (readers, chart_writers, authors) == (READERS, CHART_WRITERS, WRITERS)
    assert not access.records(people.who["emergency_holder"], now=LATER).filter(pk=people.other_record.pk).exists()


@pytest.mark.parametrize(
    ("days", "status", "code"),
    [(-1, "scheduled", "not_yet"), (31, "completed", "too_late_to_write"), (0, "cancelled", "not_a_visit"),
     (0, "no_show", "not_a_visit")],
)  # fmt: skip
def test_write_at_the_wrong_time(days: int, status: str, code: str, alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    type(visit).objects.filter(pk=visit.pk).update(status=status)

    with pytest.raises(ValidationError) as refused:
        make_record(visit, now=during(visit) + timedelta(days=days))

    assert code_of(refused) == code
    assert not MedicalRecord.objects.exists()


def test_write_in_a_visit_begun_early(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice, at("09:30"))
    early = visit.starts_at - timedelta(minutes=5)
    booking.start(visit, by=dr_chen.user, now=early)

    assert make_record(visit, now=early).version == 1


def test_write_twice(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    make_record(visit)

    with pytest.raises(ValidationError) as refused:
        make_record(visit, notes="again")

    assert code_of(refused) == "record_exists"
    assert MedicalRecord.objects.get().notes == TEXTS["notes"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 20_001, "max_length"), ("a\x00b", "control_characters"), ("\x1b[2J", "control_characters")],
)
def test_write_what_no_record_holds(text: str, code: str, alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)

    with pytest.raises(ValidationError) as refused:
        make_record(visit, diagnosis=text)

    assert list(refused.value.error_dict) == ["diagnosis"]
    assert code_of(refused) == code


@pytest.mark.parametrize("nothing", ["\n", "\u200b\u2060"])
def test_write_nothing(nothing: str, alice: Patient, dr_chen: Doctor) -> None:
    with pytest.raises(ValidationError) as refused:
        make_record(book(dr_chen, alice), diagnosis=" ", prescription="", notes=nothing)

    assert code_of(refused) == "empty_record"


def test_write_tells_the_patient_and_the_trail_without_a_word(alice: Patient, dr_chen: Doctor) -> None:
    record = make_record(book(dr_chen, alice))

    told = Message.objects.get(kind="record_available")
    entry = AuditEntry.objects.get(verb="records.record.written")
    assert (told.patient, told.context) == (alice, {"record": str(record.pk)})
    assert (entry.patient, entry.changes) == (alice.pk, {"fields": sorted(TEXTS)})


def test_change_keeps_what_stood_there(alice: Patient, dr_chen: Doctor) -> None:  # fault B0-20
    record = make_record(book(dr_chen, alice))

    charting.change(record, by=dr_chen.user, now=LATER, diagnosis="a cold")
    charting.change(record, by=dr_chen.user, now=LATER, diagnosis="a cold")  # the same again

    fresh, [revision] = MedicalRecord.objects.get(), RecordRevision.objects.all()
    assert (fresh.diagnosis, fresh.version, fresh.notes) == ("a cold", 2, TEXTS["notes"])
    assert (revision.diagnosis, revision.version, revision.was_signed) == (TEXTS["diagnosis"], 1, False)


def test_change_after_signing_is_an_amendment(alice: Patient, dr_chen: Doctor) -> None:
    record = charting.sign(make_record(book(dr_chen, alice)), by=dr_chen.user, now=LATER)

    with pytest.raises(ValidationError) as refused:
        charting.change(record, by=dr_chen.user, now=LATER, diagnosis="a cold", reason="\u200b")
    assert code_of(refused) == "reason_required"
    assert not RecordRevision.objects.exists()
    charting.change(record, by=dr_chen.user, now=LATER, diagnosis="a cold", reason="The result came in.")

    revision = RecordRevision.objects.get()
    assert (revision.was_signed, revision.reason) == (True, "The result came in.")
    assert Message.objects.filter(kind="record_available").count() == 2


def test_change_what_somebody_changed_meanwhile(alice: Patient, dr_chen: Doctor) -> None:
    record = make_record(book(dr_chen, alice))
    seen = record.etag
    charting.change(record, by=dr_chen.user, now=LATER, notes="better")

    with pytest.raises(ValidationError) as refused:
        charting.change(record, by=dr_chen.user, now=LATER, notes="worse", version=seen)

    assert code_of(refused) == "stale"
    assert MedicalRecord.objects.get().notes == "better"


def test_change_too_late_but_as_the_patient_asks(alice: Patient, dr_chen: Doctor) -> None:  # case 107
    assert alice.user is not None
    record, much_later = make_record(book(dr_chen, alice)), LATER + timedelta(days=60)
    asked = charting.ask_to_amend(record, by=alice.user, now=much_later, text="It was the left knee.")

    with pytest.raises(ValidationError) as refused:
        charting.change(record, by=dr_chen.user, now=much_later, notes="left knee", reason="asked")
    assert code_of(refused) == "too_late_to_write"
    with pytest.raises(ValidationError) as again:
        charting.ask_to_amend(record, by=alice.user, now=much_later, text="Left!")
    assert code_of(again) == "already_asked"
    charting.answer(asked, by=dr_chen.user, now=much_later, amend=True, explanation="You are right.", notes="left knee")

    assert MedicalRecord.objects.get().notes == "left knee"
    assert AmendmentRequest.objects.get().answer == "amended"


def test_ask_and_answer_by_others(people: People) -> None:
    for name, user in people.who.items():
        if name != "patient":
            with pytest.raises(PermissionDenied):
                charting.ask_to_amend(people.record, by=user, now=LATER, text="Wrong.")
    asked = charting.ask_to_amend(people.record, by=people.who["patient"], now=LATER, text="Wrong.")
    for name, user in people.who.items():
        if name not in WRITERS:
            with pytest.raises(PermissionDenied):
                charting.answer(asked, by=user, now=LATER, amend=False, explanation="No.")

    assert AmendmentRequest.objects.get().answer == ""


def test_nobody_is_his_own_doctor(alice: Patient, dr_chen: Doctor) -> None:
    me = make_patient(user=dr_chen.user)
    own, hers = book(dr_chen, me), book(dr_chen, alice, at("11:00"))

    with pytest.raises(PermissionDenied):
        make_record(own)
    with pytest.raises(PermissionDenied):
        charting.update_chart(me.chart, by=dr_chen.user, now=LATER, allergies="none")

    assert not MedicalRecord.objects.exists()
    assert access.open_chart(me.pk, by=dr_chen.user, now=LATER).version == 1
    assert make_record(hers)


def test_amend_nothing(alice: Patient, dr_chen: Doctor) -> None:
    assert alice.user is not None
    record = make_record(book(dr_chen, alice))
    asked = charting.ask_to_amend(record, by=alice.user, now=LATER, text="It was the left knee.")

    for texts in ({}, {"notes": record.notes}):
        with pytest.raises(ValidationError) as refused:
            charting.answer(asked, by=dr_chen.user, now=LATER, amend=True, explanation="Right.", **texts)
        assert code_of(refused) == "nothing_amended"

    assert AmendmentRequest.objects.get().answer == ""


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("amend", [False, True])
def test_answer_is_told_once(amend: bool, is_signed: bool, alice: Patient, dr_chen: Doctor) -> None:
    assert alice.user is not None
    record = make_record(book(dr_chen, alice))
    if is_signed:
        charting.sign(record, by=dr_chen.user, now=LATER)
    asked = charting.ask_to_amend(record, by=alice.user, now=LATER, text="It was the left knee.")
    Message.objects.all().delete()

    charting.answer(asked, by=dr_chen.user, now=LATER, amend=amend, explanation="Well.", notes="CNRY-left")

    told = Message.objects.get()
    assert told.kind == "record_available"
    assert "CNRY" not in str(Message.objects.values())


def test_decline_says_why(alice: Patient, dr_chen: Doctor) -> None:
    assert alice.user is not None
    record = make_record(book(dr_chen, alice))
    asked = charting.ask_to_amend(record, by=alice.user, now=LATER, text="Leave that out.")

    with pytest.raises(ValidationError) as refused:
        charting.answer(asked, by=dr_chen.user, now=LATER, amend=False, explanation=" ")
    assert code_of(refused) == "reason_required"
    charting.answer(asked, by=dr_chen.user, now=LATER, amend=False, explanation="It matters for your medicines.")

    assert MedicalRecord.objects.get().version == 1


def test_update_chart_keeps_what_stood_there(alice: Patient, dr_chen: Doctor) -> None:
    book(dr_chen, alice)
    charting.update_chart(alice.chart, by=dr_chen.user, now=LATER, blood_type="A+", allergies="penicillin")

    charting.update_chart(alice.chart, by=dr_chen.user, now=LATER, allergies="none known")

    chart, earlier = Chart.objects.get(), ChartRevision.objects.get(version=2)
    assert (chart.blood_type, chart.allergies, chart.version) == ("A+", "none known", 3)
    assert (earlier.allergies, earlier.written_by) == ("penicillin", dr_chen.user)


def test_update_chart_with_no_blood_type(alice: Patient, dr_chen: Doctor) -> None:
    book(dr_chen, alice)

    with pytest.raises(ValidationError) as refused:
        charting.update_chart(alice.chart, by=dr_chen.user, now=LATER, blood_type="C")

    assert code_of(refused) == "bad_blood_type"
    assert not ChartRevision.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM records_medicalrecord",
        "UPDATE records_medicalrecord SET created_at = created_at",
        "DELETE FROM records_recordrevision",
        "UPDATE records_recordrevision SET version = 9",
        "DELETE FROM records_chartrevision",
        "DELETE FROM records_attachment",
    ],
)
def test_what_is_written_cannot_be_removed(sql: str, alice: Patient, dr_chen: Doctor) -> None:  # case 136
    record = make_record(book(dr_chen, alice))
    charting.change(record, by=dr_chen.user, now=LATER, notes="better")
    charting.update_chart(alice.chart, by=dr_chen.user, now=LATER, allergies="dust")
    Attachment.objects.create(record=record, name="x.pdf", kind="application/pdf", size=1, stored_as="x")

    with pytest.raises(IntegrityError, match="is_kept"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_texts_are_encrypted_where_they_lie(alice: Patient, dr_chen: Doctor) -> None:  # fault B3-3
    make_record(book(dr_chen, alice))

    with connection.cursor() as cursor:
        cursor.execute("SELECT diagnosis, prescription, notes FROM records_medicalrecord")
        [row] = cursor.fetchall()

    assert all("CNRY" not in text and text.startswith("gAAAA") for text in row)


def test_a_wrong_key_is_an_error_and_nothing_else(alice: Patient, dr_chen: Doctor, settings: Any) -> None:
    record = make_record(book(dr_chen, alice))
    settings.FIELD_ENCRYPTION_KEYS = ["MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="]

    with pytest.raises(InvalidToken):
        access.open_record(record.pk, by=dr_chen.user, now=LATER)
