"""Appointments in the admin: booked, moved and cancelled by the same verbs as everywhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor, Site, ToBeMoved
from clinic.tests.desk import CANARY, client_of, page
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

Post = Callable[..., Any]


def errors(answer: Any, field: str) -> list[str]:
    """What the form says at a field."""
    assert answer.status_code == 200
    return list(answer.context["adminform"].form.errors.get(field, []))


def rows() -> list[dict[str, Any]]:
    return list(Appointment.objects.order_by("pk").values())


@pytest.fixture
def book(rita: User, alice: Patient, dr_chen: Doctor, berlin: Site) -> Post:
    """Rita books for Alice with Dr. Chen on Monday at 09:30, unless she says otherwise."""

    def post(by: User = rita, **said: Any) -> Any:
        form = {"patient": alice.pk, "doctor": dr_chen.pk, "site": berlin.pk, "visit_type": "", "reason": ""}
        form |= {"starts_at_0": MONDAY.isoformat(), "starts_at_1": "09:30", "override_reason": ""}
        return client_of(by).post(page(Appointment, "add"), form | said)

    return post


@pytest.fixture
def move(rita: User, berlin: Site) -> Post:
    """Rita moves an appointment to another time, as the page shows it."""

    def post(appointment: Appointment, clock: str, by: User = rita, **said: Any) -> Any:
        form = {"doctor": appointment.doctor_id, "site": berlin.pk, "version": appointment.etag}
        form |= {"starts_at_0": MONDAY.isoformat(), "starts_at_1": clock}
        return client_of(by).post(page(Appointment, "change", appointment.pk), form | said)

    return post


def test_book(book: Post, rita: User, alice: Patient, dr_chen: Doctor) -> None:
    answer = book(reason=f"{CANARY} knee")

    made = Appointment.objects.get()
    assert answer.status_code == 302
    assert (made.patient, made.doctor, made.starts_at, made.booked_by) == (alice, dr_chen, at("09:30"), rita)
    assert (made.reason, made.status, made.is_overbooked) == (f"{CANARY} knee", "scheduled", False)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.object_repr) == (str(made.pk), made.reference)
    assert CANARY not in entry.change_message


def test_book_on_the_grid_is_no_rule_for_staff(book: Post) -> None:
    book(starts_at_1="09:40")

    assert Appointment.objects.get().starts_at == at("09:40")


@pytest.mark.parametrize("clock", ["10:15", "09:45", "10:00"])
def test_book_when_the_time_is_taken(book: Post, bob: Patient, dr_chen: Doctor, clock: str) -> None:  # case 002
    make_appointment(dr_chen, bob, at("10:00"))
    before = rows()

    said = errors(book(starts_at_1=clock), "starts_at")

    assert said[0] == "This time was just taken."
    assert said[1].startswith("Free instead: Mon 1 March 2027, ")
    assert said[1].count("(CET)") == 3
    assert rows() == before


@pytest.mark.parametrize("clock", ["10:00", "10:15"])
def test_book_when_the_patient_is_elsewhere(
    book: Post, alice: Patient, dr_diaz: Doctor, clock: str
) -> None:  # case 022, fault B0-22
    make_appointment(dr_diaz, alice, at("10:00"))
    before = rows()

    said = errors(book(starts_at_1=clock, override_reason="urgent"), "starts_at")

    assert said == ["There is another appointment at this time."]
    assert rows() == before


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({"starts_at_1": "08:30"}, "starts_at", "The doctor does not see patients at this time."),
        ({"starts_at_1": "11:45"}, "starts_at", "The doctor does not see patients at this time."),
        ({"starts_at_0": "2027-02-01"}, "starts_at", "This time has passed."),
        ({"starts_at_0": "2199-01-01"}, "starts_at", "This day is too far ahead to be booked."),
        ({"starts_at_0": "0001-01-01"}, "starts_at", "Enter a day between 2000 and 2200."),
        ({"starts_at_0": "9999-12-31"}, "starts_at", "Enter a day between 2000 and 2200."),
        ({"starts_at_0": "2027-03-28", "starts_at_1": "02:30"}, "starts_at", "On this day the clock skips this time"),
        ({"starts_at_0": "2027-02-29"}, "starts_at", "Enter a valid date."),
        ({"starts_at_1": "24:00"}, "starts_at", "Enter a valid time."),
        ({"starts_at_1": ""}, "starts_at", "This field is required."),
        ({"starts_at_1": "09:30:30"}, "starts_at", "Give a time in whole minutes."),
        ({"starts_at_0": "", "starts_at_1": ""}, "starts_at", "This field is required."),
        ({"patient": ""}, "patient", "This field is required."),
        ({"patient": "00000000-0000-0000-0000-000000000000"}, "patient", "Select a valid choice."),
        ({"doctor": "1 OR 1=1"}, "doctor", "“1 OR 1=1” is not a valid UUID."),
        ({"site": ""}, "site", "This field is required."),
        ({"reason": "\x00"}, "reason", "Null characters are not allowed."),
        ({"reason": "x" * 2001}, "reason", "Ensure this value has at most 2000 characters"),
    ],
)
def test_book_when_it_cannot_be(
    book: Post, said: dict[str, str], field: str, message: str
) -> None:  # case 007, case 144, case 145, case 150
    assert errors(book(**said), field)[0].startswith(message)

    assert not Appointment.objects.exists()
    assert not LogEntry.objects.exists()


def test_book_during_time_off(book: Post, dr_chen: Doctor) -> None:  # case 012
    make_time_off(at("09:00"), at("12:00"), dr_chen)

    assert errors(book(), "starts_at") == ["The doctor is away at this time."]
    assert not Appointment.objects.exists()


def test_book_with_a_doctor_who_is_not_let_in(book: Post, berlin: Site) -> None:
    stranger = make_doctor(approval="pending")
    make_hours(stranger, berlin)

    assert errors(book(doctor=stranger.pk), "doctor") == ["This doctor takes no bookings at present."]


def test_book_a_visit_that_the_doctor_does_not_offer(book: Post) -> None:
    said = errors(book(visit_type=make_visit_type().pk), "visit_type")

    assert said == ["This doctor does not offer this visit."]
    assert not Appointment.objects.exists()


def test_book_over_another_visit_with_a_reason(book: Post, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, bob, at("09:30"))

    book(override_reason="in pain")

    made = Appointment.objects.get(is_overbooked=True)
    assert (made.override_reason, made.starts_at) == ("in pain", at("09:30"))


def test_book_over_another_visit_with_blanks_for_a_reason(book: Post, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, bob, at("09:30"))
    before = rows()

    assert errors(book(override_reason="   "), "starts_at")
    assert rows() == before


def test_book_when_the_doctor_is_at_another_site_then(book: Post, dr_chen: Doctor) -> None:
    london = make_site(name="London", time_zone="Europe/London")

    # 08:30 in London is 09:30 in Berlin, where the doctor is.
    said = errors(book(site=london.pk, starts_at_1="08:30"), "site")

    assert said == ["At this time the doctor is at Berlin Mitte."]
    assert not Appointment.objects.exists()


def test_book_sets_nothing_that_is_not_on_the_form(book: Post, bob: Patient) -> None:  # case 129, fault B1-11
    book(status="completed", booked_by=bob.user.pk, is_overbooked="on", reference="HACKED01", notes=CANARY, sequence=9)

    made = Appointment.objects.get()
    assert (made.status, made.is_overbooked, made.notes, made.sequence) == ("scheduled", False, "", 0)
    assert made.booked_by.email == "rita@example.org"
    assert made.reference != "HACKED01"


def test_move(move: Post, alice: Patient, dr_chen: Doctor) -> None:  # case 033
    visit = make_appointment(dr_chen, alice, at("09:00"), reason=CANARY)
    reference = visit.reference

    answer = move(visit, "11:00")

    visit.refresh_from_db()
    assert answer.status_code == 302
    assert (visit.starts_at, visit.reference, visit.sequence, visit.reason) == (at("11:00"), reference, 1, CANARY)


def test_move_to_another_doctor(move: Post, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))

    move(visit, "09:00", doctor=dr_diaz.pk)

    visit.refresh_from_db()
    assert visit.doctor == dr_diaz


@pytest.mark.parametrize("clock", ["10:00", "10:15", "09:45"])
def test_move_onto_another(
    move: Post, alice: Patient, bob: Patient, dr_chen: Doctor, clock: str
) -> None:  # case 002, case 034
    visit = make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, bob, at("10:00"))
    before = rows()

    said = errors(move(visit, clock), "starts_at")

    assert said[0] == "This time was just taken."
    assert said[1].startswith("Free instead: ")
    assert rows() == before


def test_move_when_the_patient_is_elsewhere(
    move: Post, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:  # case 022
    visit = make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_diaz, alice, at("10:00"))
    before = rows()

    assert errors(move(visit, "10:00"), "starts_at") == ["There is another appointment at this time."]
    assert rows() == before


def test_move_when_it_was_changed_meanwhile(
    move: Post, alice: Patient, dr_chen: Doctor, rita: User
) -> None:  # case 036
    seen = make_appointment(dr_chen, alice, at("09:00"))
    booking.reschedule(seen, starts_at=at("11:00"), by=rita, now=NOW)
    before = rows()

    answer = move(seen, "10:00")

    assert "It was changed meanwhile; please look again." in answer.content.decode()
    assert rows() == before


def test_move_when_it_was_cancelled_meanwhile(move: Post, alice: Patient, dr_chen: Doctor) -> None:  # case 036, 037
    seen = make_appointment(dr_chen, alice, at("09:00"))
    booking.cancel(seen, by=alice.user, now=NOW)
    before = rows()

    for version in (seen.etag, "*"):
        answer = move(seen, "10:00", version=version, status="scheduled")

        assert answer.status_code == 200
        assert rows() == before


def test_move_sets_nothing_else(move: Post, alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # fault B2-7
    visit = make_appointment(dr_chen, alice, at("09:00"))

    move(visit, "09:00", status="completed", patient=bob.pk, notes=CANARY, is_overbooked="on")

    visit.refresh_from_db()
    assert (visit.status, visit.patient, visit.notes, visit.is_overbooked) == ("scheduled", alice, "", False)


def test_move_resolves_the_flag(move: Post, alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    ToBeMoved.objects.create(appointment=visit, cause="hours")

    move(visit, "10:00")

    assert not ToBeMoved.objects.filter(resolved_at=None).exists()


def test_page_shows_the_time_on_the_sites_clock(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:30"))

    shown = client_of(rita).get(page(Appointment, "change", visit.pk)).content.decode()

    assert "Mon 1 March 2027, 09:30 (CET)" in shown
    assert 'value="09:30"' in shown
    assert "08:30" not in shown


def test_page_of_one_that_is_over_offers_nothing(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:30"), status="completed")

    shown = client_of(rita).get(page(Appointment, "change", visit.pk)).content.decode()

    assert "_save" not in shown
    assert "Cancel appointment" not in shown


def test_cancel(rita: User, alice: Patient, dr_chen: Doctor) -> None:  # case 040
    visit = make_appointment(dr_chen, alice, NOW + timedelta(hours=2))
    form = {"reason": "The doctor is ill", "version": visit.etag}

    answer = client_of(rita).post(page(Appointment, "cancel", visit.pk), form)

    visit.refresh_from_db()
    assert answer.status_code == 302
    assert (visit.status, visit.cancelled_by, visit.cancel_reason) == ("cancelled", rita, "The doctor is ill")
    assert LogEntry.objects.get().get_change_message() == "Cancel appointment"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "\x00"])
def test_cancel_without_a_good_reason(rita: User, alice: Patient, dr_chen: Doctor, reason: str) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    before = rows()

    answer = client_of(rita).post(page(Appointment, "cancel", visit.pk), {"reason": reason, "version": visit.etag})

    assert "reason" in answer.context["form"].errors
    assert rows() == before


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show", "in_progress"])
def test_cancel_what_is_past_cancelling(rita: User, alice: Patient, dr_chen: Doctor, status: str) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"), status=status)
    before = rows()

    answer = client_of(rita).post(page(Appointment, "cancel", visit.pk), {"reason": "x", "version": visit.etag})

    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert rows() == before


def test_cancel_by_reading_changes_nothing(rita: User, alice: Patient, dr_chen: Doctor) -> None:  # case 093
    visit = make_appointment(dr_chen, alice, at("09:00"))
    client = client_of(rita)
    before = rows()

    for name in ("cancel", "change", "history"):
        client.get(page(Appointment, name, visit.pk))
        client.head(page(Appointment, name, visit.pk))

    assert rows() == before


def test_cancel_with_another_sites_form(rita: User, alice: Patient, dr_chen: Doctor) -> None:  # case 093
    visit = make_appointment(dr_chen, alice, at("09:00"))
    client = client_of(rita)
    client.handler.enforce_csrf_checks = True

    for name in ("cancel", "change", "delete"):
        assert client.post(page(Appointment, name, visit.pk), {"reason": "x", "version": "*"}).status_code == 403

    visit.refresh_from_db()
    assert visit.status == "scheduled"


def test_holds_are_on_no_page(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    held = booking.hold(doctor=dr_chen, starts_at=at("09:00"), visitor=None, by=None, now=NOW)
    client = client_of(rita)

    listed = client.get(page(Appointment, "changelist") + "?when=all").content.decode()

    assert held.reference not in listed
    assert client.get(page(Appointment, "change", held.pk)).status_code == 302
    assert client.post(page(Appointment, "cancel", held.pk), {"reason": "x"}).status_code == 302
    assert Appointment.objects.get().status == "held"


def test_reason_of_cancelling_is_shown_if_staff_wrote_it(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    by_staff = make_appointment(
        dr_chen, alice, at("09:00"), status="cancelled", cancelled_by=rita, cancel_reason="Closed that day"
    )
    by_patient = make_appointment(
        dr_chen, alice, at("10:00"), status="cancelled", cancelled_by=alice.user, cancel_reason=CANARY
    )
    client = client_of(rita)

    assert "Closed that day" in client.get(page(Appointment, "change", by_staff.pk)).content.decode()
    assert CANARY not in client.get(page(Appointment, "change", by_patient.pk)).content.decode()


@pytest.mark.parametrize(
    ("when", "listed"),
    [
        ("", {"today", "tomorrow", "later"}),
        ("today", {"today"}),
        ("tomorrow", {"tomorrow"}),
        ("week", {"today", "tomorrow"}),
        ("past", {"yesterday", "cancelled"}),
        ("all", {"yesterday", "today", "tomorrow", "later", "cancelled"}),
    ],
)
def test_list_by_day(rita: User, alice: Patient, dr_chen: Doctor, berlin: Site, when: str, listed: set[str]) -> None:
    new_york = make_site(time_zone="America/New_York")
    hour, day = timedelta(hours=1), timedelta(days=1)
    visits = {
        # NOW is 09:00 on a Monday in Berlin, and 03:00 in New York.
        "yesterday": make_appointment(dr_chen, alice, NOW - 10 * hour),
        "today": make_appointment(dr_chen, alice, NOW + 14 * hour),
        # At this hour it is Tuesday in Berlin, and Monday in New York.
        "tomorrow": make_appointment(dr_chen, alice, NOW + 15 * hour),
        "later": make_appointment(dr_chen, alice, NOW + 14 * day),
        "cancelled": make_appointment(dr_chen, alice, NOW + 15 * day, status="cancelled"),
    }
    overseas = make_appointment(make_doctor(), alice, NOW + 16 * hour, site=new_york)

    shown = client_of(rita).get(f"{page(Appointment, 'changelist')}?when={when}").content.decode()

    assert {name for name, visit in visits.items() if visit.reference in shown} == listed
    assert (overseas.reference in shown) == (when not in ("tomorrow", "past"))


@pytest.mark.parametrize("words", ["Archer", "alice archer", "Chen", "archer chen"])
def test_list_is_searched_by_names(rita: User, alice: Patient, bob: Patient, dr_chen: Doctor, words: str) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))

    shown = client_of(rita).get(page(Appointment, "changelist"), {"q": words}).content.decode()

    assert visit.reference in shown


def test_list_is_searched_by_reference(rita: User, alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    visit, other = make_appointment(dr_chen, alice, at("09:00")), make_appointment(dr_chen, bob, at("10:00"))

    shown = client_of(rita).get(page(Appointment, "changelist"), {"q": visit.reference.lower()}).content.decode()

    assert str(visit.pk) in shown
    assert str(other.pk) not in shown


# --- The steps of a visit ---------------------------------------------------------------------------


def take(by: User, visit: Appointment, step: str, **more: Any) -> Any:
    """The step's page, sent as it was drawn."""
    client, address = client_of(by), page(Appointment, step, visit.pk)
    form = client.get(address).context["form"]
    return client.post(address, form.initial | more)


