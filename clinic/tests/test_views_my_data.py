"""What the clinic holds about a person, told to him alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts import audit, holdings
from accounts.models import AuditEntry, Message, Patient, Role, User
from accounts.tests.factories import make_patient
from clinic.models import Doctor
from clinic.tests.factories import make_appointment

pytestmark = pytest.mark.django_db
NINE = datetime(2027, 3, 1, 8, tzinfo=UTC)
PAGE = "/accounts/my-data/"
OWN = {
    "first_name": "Canary-first",
    "last_name": "Canary-last",
    "email": "canary@example.org",
}
OWN_DETAILS = {
    "date_of_birth": "1987-06-05",
    "insurance_provider": "Canary-fund",
    "insurance_number": "CANARY-0815",
    "emergency_contact": "Canary-mum",
}


@pytest.fixture
def carol() -> Patient:
    return make_patient(**OWN, **OWN_DETAILS)


@pytest.fixture
def visits(carol: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, carol, NINE, reason="Canary-reason", notes="Canary-notes")
    make_appointment(dr_chen, bob, NINE + timedelta(hours=1), reason="Foreign-reason", notes="Foreign-notes")


@pytest.fixture
def hers(client: Client, carol: Patient) -> Client:
    client.force_login(carol.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_told_to_has_all_that_is_hers_and_nothing_else(carol: Patient, visits: None) -> None:
    # case 127
    told = str(holdings.told_to(carol.user, by=carol.user))

    for canary in (*OWN.values(), "1987", "CANARY-0815", "Canary-reason", "Canary-notes"):
        assert canary in told
    assert "Foreign" not in told
    assert "Bob" not in told


def test_hand_over_is_written_down(carol: Patient) -> None:
    data = holdings.for_programs(holdings.hand_over(carol.user, by=carol.user))

    assert {"account", "patient", "appointments", "sessions", "trail"} <= set(data)
    assert AuditEntry.objects.filter(verb="accounts.user.data_handed_over").count() == 1


def test_page_shows_it_too(hers: Client, visits: None) -> None:
    text = hers.get(PAGE).content.decode()

    for canary in (*OWN.values(), "CANARY-0815", "5 June 1987", "1 appointment."):
        assert canary in text
    assert "Foreign" not in text


def test_hand_over_has_her_messages_and_no_code_of_theirs(hers: Client, carol: Patient, bob: Patient) -> None:
    # case 127
    for to in ({"patient": carol}, {"user": carol.user}, {"patient": bob}):
        Message.objects.create(kind="booked", key=str(to), not_before=NINE, sent_at=NINE, sealed="CODE-0815", **to)

    data = holdings.for_programs(holdings.hand_over(carol.user, by=carol.user))

    told = data["messages"]
    assert [(one["kind"], one["state"], one["channel"]) for one in told] == [
        ("Appointment booked", "Sent", "E-mail")
    ] * 2
    assert "CODE-0815" not in str(data)
    assert "Messages to you" in hers.get(PAGE).content.decode()


def test_page_never_shows_what_opens_doors(hers: Client, carol: Patient) -> None:
    for told in (hers.get(PAGE).content.decode(), str(holdings.told_to(carol.user, by=carol.user))):
        assert str(hers.session.session_key) not in told
        assert carol.user.password not in told


def test_page_tells_who_looked(hers: Client, carol: Patient, rita: User) -> None:
    audit.record("accounts.patient.corrected", by=rita, on=carol, patient=carol)

    text = hers.get(PAGE).content.decode()

    assert "patient corrected" in text
    assert str(Role.RECEPTIONIST.label) in text
    assert "Rivera" not in text


def test_told_to_when_it_is_about_somebody_else(carol: Patient, rita: User, adam: User) -> None:
    for other in (rita, adam):
        with pytest.raises(PermissionDenied):
            holdings.told_to(carol.user, by=other)


def test_page_when_nobody_is_signed_in(client: Client) -> None:
    response = client.get(PAGE)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_page_of_everybody(client: Client, alice: Patient, dr_chen: Doctor, rita: User, adam: User) -> None:
    for user in (alice.user, dr_chen.user, rita, adam):
        client.force_login(user)
        assert client.get(PAGE).status_code == 200
