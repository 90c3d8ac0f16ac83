"""The API's doors to charts and records: who comes in, what is written down, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Message, Outcome, Patient, User
from accounts.tests.factories import PASSWORD
from clinic import booking
from clinic.models import Doctor
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at
from records.models import Chart, EmergencyAccess, MedicalRecord, RecordRevision
from records.tests.actors import CHART_WRITERS, LATER, READERS, WRITERS, People
from records.tests.factories import TEXTS, book, make_record

pytestmark = pytest.mark.django_db
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def the_day_after() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


def doors(people: People) -> dict[str, tuple[str, str, dict[str, Any], set[str]]]:
    """Method, path, body and who comes in, by what is done there."""
    record, patient = people.record.pk, people.patient.pk
    emergency = {"doctor", "sharing_doctor", "other_doctor", "cancelled_doctor", "moved_doctor", "admin", "superuser"}
    return {
        "chart": ("get", f"patients/{patient}/chart/", {}, READERS),
        "earlier chart": ("get", f"patients/{patient}/chart/revisions/", {}, READERS),
        "change chart": ("patch", f"patients/{patient}/chart/", {"allergies": "dust"}, CHART_WRITERS),
        "record": ("get", f"medical-records/{record}/", {}, READERS),
        "earlier record": ("get", f"medical-records/{record}/revisions/", {}, READERS),
        "files": ("get", f"medical-records/{record}/attachments/", {}, READERS),
        "requests": ("get", f"medical-records/{record}/amendment-requests/", {}, READERS),
        "change": ("patch", f"medical-records/{record}/", {"notes": "better"}, WRITERS),
        "sign": ("post", f"medical-records/{record}/sign/", {}, WRITERS),
        "ask": ("post", f"medical-records/{record}/amendment-requests/", {"text": "Wrong."}, {"patient"}),
        "log": ("get", f"patients/{patient}/access-log/", {}, {"patient", "admin", "superuser"}),
        "emergency": (
            "post",
            f"patients/{patient}/emergency-access/",
            {"reason": "Unconscious, brought in by ambulance.", "password": PASSWORD},
            emergency | {"emergency_holder", "late_holder"},
        ),
    }


def test_door_when_everybody_tries(people: People) -> None:
    # case 101, case 104, case 105, case 106, case 109, case 112, case 131, case 136, case 192, case 193
    callers = {name: Caller(user) for name, user in people.who.items() if user.is_active}
    callers["anonymous"] = Caller()
    own, other = str(people.record.pk), str(people.patient.pk)

    for door, (method, path, body, may) in doors(people).items():
        came_in = set()
        for name, caller in callers.items():
            answer = getattr(caller, method)(path, body, format="json") if body else getattr(caller, method)(path)
            if answer.status_code < 300:
                came_in.add(name)
            elif name not in READERS and door != "emergency":
                missing = path.replace(own, NOWHERE).replace(other, NOWHERE)
                told = (
                    getattr(caller, method)(missing, body, format="json") if body else getattr(caller, method)(missing)
                )
                assert (told.status_code, told.json()) == (answer.status_code, answer.json()), f"{door} for {name}"
            assert "CNRY" not in answer.content.decode() or name in came_in
        assert came_in == may, door


def test_list_when_everybody_asks(people: People) -> None:  # case 103, case 115
    everything = {str(people.record.pk), str(people.other_record.pk)}
    expected = {name: {str(people.record.pk)} for name in READERS} | {
        "doctor": everything,
        "other_patient": {str(people.other_record.pk)},
    }

    for name, user in people.who.items():
        if user.is_active:
            answer = Caller(user).get("medical-records/").json()
            ids = {row["id"] for row in answer["results"]}
            assert (ids, answer["count"]) == (expected.get(name, set()), len(expected.get(name, set()))), name
            hidden = Caller(user).get("medical-records/", {"patient": str(people.patient.pk), "ordering": "diagnosis"})
            assert hidden.json()["count"] == len(expected.get(name, set()) - {str(people.other_record.pk)}), name


def test_each_reading_is_written_down_once(people: People) -> None:  # case 182
    doctor = Caller(people.who["doctor"])
    paths = {
        f"patients/{people.patient.pk}/chart/": "records.chart.read",
        f"medical-records/{people.record.pk}/": "records.record.read",
        f"medical-records/{people.record.pk}/revisions/": "records.record.revisions_read",
    }

    for path, verb in paths.items():
        doctor.get(path)
        entry = AuditEntry.objects.get(verb=verb)
        assert (entry.actor, entry.patient) == (people.who["doctor"].pk, people.patient.pk)
        assert (entry.entry_point, entry.outcome, bool(entry.ip)) == ("api", Outcome.ALLOWED, True)
    doctor.get("medical-records/")

    listed = AuditEntry.objects.filter(verb="records.record.listed")
    assert {entry.patient for entry in listed} == {people.patient.pk, people.other_record.chart_id}
    assert not any("CNRY" in str(row) for row in AuditEntry.objects.values())


def test_refused_reading_is_written_down(people: People) -> None:  # case 183
    Caller(people.who["other_doctor"]).get(f"medical-records/{people.record.pk}/")

    entry = AuditEntry.objects.filter(outcome=Outcome.DENIED).latest("at")
    assert (entry.actor, entry.object_id) == (people.who["other_doctor"].pk, str(people.record.pk))


def test_write_and_read_and_amend(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    doctor, patient = Caller(dr_chen.user), Caller(alice.user)

    made = doctor.post("medical-records/", {"appointment": str(visit.pk), **TEXTS}, format="json")
    path = f"medical-records/{made.json()['id']}/"
    signed = doctor.post(f"{path}sign/", HTTP_IF_MATCH=made["ETag"])
    refused = doctor.patch(path, {"notes": "better"}, format="json")
    amended = doctor.patch(
        path, {"notes": "better", "reason": "The result."}, format="json", HTTP_IF_MATCH=signed["ETag"]
    )
    stale = doctor.patch(path, {"notes": "worse", "reason": "x"}, format="json", HTTP_IF_MATCH=signed["ETag"])

    assert (made.status_code, amended.status_code) == (201, 200)
    assert refusal(refused) == (400, "reason_required")
    assert refusal(stale) == (409, "stale")
    read = patient.get(path).json()
    assert (read["notes"], read["version"], read["signed_at"] is None) == ("better", 2, False)
    assert read["visited_at"] == "2027-03-01T10:00:00+01:00"
    [earlier] = patient.get(f"{path}revisions/").json()["results"]
    assert (earlier["notes"], earlier["reason"], earlier["was_signed"]) == (TEXTS["notes"], "The result.", True)
    assert [doctor.delete(path).status_code, doctor.put(path, {}).status_code] == [405, 405]


@pytest.mark.parametrize("which", ["another doctor's", "cancelled", "to come", "second", "missing", "invisible"])
def test_write_of_the_wrong_visit(which: str, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    # case 133, case 136
    visit, by = book(dr_chen, alice), dr_chen.user
    if which == "cancelled":
        booking.cancel(visit, by=rita, now=NOW, reason="ill")
    elif which == "to come":
        booking.reschedule(visit, starts_at=at("10:00").replace(day=15), by=rita, now=NOW)
    elif which == "second":
        make_record(visit)
    elif which == "another doctor's":
        by = rita
    elif which == "invisible":
        by = dr_diaz.user
    named = NOWHERE if which == "missing" else str(visit.pk)

    answer = Caller(by).post("medical-records/", {"appointment": named, **TEXTS}, format="json")

    assert (
        refusal(answer)
        == {
            "another doctor's": (403, "permission_denied"),
            "cancelled": (400, "not_a_visit"),
            "to come": (400, "not_yet"),
            "second": (409, "record_exists"),
            "missing": (400, "invalid"),
            "invisible": (400, "invalid"),
        }[which]
    )
    assert MedicalRecord.objects.count() == (which == "second")


@pytest.mark.parametrize("name", ["diagnosis", "notes"])
@pytest.mark.parametrize(
    "value",
    ["x" * 1_000_000, "a\x00b", "\x1b[31m", "\ud800", 7, None, ["x"], {"a": 1}],
    ids=["huge", "nul", "escape", "surrogate", "number", "null", "list", "object"],
)
def test_write_what_is_no_text(name: str, value: Any, alice: Patient, dr_chen: Doctor) -> None:  # case 144
    visit = book(dr_chen, alice)

    body = json.dumps({"appointment": str(visit.pk), name: value})

    answer = Caller(dr_chen.user).post("medical-records/", body, content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [name]
    assert not MedicalRecord.objects.exists()


def test_write_with_more_than_is_asked(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    # case 129, fault B0-4
    visit = book(dr_chen, alice)
    more = {"patient": str(bob.pk), "chart": str(bob.pk), "doctor": str(dr_diaz.pk), "id": NOWHERE, "signed_at": "now"}

    made = Caller(dr_chen.user).post("medical-records/", {"appointment": str(visit.pk), **TEXTS, **more}, format="json")

    record = MedicalRecord.objects.get()
    assert (record.chart_id, record.doctor, record.signed_at) == (alice.pk, dr_chen, None)
    assert made.json()["id"] == str(record.pk) != NOWHERE


def test_ask_and_answer(alice: Patient, dr_chen: Doctor) -> None:
    path = f"medical-records/{make_record(book(dr_chen, alice)).pk}/amendment-requests/"
    doctor, patient = Caller(dr_chen.user), Caller(alice.user)

    asked = patient.post(path, {"text": "The left knee."}, format="json")
    again = patient.post(path, {"text": "Left!"}, format="json")
    answered = doctor.post(f"{path}answer/", {"amend": True, "explanation": "Right.", "notes": "left"}, format="json")
    none = doctor.post(f"{path}answer/", {"amend": False, "explanation": "No."}, format="json")

    assert (asked.status_code, answered.json()["answer"]) == (201, "amended")
    assert refusal(again) == (409, "already_asked")
    assert none.status_code == 404
    assert patient.get(path).json()["results"][0]["explanation"] == "Right."


def test_emergency_through_the_door(people: People) -> None:  # case 189, case 191, case 192
    stranger, patient = Caller(people.who["other_doctor"]), Caller(people.who["patient"])
    path, body = f"patients/{people.patient.pk}/emergency-access/", {"reason": "Unconscious after an accident."}
    before = EmergencyAccess.objects.count()

    refused = [
        refusal(stranger.post(path, asked, format="json"))
        for asked in (
            {"reason": " ", "password": PASSWORD},
            {"reason": "too   short", "password": PASSWORD},
            body,
            body | {"password": "not-this-one"},
            body | {"code": "123456"},
        )
    ]
    assert [status for status, _code in refused] == [400] * 5
    assert EmergencyAccess.objects.count() == before
    assert stranger.get(f"medical-records/{people.record.pk}/").status_code == 404
    assert stranger.post(path, body | {"password": PASSWORD}, format="json").status_code == 201

    assert stranger.get(f"medical-records/{people.record.pk}/").json()["notes"] == TEXTS["notes"]
    assert stranger.get(f"medical-records/{people.other_record.pk}/").status_code == 404
    assert refusal(stranger.patch(f"medical-records/{people.record.pk}/", {"notes": "x"}, format="json"))[0] == 403
    log = patient.get(f"patients/{people.patient.pk}/access-log/").json()["results"]
    assert [row["is_emergency"] for row in log[:2]] == [True, True]
    assert log[1]["reason"] == "Unconscious after an accident."
    assert Message.objects.filter(kind="emergency_access", context__access=str(_last().pk)).count() == 1


def _last() -> EmergencyAccess:
    return EmergencyAccess.objects.latest("created_at")


def test_chart_is_changed_and_remembered(alice: Patient, dr_chen: Doctor) -> None:
    book(dr_chen, alice)
    doctor, path = Caller(dr_chen.user), f"patients/{alice.pk}/chart/"
    seen = doctor.get(path)["ETag"]

    first = doctor.patch(path, {"blood_type": "0+"}, format="json")
    second = doctor.patch(path, {"allergies": "Penicillin"}, format="json", HTTP_IF_MATCH=seen)
    third = doctor.patch(path, {"allergies": "none"}, format="json", HTTP_IF_MATCH=seen)

    assert refusal(first) == (400, "bad_blood_type")
    assert second.json()["allergies"] == "Penicillin"
    assert refusal(third) == (409, "stale")
    assert Chart.objects.get().version == 2


def test_list_costs_the_same_for_many(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    caller, counts = Caller(dr_chen.user), []
    make_record(book(dr_chen, alice, at("09:00")))
    caller.get("medical-records/")
    more = [(bob, "09:30"), (alice, "10:00"), (bob, "10:30"), (alice, "11:00")]

    for extra in ([], more):
        for who, clock in extra:
            make_record(book(dr_chen, who, at(clock)))
        with CaptureQueriesContext(connection) as queries:
            assert len(caller.get("medical-records/").json()["results"]) == 1 + len(extra)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_revision_belongs_to_its_record(people: People) -> None:  # case 104
    answer = Caller(people.who["patient"]).get(f"medical-records/{people.other_record.pk}/revisions/")

    assert answer.status_code == 404
    assert not RecordRevision.objects.exists()


def test_file_goes_in_and_out(people: People, tmp_path: Path, settings: Any) -> None:  # case 104, case 124, case 154
    settings.STORAGES = settings.STORAGES | {
        "records": {"BACKEND": "records.storage.Kept", "OPTIONS": {"location": tmp_path / "records"}}
    }
    pdf = b"%PDF-1.7 CNRY-file\n%%EOF"
    callers = {name: Caller(user) for name, user in people.who.items() if user.is_active}
    path = f"medical-records/{people.record.pk}/attachments/"
    added = callers["doctor"].post(
        path, {"file": SimpleUploadedFile("knee <b>.pdf", pdf), "name": ""}, format="multipart"
    )
    refused = callers["patient"].post(path, {"file": SimpleUploadedFile("knee.pdf", pdf)}, format="multipart")
    lie = callers["doctor"].post(path, {"file": SimpleUploadedFile("knee.pdf", b"<svg/>")}, format="multipart")

    file = f"{path}{added.json()['id']}/"
    got = {name: caller.get(file) for name, caller in callers.items()}

    assert (added.status_code, refused.status_code, refusal(lie)) == (201, 403, (400, "bad_file"))
    assert {name for name, answer in got.items() if answer.status_code == 200} == READERS
    answer = got["patient"]
    assert (answer.content, answer["Content-Type"]) == (pdf, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="knee b.pdf"'
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert "no-store" in answer["Cache-Control"]
    assert callers["doctor"].get(file.replace(str(people.record.pk), str(people.other_record.pk))).status_code == 404
    assert AuditEntry.objects.filter(verb="records.attachment.read").count() == len(READERS)
