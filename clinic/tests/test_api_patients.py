"""patients/: each for those who work with her, and for herself."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Patient, Role, User
from accounts.tests.factories import make_patient, make_user
from clinic.models import Appointment, Approval, Doctor, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at, make_appointment

pytestmark = pytest.mark.usefixtures("clock")
MIA: dict[str, Any] = {
    "first_name": "Mia",
    "last_name": "Meyer",
    "date_of_birth": "2020-05-01",
    "phone": "+4930123456",
    "email": "parent@example.org",
    "insurance_provider": "AOK",
    "insurance_number": "A123456789",
    "emergency_contact": "Her father",
    "reminder_channel": "sms",
}
SHOWN = {"id", "has_account", *MIA}
IN_LISTS = SHOWN - {"insurance_number"}


@pytest.fixture
def clara(db: None) -> Patient:
    """Registered at the desk."""
    return make_desk_patient(first_name="Clara", last_name="Cole", insurance_number="C-SECRET")


def make_desk_patient(**fields: Any) -> Patient:
    return Patient.objects.create(**fields)


@pytest.fixture
def callers(
    alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User
) -> dict[str, Caller]:
    """By name; alice has a visit with dr_chen, and had one with dr_diaz that was cancelled."""
    make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_diaz, alice, at("10:00"), status=Status.CANCELLED)
    Patient.objects.update(insurance_number="A-SECRET")
    gone = make_user(Role.ADMIN)
    users = {"alice": alice.user, "bob": bob.user, "chen": dr_chen.user, "diaz": dr_diaz.user, "rita": rita}
    told = {name: Caller(user) for name, user in (users | {"adam": adam, "gone": gone}).items()}
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return told | {"stranger": Caller()}


def rows() -> list[dict[str, Any]]:
    files, people = Patient.objects.order_by("pk"), User.objects.order_by("pk")
    return [dict(row) for row in (*files.values(), *people.values("pk", "is_active", "role"))]


OWN = ("alice", "rita", "adam")
"""Who may change alice's file."""
WHO = ("stranger", "gone", "alice", "bob", "chen", "diaz", "rita", "adam")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize("whose", ["alice", "nobody"])
def test_who_may(
    callers: dict[str, Caller], alice: Patient, who: str, method: str, whose: str
) -> None:  # case 101, case 104, case 133; fault B0-4, B3-1, B3-4
    body = None if method == "get" else {"first_name": "Alicia", "last_name": "Archer"}
    before = rows()

    answer = getattr(callers[who], method)(f"patients/{alice.pk if whose == 'alice' else uuid4()}/", body)

    seen = whose == "alice" and who in (*OWN, "chen")
    if who in ("stranger", "gone"):
        expected = 401
    elif method == "delete":
        expected = 403 if who != "adam" else 204 if seen else 404
    elif not seen:
        expected = 404
    else:
        expected = 200 if method == "get" or who in OWN else 403
    assert answer.status_code == expected
    assert (rows() == before) == (method == "get" or expected >= 400)


@pytest.mark.parametrize("who", ["bob", "diaz"])
def test_another_is_like_nobody(callers: dict[str, Caller], alice: Patient, who: str) -> None:  # case 101
    hers, nobodys = (callers[who].get(f"patients/{pk}/") for pk in (alice.pk, uuid4()))

    assert (hers.status_code, hers.content) == (nobodys.status_code, nobodys.content)


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("alice", ["Archer"]),
        ("bob", ["Baker"]),
        ("chen", ["Archer"]),
        ("diaz", []),
        ("rita", ["Archer", "Baker", "Cole"]),
        ("adam", ["Archer", "Baker", "Cole"]),
    ],
)
def test_list(
    callers: dict[str, Caller], clara: Patient, who: str, names: list[str]
) -> None:  # case 103, case 112, fault B0-6, B0-13, B1-8, B2-5
    answer = callers[who].get("patients/")

    assert (answer.status_code, answer.json()["count"]) == (200, len(names))
    assert [row["last_name"] for row in answer.json()["results"]] == names
    assert all(set(row) == IN_LISTS for row in answer.json()["results"])
    assert "SECRET" not in answer.content.decode()


