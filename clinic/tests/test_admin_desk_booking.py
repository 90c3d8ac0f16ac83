"""Booking on behalf at the desk: who, when, done."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Patient, User
from accounts.people import register_at_the_desk
from clinic.models import Appointment, Doctor, Site, Status
from clinic.tests.desk import CANARY, client_of
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)

pytestmark = pytest.mark.usefixtures("clock")

BORN = date(1980, 5, 3)
NEW = {
    "do": "register",
    "key": "k" * 32,
    "seen": "",
    "first_name": "Mia",
    "last_name": "Meyer",
    "date_of_birth": "1980-05-03",
    "phone": "+49301234567",
    "email": "",
    "insurance_provider": "AOK",
    "insurance_number": "A123 456 789",
}
Post = Callable[..., Any]


def book_page(**said: Any) -> str:
    return reverse("admin:desk-book", query={name: str(getattr(value, "pk", value)) for name, value in said.items()})


def said_at(answer: Any, field: str) -> list[str]:
    """What the page says at a field of its form."""
    assert answer.status_code == 200
    return list(answer.context["form"].errors.get(field, []))


@pytest.fixture
def mia(db: None) -> Patient:
    return register_at_the_desk(
        first_name="Mia",
        last_name="Meyer",
        date_of_birth=BORN,
        phone="+49301234567",
        insurance_number="A123456789",
    )


@pytest.fixture
def book(rita: User, alice: Patient, dr_chen: Doctor) -> Post:
    """Rita books for Alice with Dr. Chen on Monday at 09:30, unless she says otherwise."""

    def post(by: User = rita, patient: Patient = alice, starts_at: str = "09:30", **said: Any) -> Any:
        when = f"{at(starts_at):%Y-%m-%dT%H:%M:%SZ}"
        form = {"reason": "", "override_reason": "", "key": "k" * 32}
        return client_of(by).post(book_page(patient=patient, doctor=dr_chen, starts_at=when), form | said)

    return post


# --- Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["mey", "Mia Meyer", "030 1234567", "3.5.1980", "1980-05-03 meyer", "a123-456 789"])
def test_find_tells_people_apart(rita: User, mia: Patient, alice: Patient, words: str) -> None:
    answer = client_of(rita).post(book_page(), {"do": "find", "words": words})

    assert list(answer.context["patients"]) == [mia]
    page = answer.content.decode()
    assert "3 May 1980" in page
    assert "+49 30 1234567" in page
    assert "A123" not in page
    assert f"?patient={mia.pk}" in page


def test_find_fills_in_the_form_when_nobody_is_found(rita: User) -> None:
    answer = client_of(rita).post(book_page(), {"do": "find", "words": "mia meyer 3.5.1980"})

    assert answer.context["register"].initial | {"key": ""} == {
        "first_name": "Mia",
        "last_name": "Meyer",
        "date_of_birth": BORN,
        "key": "",
    }
    assert re.search(r"<details[^>]* open", answer.content.decode())


def test_find_says_more_when_many_are_found(rita: User) -> None:
    for number in range(25):
        register_at_the_desk(first_name="Max", last_name=f"Meyer{number:02}")

    answer = client_of(rita).post(book_page(), {"do": "find", "words": "meyer"})

    assert (len(answer.context["patients"]), answer.context["has_more"]) == (20, True)


@pytest.mark.parametrize("words", ["", " ", "\x00", "x" * 101])
def test_find_refuses_nonsense(rita: User, words: str) -> None:
    answer = client_of(rita).post(book_page(), {"do": "find", "words": words})

    assert answer.status_code == 200
    assert answer.context["find"].errors


def test_register_leads_on_with_the_time_that_was_chosen(rita: User, dr_chen: Doctor) -> None:
    client, address = client_of(rita), book_page(doctor=dr_chen, starts_at="2027-03-01T08:30:00Z")

    answer = client.post(address, NEW)

    mia = Patient.objects.get()
    assert (mia.first_name, mia.date_of_birth, mia.insurance_number, mia.user) == ("Mia", BORN, "A123 456 789", None)
    assert answer.url == book_page(patient=mia, doctor=dr_chen, starts_at="2027-03-01T08:30:00Z")
    assert "Is this right?" in client.get(answer.url).content.decode()
    # Sent twice.
    assert client.post(address, NEW | {"seen": str(mia.pk), "anyway": "yes"}).url == answer.url
    assert Patient.objects.count() == 1


def test_register_shows_who_it_may_be_first(rita: User, mia: Patient) -> None:
    client = client_of(rita)
    same = NEW | {"first_name": "MIA", "last_name": "Meyér", "phone": "", "key": "x" * 32}

    # "All the same" counts only for those who were shown.
    for said in ({}, {"anyway": "yes"}):
        answer = client.post(book_page(), same | said)
        page = answer.content.decode()
        assert "It is this one" in page
        assert "same insurance number, same name, same date of birth" in page
        assert f"?patient={mia.pk}" in page
        assert Patient.objects.count() == 1
    answer = client.post(book_page(), same | {"anyway": "yes", "seen": answer.context["register"]["seen"].value()})

    assert answer.status_code == 302
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": "Mey\ner"}, "last_name"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"insurance_number": "\x00"}, "insurance_number"),
        ({"key": "ä"}, "__all__"),
    ],
)
def test_register_keeps_what_was_typed_when_it_is_refused(rita: User, wrong: dict[str, str], field: str) -> None:
    answer = client_of(rita).post(book_page(), NEW | wrong)

    assert answer.status_code == 200
    assert field in answer.context["register"].errors
    assert "AOK" in answer.content.decode()
    assert not Patient.objects.exists()


def test_register_sets_nothing_that_is_not_asked(rita: User, alice: Patient) -> None:
    # case 129
    more = {"user": alice.user_id, "role": "admin", "is_staff": "1", "created_at": "1999-01-01", "id": alice.pk}

    client_of(rita).post(book_page(), NEW | more)

    mia = Patient.objects.exclude(pk=alice.pk).get()
    assert (mia.user, mia.created_at.year) == (None, NOW.year)


# --- When -----------------------------------------------------------------------------------------


def test_times_are_the_free_ones(rita: User, alice: Patient, dr_chen: Doctor, bob: Patient, berlin: Site) -> None:
    make_appointment(dr_chen, bob, at("09:30"))
    make_time_off(at("10:00"), at("12:00"), dr_chen)

    answer = client_of(rita).get(book_page(patient=alice, doctor=dr_chen, day=MONDAY))

    first = answer.context["days"][0]
    assert (first.day, [slot.starts_at for slot, _query in first.rows[0].times]) == (MONDAY, [at("09:00")])
    assert f"starts_at={at('09:00'):%Y-%m-%dT%H}%3A00%3A00Z" in first.rows[0].times[0][1]


def test_times_show_all_when_asked_to(rita: User, alice: Patient, dr_chen: Doctor, bob: Patient) -> None:
    make_appointment(dr_chen, bob, at("09:30"))
    make_appointment(dr_chen, None, at("10:00"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=5))
    make_time_off(at("10:30"), at("12:00"), dr_chen)

    answer = client_of(rita).get(book_page(patient=alice, doctor=dr_chen, day=MONDAY, status="all"))

    times = answer.context["days"][0].rows[0].times
    assert [slot.status for slot, _query in times] == ["free", "booked", "held", "off", "off", "off"]


def test_times_are_those_of_the_doctors_asked_for(rita: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    kind = make_visit_type(minutes=60)
    dr_diaz.visit_types.add(kind)

    answer = client_of(rita).get(book_page(patient=alice, visit_type=kind))

    rows = [row for day in answer.context["days"] for row in day.rows]
    assert {row.doctor for row in rows} == {dr_diaz}
    # The desk is not bound by the notice that patients have to give.
    assert rows[0].times[0][0].starts_at == NOW


def test_times_begin_today_where_the_clock_is_behind(rita: User, alice: Patient, dr_chen: Doctor, clock: Any) -> None:
    make_hours(dr_chen, make_site(time_zone="America/New_York"), "19:00", "22:00", weekdays=[0])
    clock.move_to(datetime(2027, 3, 2, 0, 40, tzinfo=UTC))  # Monday, 19:40 in New York

    answer = client_of(rita).get(book_page(patient=alice, doctor=dr_chen))

    first = answer.context["days"][0]
    assert first.day == MONDAY
    assert first.rows[0].times[0][0].starts_at == datetime(2027, 3, 2, 1, 0, tzinfo=UTC)


def test_times_have_another_that_is_not_listed(rita: User, alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    said = {"of": dr_chen, "at": berlin, "on": MONDAY, "time": "17:05"}

    answer = client_of(rita).get(book_page(patient=alice, **said))
    wrong = client_of(rita).get(book_page(patient=alice, **said | {"on": "2027-03-28", "time": "02:30"}))

    assert answer.url == book_page(patient=alice, doctor=dr_chen, starts_at="2027-03-01T16:05:00Z")
    assert wrong.context["clock"].errors["time"]


def test_address_means_nothing_when_it_makes_no_sense(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    client, names = client_of(rita), ("patient", "doctor", "visit_type", "starts_at", "day", "done", "status", "time")

    for name in names:
        for said in ("x", "9" * 40, "0001-01-01", "9999-12-31T23:59:59Z", ""):
            answer = client.get(book_page(patient=alice, doctor=dr_chen) + f"&{name}={said}")

            assert answer.status_code == 200, (name, said)


# --- Done -----------------------------------------------------------------------------------------


def test_book(book: Post, rita: User, alice: Patient, dr_chen: Doctor) -> None:
    answer = book(reason=f"{CANARY} knee")

    made = Appointment.objects.get()
    assert answer.url == book_page(done=made.pk)
    assert (made.patient, made.doctor, made.starts_at, made.booked_by) == (alice, dr_chen, at("09:30"), rita)
    assert (made.reason, made.is_overbooked) == (f"{CANARY} knee", False)
    page = client_of(rita).get(answer.url).content.decode()
    assert made.reference in page
    assert CANARY not in page
    assert re.search(r"<title>\s*Book an appointment \|", page)
    # A double click.
    assert book(reason=f"{CANARY} knee").url == answer.url
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "starts_at", "says"),
    [("booked", "09:30", "Bob Baker"), ("off", "10:00", "Congress"), ("outside", "17:05", "outside the doctor")],
)
def test_book_over_needs_a_reason_and_shows_what_is_there(
    book: Post, rita: User, alice: Patient, bob: Patient, dr_chen: Doctor, what: str, starts_at: str, says: str
) -> None:
    if what == "booked":
        make_appointment(dr_chen, bob, at("09:30"))
    elif what == "off":
        make_time_off(at("10:00"), at("11:00"), dr_chen, reason="Congress")
    before = Appointment.objects.count()
    when = f"{at(starts_at):%Y-%m-%dT%H:%M:%SZ}"

    page = client_of(rita).get(book_page(patient=alice, doctor=dr_chen, starts_at=when)).content.decode()
    assert says in page
    assert "Reason for overbooking" in page
    assert said_at(book(starts_at=starts_at, override_reason=" "), "override_reason")
    assert Appointment.objects.count() == before
    answer = book(starts_at=starts_at, override_reason="In pain")

    made = Appointment.objects.get(patient=alice)
    assert (made.starts_at, made.is_overbooked, made.override_reason) == (at(starts_at), True, "In pain")
    assert "In pain" in client_of(rita).get(answer.url).content.decode()
    listed = client_of(rita).get(reverse("admin:clinic_appointment_changelist")).content.decode()
    assert listed.count('field-over">Overbooked<') == 1


def test_book_never_puts_a_patient_in_two_places(book: Post, alice: Patient, dr_diaz: Doctor) -> None:
    # case 022
    make_appointment(dr_diaz, alice, at("09:15"))

    for reason in ("", "In pain"):
        assert said_at(book(override_reason=reason), "__all__") == ["There is another appointment at this time."]
    assert Appointment.objects.count() == 1


def test_book_is_not_bound_by_how_many_a_patient_may_have(
    book: Post, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, settings: Any
) -> None:
    # case 031
    settings.MAX_UPCOMING_PER_PATIENT = 1
    make_appointment(dr_diaz, alice, at("11:00"))

    assert book().status_code == 302
    assert Appointment.objects.filter(patient=alice).count() == 2


def test_book_tells_what_is_free_when_somebody_was_faster(book: Post, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, bob, at("09:30"))

    answer = book()

    assert [slot.starts_at for slot, _query in answer.context["alternatives"]] == [
        at("09:00"),
        at("10:00"),
        at("10:30"),
    ]
    assert Appointment.objects.count() == 1


def test_book_is_refused_in_the_past(book: Post, dr_chen: Doctor, clock: Any) -> None:
    clock.move_to(at("09:40"))

    answer = book(override_reason="In pain")

    assert not answer.context["may_overbook"]
    assert said_at(answer, "__all__") == ["This time has passed."]
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("who", ["alice", "dr_chen", "nobody"])
@pytest.mark.parametrize("name", ["desk-book", "desk-walk-in"])
def test_desk_is_for_staff(alice: Patient, bob: Patient, dr_chen: Doctor, who: str, name: str) -> None:
    # case 133
    user = {"alice": alice.user, "dr_chen": dr_chen.user, "nobody": None}[who]
    address = reverse(f"admin:{name}", query={"patient": str(bob.pk), "doctor": str(dr_chen.pk)})

    answers = [client_of(user).get(address), client_of(user).post(address, NEW), client_of(user).post(address, {})]

    # To the sign-in, which lets none of them in.
    assert {answer.url.partition("?")[0] for answer in answers} == {reverse("admin:login")}
    if user is not None:
        assert client_of(user).get(answers[0].url).status_code == 403
    assert not Appointment.objects.exists()
    assert Patient.objects.count() == 2


# --- Walking in -----------------------------------------------------------------------------------


def test_walk_in(rita: User, alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, clock: Any) -> None:
    clock.move_to(at("10:10"))
    make_appointment(dr_diaz, bob, at("10:00"))
    client, address = client_of(rita), reverse("admin:desk-walk-in", query={"patient": str(alice.pk)})
    form = {"doctor": dr_chen.pk, "reason": "", "override_reason": "", "key": "k" * 32}

    places = client.get(address).context["places"]
    answers = [client.post(address, form) for _twice in range(2)]

    assert [(place.doctor, place.is_now) for place in places] == [(dr_chen, True), (dr_diaz, False)]
    made = Appointment.objects.get(patient=alice)
    assert (made.starts_at, made.status, made.booked_by) == (at("10:10"), Status.ARRIVED, rita)
    assert {answer.url for answer in answers} == {book_page(done=made.pk)}
    assert "Booked, and here" in client.get(answers[0].url).content.decode()


def test_walk_in_asks_why_when_nobody_is_free(rita: User, alice: Patient, dr_chen: Doctor, clock: Any) -> None:
    clock.move_to(at("07:00"))
    client, address = client_of(rita), reverse("admin:desk-walk-in", query={"patient": str(alice.pk)})
    form = {"doctor": dr_chen.pk, "reason": "", "override_reason": "", "key": "k" * 32}

    assert said_at(client.post(address, form), "override_reason")
    assert said_at(client.post(address, form | {"doctor": ""}), "doctor") == ["Choose a doctor."]
    assert not Appointment.objects.exists()
    assert client.post(address, form | {"override_reason": "In pain"}).status_code == 302

    assert Appointment.objects.get().is_overbooked


@pytest.mark.parametrize("name", ["desk-book", "desk-walk-in"])
def test_desk_asks_no_more_where_there_are_more_doctors(
    rita: User, alice: Patient, dr_chen: Doctor, berlin: Site, name: str
) -> None:
    client, address = client_of(rita), reverse(f"admin:{name}", query={"patient": str(alice.pk)})
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    for _number in range(5):
        make_hours(make_doctor(), berlin)

    with CaptureQueriesContext(connection) as asked_of_many:
        client.get(address)

    assert len(asked_of_many) <= len(asked)
