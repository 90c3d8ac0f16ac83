"""Seeing appointments through the API: who sees what."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Patient, Role, User
from accounts.tests.factories import make_user
from clinic.models import Appointment, Approval, Doctor, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_site, make_visit_type

pytestmark = pytest.mark.usefixtures("clock")


def listed(user: User, **query: str) -> list[str]:
    """The ids that ``user`` is answered, in their order."""
    answer = Caller(user).get("appointments/", query_params=query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.fixture
def hers(dr_chen: Doctor, alice: Patient) -> Appointment:
    """Alice with Dr. Chen on Monday."""
    return make_appointment(dr_chen, alice, at("09:00"), reason="CNRY-reason", notes="CNRY-notes")


@pytest.fixture
def his(dr_diaz: Doctor, bob: Patient) -> Appointment:
    """Bob with Dr. Diaz on Monday."""
    return make_appointment(dr_diaz, bob, at("10:00"))


def test_list_shows_each_his_own(  # case 101; fault B0-6, B0-13, B1-13, B2-6
    hers: Appointment, his: Appointment, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User
) -> None:
    seen = {
        user.email: set(listed(user))
        for user in (hers.patient.user, his.patient.user, dr_chen.user, dr_diaz.user, rita, adam, make_user())
    }

    assert list(seen.values()) == [
        *({str(hers.pk)}, {str(his.pk)}, {str(hers.pk)}, {str(his.pk)}),
        *({str(hers.pk), str(his.pk)}, {str(hers.pk), str(his.pk)}, set()),
    ]


def test_detail_of_anothers_is_as_good_as_none(hers: Appointment, his: Appointment, dr_diaz: Doctor) -> None:
    for user in (his.patient.user, dr_diaz.user, make_user()):
        answer, nothing = Caller(user).get(f"appointments/{hers.pk}/"), Caller(user).get(f"appointments/{uuid4()}/")

        assert refusal(answer) == (404, "not_found")
        assert answer.content == nothing.content

    assert Caller(hers.patient.user).get(f"appointments/{hers.pk}/").status_code == 200


def test_list_and_detail_by_a_stranger(hers: Appointment) -> None:  # fault B3-1
    for path in ("appointments/", f"appointments/{hers.pk}/"):
        assert refusal(Caller().get(path)) == (401, "not_authenticated")


@pytest.mark.parametrize("approval", [Approval.PENDING, Approval.REJECTED])
def test_list_by_a_doctor_who_is_not_let_in(hers: Appointment, dr_chen: Doctor, approval: Approval) -> None:
    Doctor.objects.update(approval=approval)

    assert listed(dr_chen.user) == []


def test_reason_is_for_the_patient_and_the_doctor(hers: Appointment, dr_chen: Doctor, rita: User, adam: User) -> None:
    path = f"appointments/{hers.pk}/"  # case 112

    for user in (hers.patient.user, dr_chen.user):
        assert Caller(user).get(path).json()["reason"] == "CNRY-reason"
    for user in (rita, adam):
        for answer in (Caller(user).get(path), Caller(user).get("appointments/")):
            assert b"CNRY" not in answer.content
            assert b"reason" not in answer.content.replace(b"override_reason", b"")
    assert b"CNRY-notes" not in Caller(dr_chen.user).get(path).content


def test_overbooking_is_the_clinics_business(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    booked = make_appointment(dr_chen, alice, at("09:00"), is_overbooked=True, override_reason="pain")
    path = f"appointments/{booked.pk}/"

    for user in (rita, dr_chen.user):
        body = Caller(user).get(path).json()
        assert (body["is_overbooked"], body["override_reason"]) == (True, "pain")
    assert b"overbooked" not in Caller(alice.user).get(path).content


def test_detail_names_its_version(hers: Appointment) -> None:
    answer = Caller(hers.patient.user).get(f"appointments/{hers.pk}/")

    assert answer.headers["ETag"] == hers.etag
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_detail_is_never_answered_as_unchanged(hers: Appointment) -> None:  # case 173
    answer = Caller(hers.patient.user).get(f"appointments/{hers.pk}/", HTTP_IF_NONE_MATCH=hers.etag)

    assert answer.status_code == 200


def test_list_by_each_filter(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient, rita: User) -> None:
    first = make_appointment(dr_chen, alice, at("09:00"))
    second = make_appointment(dr_diaz, bob, at("09:00", MONDAY + timedelta(days=1)), status=Status.CANCELLED)
    past = make_appointment(dr_chen, bob, NOW - timedelta(days=3), status=Status.COMPLETED)
    Appointment.objects.filter(pk=second.pk).update(updated_at=NOW + timedelta(minutes=1))
    one, two, old = str(first.pk), str(second.pk), str(past.pk)

    assert listed(rita) == [old, one, two]
    assert listed(rita, doctor=str(dr_chen.pk)) == [old, one]
    assert listed(rita, patient=str(bob.pk)) == [old, two]
    assert listed(rita, status="cancelled") == [two]
    assert listed(rita, when="upcoming") == [one]
    assert listed(rita, when="past") == [two, old]
    assert listed(rita, updated_after="2027-02-22T09:00:30+01:00") == [two]
    assert listed(rita, **{"from": "2027-03-01", "to": "2027-03-02"}) == [one]
    assert listed(rita, **{"from": "2027-03-01T09:00:00 01:00", "to": "2027-03-01T09:00:01 01:00"}) == [one]
    assert listed(rita, **{"from": "2027-03-01T09:00:01+01:00"}) == [two]
    assert listed(rita, doctor=str(uuid4())) == []
    assert listed(rita, doctor="") == [old, one, two]


def test_list_of_a_day_is_the_day_of_each_site(dr_chen: Doctor, alice: Patient, bob: Patient, rita: User) -> None:
    tokyo, lima = make_site(time_zone="Asia/Tokyo"), make_site(time_zone="America/Lima")
    in_tokyo = make_appointment(dr_chen, alice, at("00:30", site=tokyo), site=tokyo)
    in_lima = make_appointment(dr_chen, bob, at("23:00", site=lima), site=lima)

    assert listed(rita, **{"from": "2027-03-01", "to": "2027-03-02"}) == [str(in_tokyo.pk), str(in_lima.pk)]
    assert listed(rita, **{"from": "2027-03-02"}) == []


def test_filters_show_nothing_of_others(hers: Appointment, his: Appointment) -> None:  # case 114, 115
    alice = hers.patient.user

    assert listed(alice, patient=str(his.patient_id)) == []
    assert listed(alice, doctor=str(his.doctor_id)) == []
    for ignored in ("ordering", "search", "fields", "expand", "patient__user__email", "reason__startswith", "id__in"):
        assert listed(alice, **{ignored: "patient__last_name"}) == [str(hers.pk)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"doctor": "x"}, "doctor"),
        ({"doctor": "\x00"}, "doctor"),
        ({"patient": "1" * 400}, "patient"),
        ({"status": "held"}, "status"),
        ({"status": "' OR 1=1"}, "status"),
        ({"when": "soon"}, "when"),
        ({"from": "tomorrow"}, "from"),
        ({"from": "2027-03-01T09:00"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"to": "2027-03-01\x00"}, "to"),
        ({"updated_after": "2027-03-01"}, "updated_after"),
        ({"updated_after": "0001-01-01T00:00:00+14:00"}, "updated_after"),
    ],
)
def test_list_when_the_question_makes_no_sense(rita: User, query: dict[str, str], field: str) -> None:  # case 151
    answer = Caller(rita).get("appointments/", query_params=query)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_names_come_along(dr_chen: Doctor, alice: Patient) -> None:
    kind = make_visit_type(name="First visit")
    booked = make_appointment(dr_chen, alice, at("09:00"), visit_type=kind)

    body = Caller(alice.user).get(f"appointments/{booked.pk}/").json()

    assert (body["visit_type"], body["visit_type_name"], body["patient_name"]) == (
        *(str(kind.pk), "First visit", "Alice Archer"),
    )


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("body", [{"status": "scheduled"}, {"reason": "x"}, {"patient": None}])
def test_rows_are_changed_by_verbs_only(  # case 037; fault B0-4, B2-7, B3-8
    dr_chen: Doctor, alice: Patient, method: str, body: dict[str, Any]
) -> None:
    cancelled = make_appointment(dr_chen, alice, at("09:00"), status=Status.CANCELLED)

    answer = getattr(Caller(alice.user), method)(f"appointments/{cancelled.pk}/", body)

    assert refusal(answer) == (405, "method_not_allowed")
    cancelled.refresh_from_db()
    assert cancelled.status == Status.CANCELLED


def test_doctor_who_is_a_patient_too_sees_both(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    as_doctor = make_appointment(dr_chen, alice, at("09:00"))
    as_patient = make_appointment(dr_diaz, Patient.objects.create(user=dr_chen.user), at("10:00"))
    assert dr_chen.user.role == Role.DOCTOR

    assert listed(dr_chen.user) == [str(as_doctor.pk), str(as_patient.pk)]