@pytest.mark.parametrize("who", ["stranger", "gone"])
def test_list_by_nobody(callers: dict[str, Caller], who: str) -> None:
    assert callers[who].get("patients/").status_code == 401


def test_list_of_a_doctor_who_is_not_let_in(callers: dict[str, Caller], dr_chen: Doctor) -> None:  # case 109
    Doctor.objects.filter(pk=dr_chen.pk).update(approval=Approval.REJECTED)

    assert callers["chen"].get("patients/").json()["count"] == 0


def test_list_of_a_doctor_ends_with_the_cancellation(
    callers: dict[str, Caller], alice: Patient, dr_chen: Doctor
) -> None:  # case 106
    Appointment.objects.filter(doctor=dr_chen).update(status=Status.CANCELLED)

    assert callers["chen"].get("patients/").json()["count"] == 0
    assert callers["chen"].get(f"patients/{alice.pk}/").status_code == 404


def test_list_does_not_know_who_holds_a_time(callers: dict[str, Caller], bob: Patient, dr_diaz: Doctor) -> None:
    make_appointment(dr_diaz, bob, at("11:00"), status=Status.HELD, hold_expires_at=NOW)

    assert callers["diaz"].get("patients/").json()["count"] == 0


@pytest.mark.parametrize(("who", "is_told"), [("alice", True), ("rita", True), ("adam", True), ("chen", False)])
def test_insurance_number_is_read_by_those_who_may_change_it(
    callers: dict[str, Caller], alice: Patient, who: str, is_told: bool
) -> None:  # case 112
    body = callers[who].get(f"patients/{alice.pk}/").json()

    assert set(body) == (SHOWN if is_told else IN_LISTS)
    assert body.get("insurance_number") == ("A-SECRET" if is_told else None)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("archer", ["Archer"]),
        ("ali arch", ["Archer"]),
        ("030 999 888", ["Archer"]),
        ("1990-05-17", ["Archer"]),
        ("17.5.1990", ["Archer"]),
        ("Archer 17.5.1990", ["Archer"]),
        ("Baker 17.5.1990", []),
        ("31.2.1990", []),
        ("SECRET", []),
        ("%", []),
        ("' OR 1=1 --", []),
        ("", ["Archer", "Baker"]),
    ],
)
def test_search(callers: dict[str, Caller], alice: Patient, words: str, names: list[str]) -> None:  # case 114, case 151
    Patient.objects.filter(pk=alice.pk).update(phone="+4930999888", date_of_birth=date(1990, 5, 17))

    found = callers["rita"].get("patients/", query_params={"search": words})

    assert [row["last_name"] for row in found.json()["results"]] == names


@pytest.mark.parametrize("words", ["baker", "+49", "1990-05-17"])
def test_search_finds_nobody_whom_one_may_not_see(callers: dict[str, Caller], bob: Patient, words: str) -> None:
    # case 103, case 114
    Patient.objects.filter(pk=bob.pk).update(phone="+4930999888", date_of_birth=date(1990, 5, 17))

    for who in ("alice", "chen", "diaz"):
        assert callers[who].get("patients/", query_params={"search": words}).json()["count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "-insurance_number"},
        {"insurance_number__startswith": "A"},
        {"user__password__startswith": "md5"},
        {"fields": "insurance_number"},
        {"expand": "user"},
        {"appointments__reason": "x"},
    ],
)
def test_list_knows_no_other_question(callers: dict[str, Caller], query: dict[str, str]) -> None:  # case 114
    asked = callers["rita"].get("patients/", query_params=query)

    assert asked.json() == callers["rita"].get("patients/").json()