def offered(by: User, visit: Appointment) -> list[str]:
    """Whose buttons are on the appointment's page."""
    return [verb.name for verb, _address in client_of(by).get(page(Appointment, "change", visit.pk)).context["verbs"]]


@pytest.mark.parametrize("who", ["rita", "adam"])
def test_steps_from_the_page(
    who: str, request: pytest.FixtureRequest, alice: Patient, dr_chen: Doctor, clock: Any
) -> None:
    by = request.getfixturevalue(who)
    visit = make_appointment(dr_chen, alice, at("09:00"))
    clock.move_to(at("09:05"))
    came, offers = [], []

    for step in ("arrive", "undo", "no-show", "undo", "start", "complete"):
        offers.append(offered(by, visit))
        assert take(by, visit, step).status_code == 302
        visit.refresh_from_db()
        came.append(visit.status)

    assert came == ["arrived", "scheduled", "no_show", "scheduled", "in_progress", "completed"]
    at_first = ["arrive", "start", "no-show", "cancel"]
    assert offers == [at_first, ["start", "cancel", "undo"], at_first, ["undo"], at_first, ["complete", "undo"]]
    assert offered(by, visit) == ["undo"]
    body = client_of(by).get(page(Appointment, "change", visit.pk)).content.decode()
    assert f"Mon 1 March 2027, 09:05 (CET): Visit completed ({by})" in body


