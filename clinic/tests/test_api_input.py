"""Bodies and addresses that nobody foresaw: refused, never an error of ours, on every database."""

import json
from typing import Any

import pytest

from accounts.models import Patient
from clinic.models import Appointment, Doctor
from clinic.tests.clients import Caller, refusal

pytestmark = pytest.mark.usefixtures("clock")
JSON = "application/json"
TIME = "2027-03-01T09:30:00+01:00"


def post(user: Any, body: bytes | str, content_type: str = JSON) -> Any:
    """POST appointments/ with a body as it stands."""
    return Caller(user).generic("POST", "appointments/", body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"{]", b"", b"nonsense", b'{"a": 1} trailing', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}'),
        *(b"\xff\xfe", b'{"a": "\xff"}', b"\xef\xbb\xbf{}", '{"a": 1}'.encode("utf-16"), b"\x00", b'{"a": 0x1}'),
        *(b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 100_000, b"[" * 30 + b"]" * 30),
        *(b"[]", b"null", b"true", b"5", b'"text"', b"1e999"),
    ],
)
def test_body_that_is_no_object(dr_chen: Doctor, alice: Patient, body: bytes) -> None:  # case 146; fault B0-25
    answer = post(alice.user, body)

    assert refusal(answer) in {(400, "parse_error"), (400, "invalid")}
    assert not Appointment.objects.exists()


def test_body_that_is_too_large(alice: Patient) -> None:  # case 146
    answer = post(alice.user, b'{"reason": "' + b"x" * 1_100_000 + b'"}')

    assert refusal(answer) == (413, "too_large")


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "x/y;;"]
)
def test_body_of_another_type(dr_chen: Doctor, alice: Patient, content_type: str) -> None:
    answer = post(alice.user, b"a=b", content_type)

    assert answer.status_code in (400, 415)
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "hex", "idna", "nonsense"])
def test_body_said_to_be_of_another_charset(dr_chen: Doctor, alice: Patient, charset: str) -> None:
    body = json.dumps({"doctor": str(dr_chen.pk), "starts_at": TIME})

    answer = post(alice.user, body, f"{JSON}; charset={charset}")

    assert answer.status_code < 500


def test_of_a_name_that_comes_twice_the_last_counts(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    body = f'{{"doctor": "{dr_diaz.pk}", "doctor": "{dr_chen.pk}", "starts_at": "{TIME}"}}'  # case 146

    assert post(alice.user, body).status_code == 201
    assert Appointment.objects.get().doctor == dr_chen


@pytest.mark.parametrize("text", [r"\ud800", r"a\udfff", r"\u0000", r"a\u0000b"])
@pytest.mark.parametrize("field", ["reason", "doctor", "starts_at", "visit_type", "patient", "override_reason"])
def test_text_that_no_database_keeps(dr_chen: Doctor, alice: Patient, text: str, field: str) -> None:  # case 144
    said = {"doctor": str(dr_chen.pk), "starts_at": TIME}
    body = json.dumps(said | {field: "TEXT"}).replace("TEXT", text)

    answer = post(alice.user, body)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("text", [r"\ud800", r"\u0000"])
def test_names_that_no_database_keeps(dr_chen: Doctor, alice: Patient, text: str) -> None:
    body = json.dumps({"doctor": str(dr_chen.pk), "starts_at": TIME, "NAME": 1}).replace("NAME", text)

    assert post(alice.user, body).status_code == 201


@pytest.mark.parametrize("value", [-1, 0, 2**31, 2**63, 10**400, 1e5, "1 ", "٣", True, None, [], {}, "0x1"])
@pytest.mark.parametrize("field", ["doctor", "starts_at", "reason", "hold_key"])
def test_value_of_the_wrong_type(alice: Patient, field: str, value: Any) -> None:  # case 145
    body = {"hold": "x", "hold_key": "x"} if field == "hold_key" else {}

    answer = post(alice.user, json.dumps(body | {field: value}))

    assert refusal(answer)[0] == 400
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "1",
            "-1",
            "0",
            "9" * 400,
            "%00",
            "..%2f..%2fetc%2fpasswd",
            "x",
            "%D9%A3",
            "00000000-0000-0000-0000-000000000000",
        ),
        *("'", '"', ";--", "%25", "%5C", "{id}", "null", "true", "6F1B0A52-5A2F-4D39-9F2E-0F6F6B0C1A01"),
    ],
)
@pytest.mark.parametrize("things", ["appointments", "doctors", "departments", "sites", "specialties", "visit-types"])
def test_id_in_an_address_that_is_none(alice: Patient, things: str, path: str) -> None:  # case 145, 151
    assert refusal(Caller(alice.user).get(f"{things}/{path}/")) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        *(
            "__class__=x",
            "a.b=c",
            "_connector=OR",
            "**{}=x",
            "doctor__user__password=x",
            "%00=x",
            "x=%00",
            "page_size=%00",
        ),
        *("search=%25%27%22%5C", "ordering=-user__password", "&".join(f"p{n}=1" for n in range(500))),
        *(
            "search=" + "x" * 100,
            "language=%22%5D",
            "language=%5C",
            "search=%EF%BF%BE",
            "search=%ff%fe",
            "search=%ED%A0%80",
        ),
    ],
)
def test_query_that_nobody_foresaw(dr_chen: Doctor, query: str) -> None:  # case 147, 151
    answer = Caller().generic("GET", "doctors/", QUERY_STRING=query)

    assert answer.status_code in (200, 400)


def test_query_of_ten_thousand_parameters(dr_chen: Doctor) -> None:  # case 147
    answer = Caller().generic("GET", "doctors/", QUERY_STRING="&".join(f"p{n}=1" for n in range(10_000)))

    assert refusal(answer) == (413, "too_large")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0"])
def test_answer_of_another_type(dr_chen: Doctor, accept: str) -> None:
    answer = Caller(HTTP_ACCEPT=accept).get("doctors/")

    assert answer.status_code in (200, 406)
    assert answer.headers["Content-Type"] == "application/json"