@pytest.mark.parametrize("who", ["rita", "chen"])
def test_list_asks_as_often_for_many(callers: dict[str, Caller], dr_chen: Doctor, who: str) -> None:  # fault B0-26
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert callers[who].get("patients/").status_code == 200
        return len(asked)

    queries()
    few = queries()
    for number in range(12):
        make_appointment(dr_chen, make_patient(), at("09:00", date(2027, 4, 1 + number)))

    assert queries() == few


@pytest.mark.parametrize("who", WHO)
def test_create_by_each(callers: dict[str, Caller], who: str) -> None:  # case 119, case 133; fault B3-1
    before = Patient.objects.count()

    answer = callers[who].post("patients/", MIA)

    expected = {"stranger": 401, "gone": 401, "rita": 201, "adam": 201}.get(who, 403)
    assert answer.status_code == expected
    assert Patient.objects.count() == before + (expected == 201)


def test_create_writes_all_of_it(rita: User) -> None:  # fault B0-17
    answer = Caller(rita).post("patients/", MIA)

    made = Patient.objects.get()
    assert answer.json() == MIA | {"id": str(made.pk), "has_account": False}
    assert (made.insurance_provider, made.insurance_number, made.user) == ("AOK", "A123456789", None)
    entry = AuditEntry.objects.get(verb="accounts.patient.registered")
    assert (entry.actor, entry.patient) == (rita.pk, made.pk)
    assert "A123456789" not in str(vars(entry))


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"first_name": ""}, "first_name", "invalid"),
        ({"first_name": "  "}, "first_name", "invalid"),
        ({"first_name": "a\x00"}, "first_name", None),
        ({"last_name": "a\u2028b"}, "last_name", "control_character"),
        ({"last_name": None}, "last_name", "invalid"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "bad_date_of_birth"),
        ({"date_of_birth": "1700-01-01"}, "date_of_birth", "bad_date_of_birth"),
        ({"date_of_birth": "2020-05-01T00:00:00Z"}, "date_of_birth", None),
        ({"date_of_birth": 20200501}, "date_of_birth", None),
        ({"phone": "call me"}, "phone", None),
        ({"email": "nonsense"}, "email", "invalid"),
        ({"email": "a@b.c\nBcc: x@evil.org"}, "email", None),
        ({"insurance_number": ["A"]}, "insurance_number", "invalid"),
        ({"reminder_channel": "pigeon"}, "reminder_channel", "invalid"),
    ],
)
def test_create_what_cannot_be(
    rita: User, said: dict[str, Any], field: str, code: str | None
) -> None:  # case 144, case 150, case 162; fault B3-15
    answer = Caller(rita).post("patients/", MIA | said)

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {field}
    assert code in (None, answer.json()["error"]["code"])
    assert not Patient.objects.exists()


@pytest.mark.parametrize("who", ["alice", "rita"])
def test_change_sets_nothing_else(
    callers: dict[str, Caller], alice: Patient, bob: Patient, who: str
) -> None:  # case 129, case 131; fault B0-4
    before = rows()
    extra = {"id": str(bob.pk), "user": str(bob.user_id), "user_id": str(bob.user_id), "role": "admin", "patient": "x"}

    answer = callers[who].patch(f"patients/{alice.pk}/", extra | {"is_active": False, "created_at": "2000-01-01"})

    unchanged = [{name: row[name] for name in row if name != "updated_at"} for row in (*before, *rows())]
    assert answer.status_code == 200
    assert unchanged[: len(before)] == unchanged[len(before) :]


def test_change_by_the_patient_herself(callers: dict[str, Caller], alice: Patient, bob: Patient) -> None:
    # case 131; fault B2-14
    said = {"phone": "030 123456", "insurance_number": "NEW", "email": "bob@example.org"}

    answer = callers["alice"].patch(f"patients/{alice.pk}/", said)

    alice.refresh_from_db()
    assert alice.user is not None
    assert (answer.status_code, answer.json()["insurance_number"]) == (200, "NEW")
    assert (str(alice.phone), str(alice.user.phone), alice.email) == ("+4930123456", "+4930123456", "alice@example.org")
    assert alice.user.email == "alice@example.org"