def test_undo_of_a_cancel_when_the_time_was_taken(  # case 037
    rita: User, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    take(rita, visit, "cancel", reason="A mistake.")
    other = make_appointment(dr_chen, bob, at("09:00"))
    before = rows()

    answer = take(rita, visit, "undo")

    told = answer.context["form"].non_field_errors()
    assert told[0] == "This time was just taken."
    assert told[1].startswith("Free instead: Mon 1 March 2027, 09:30 (CET)")
    assert rows() == before
    booking.cancel(other, by=rita, now=NOW, reason="A mistake, too.")
    assert take(rita, visit, "undo").status_code == 302
    assert Appointment.objects.get(pk=visit.pk).status == "scheduled"


def test_step_when_it_was_changed_meanwhile(rita: User, adam: User, alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00", NOW.date()))
    seen = visit.etag
    assert take(adam, visit, "start").status_code == 302
    before = rows()

    answer = client_of(rita).post(page(Appointment, "no-show", visit.pk), {"version": seen})

    assert answer.context["form"].non_field_errors() == ["It was changed meanwhile; please look again."]
    assert rows() == before


def test_history_of_one_that_was_moved(move: Post, rita: User, alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    move(visit, "10:00")

    body = client_of(rita).get(page(Appointment, "change", visit.pk)).content.decode()

    assert "Mon 22 February 2027, 09:00 (CET): Moved (Rita Rivera) → Mon 1 March 2027, 10:00 (CET)" in body