def test_change_by_the_desk(callers: dict[str, Caller], clara: Patient) -> None:
    answer = callers["rita"].put(f"patients/{clara.pk}/", MIA | {"first_name": "Clara"})

    assert (answer.status_code, answer.json()["email"]) == (200, "parent@example.org")
    assert Patient.objects.get(pk=clara.pk).insurance_number == "A123456789"


@pytest.mark.parametrize("who", ["alice", "rita"])
def test_put_wants_the_names_and_leaves_the_rest(callers: dict[str, Caller], alice: Patient, who: str) -> None:
    without = callers[who].put(f"patients/{alice.pk}/", {"phone": "030 123456"})
    answer = callers[who].put(f"patients/{alice.pk}/", {"first_name": "Alicia", "last_name": "Archer"})

    assert set(without.json()["error"]["fields"]) == {"first_name", "last_name"}
    assert (answer.json()["first_name"], answer.json()["insurance_number"]) == ("Alicia", "A-SECRET")


def test_delete_closes_the_account_and_keeps_the_patient(callers: dict[str, Caller], alice: Patient) -> None:
    # case 098, case 137; fault B0-18
    gone = callers["adam"].delete(f"patients/{alice.pk}/")
    again = callers["adam"].delete(f"patients/{alice.pk}/")

    assert (gone.status_code, gone.content, again.status_code) == (204, b"", 204)
    assert callers["alice"].get("patients/me/").status_code == 401
    assert callers["rita"].get(f"patients/{alice.pk}/").status_code == 200
    assert Appointment.objects.filter(patient=alice).count() == 2


def test_delete_of_who_has_no_account(callers: dict[str, Caller], clara: Patient) -> None:
    assert refusal(callers["adam"].delete(f"patients/{clara.pk}/")) == (409, "no_account")
    assert Patient.objects.filter(pk=clara.pk).exists()


def test_delete_of_a_superuser(callers: dict[str, Caller]) -> None:  # case 130
    root = make_patient(make_user(Role.ADMIN, is_superuser=True))

    assert refusal(callers["adam"].delete(f"patients/{root.pk}/")) == (403, "permission_denied")
    assert User.objects.get(pk=root.user_id).is_active


def test_me(callers: dict[str, Caller], alice: Patient) -> None:
    answer = callers["alice"].get("patients/me/")

    assert (answer.status_code, answer.json()["id"]) == (200, str(alice.pk))
    assert set(answer.json()) == SHOWN
    for method in ("patch", "put"):
        changed = getattr(callers["alice"], method)(
            "patients/me/", {"first_name": method.title(), "last_name": "Archer", "email": "x@example.org"}
        )
        assert (changed.status_code, changed.json()["first_name"]) == (200, method.title())
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


@pytest.mark.parametrize("method", ["get", "put", "patch"])
@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 401), ("gone", 401), ("chen", 404), ("rita", 404), ("adam", 404)]
)
def test_me_of_who_is_no_patient(callers: dict[str, Caller], method: str, who: str, status: int) -> None:
    body = None if method == "get" else {"first_name": "Eve", "last_name": "Eve"}
    before = rows()

    assert getattr(callers[who], method)("patients/me/", body).status_code == status
    assert rows() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "patients/"),
        ("patch", "patients/"),
        ("delete", "patients/"),
        ("post", "patients/me/"),
        ("delete", "patients/me/"),
    ],
)
def test_other_methods(callers: dict[str, Caller], method: str, path: str) -> None:
    assert refusal(getattr(callers["adam"], method)(path, MIA)) == (405, "method_not_allowed")


@pytest.mark.parametrize("pk", ["1", "x", "0" * 40, "00000000-0000-0000-0000-00000000000", "1e5", "%00", "٣"])
def test_id_that_is_none(callers: dict[str, Caller], pk: str) -> None:  # case 145
    assert callers["adam"].get(f"patients/{pk}/").status_code == 404
