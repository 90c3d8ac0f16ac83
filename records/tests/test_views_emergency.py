"""Opening a chart in an emergency, in the portal."""

from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import AuditEntry, Message, Patient
from accounts.tests.factories import PASSWORD
from clinic.tests.desk import client_of
from records.access import grants
from records.models import EmergencyAccess
from records.tests.actors import LATER, WHY, People

ALICE = {"name": "archer", "date_of_birth": "1990-05-17"}
CONFIRM = "/accounts/reauthenticate/"


@pytest.fixture(autouse=True)
def the_day_after(people: People) -> Any:
    Patient.objects.filter(pk=people.patient.pk).update(date_of_birth="1990-05-17")
    with time_machine.travel(LATER) as clock:
        yield clock


def there(people: People) -> str:
    return reverse("emergency-chart", args=[people.patient.pk])


def confirmed(people: People, name: str) -> Client:
    """A browser in which somebody has just given the password once more."""
    client = client_of(people.who[name])
    client.post(CONFIRM, {"password": PASSWORD})
    return client


@pytest.mark.parametrize("who", ["other_doctor", "admin"])
def test_chart_is_opened_for_a_reason_and_after_showing_who_one_is(people: People, who: str) -> None:
    # case 191, case 192
    before = EmergencyAccess.objects.count()
    client = client_of(people.who[who])
    found = client.post(reverse("emergency"), ALICE).content.decode()
    assert "Alice Archer" in found
    assert there(people) in found

    asked = client.get(there(people))
    assert asked.headers["Location"] == f"{CONFIRM}?{urlencode({'next': there(people)})}"
    back = client.post(asked.headers["Location"], {"password": PASSWORD})
    assert back.headers["Location"] == there(people)
    assert "17 May 1990" in client.get(there(people)).content.decode()
    refused = [client.post(there(people), {"reason": reason}) for reason in ("", "   ", "urgent")]
    assert [answer.status_code for answer in refused] == [200] * 3
    assert EmergencyAccess.objects.count() == before
    opened = client.post(there(people), {"reason": WHY})

    assert opened.headers["Location"] == reverse("chart", args=[people.patient.pk])
    shown = client.get(opened.headers["Location"])
    assert shown.status_code == 200
    assert "CNRY-diagnosis" in shown.content.decode()
    access = EmergencyAccess.objects.latest("created_at")
    assert (access.user, access.chart_id, access.reason) == (people.who[who], people.patient.pk, WHY)
    # The patient is told once; and each privacy officer.
    assert Message.objects.filter(kind="emergency_access", context__access=str(access.pk)).count() == 1
    assert Message.objects.filter(kind="emergency_review", context__access=str(access.pk)).count() >= 1


def test_chart_when_the_password_was_given_for_another(people: People) -> None:
    # case 191, case 192
    client = confirmed(people, "other_doctor")
    client.post(there(people), {"reason": WHY})
    other = reverse("emergency-chart", args=[people.who["other_patient"].patient.pk])

    for answer in (client.get(other), client.post(other, {"reason": WHY})):
        assert answer.headers["Location"].startswith(CONFIRM)
    assert client.get(reverse("chart", args=[people.who["other_patient"].patient.pk])).status_code == 404
    assert EmergencyAccess.objects.filter(user=people.who["other_doctor"]).count() == 1


def test_chart_when_the_password_was_given_long_ago(people: People, the_day_after: Any) -> None:
    # case 191
    client = confirmed(people, "other_doctor")
    assert client.get(there(people)).status_code == 200

    the_day_after.shift(301)
    answer = client.post(there(people), {"reason": WHY})

    assert answer.headers["Location"].startswith(CONFIRM)
    # What was typed is about somebody's health, and no session keeps it.
    assert WHY not in str(dict(client.session))
    assert not EmergencyAccess.objects.filter(user=people.who["other_doctor"]).exists()


def test_chart_that_is_read_anyway_is_shown(people: People) -> None:
    for name in ("doctor", "emergency_holder"):
        answer = client_of(people.who[name]).get(there(people))

        assert answer.headers["Location"] == reverse("chart", args=[people.patient.pk]), name


@pytest.mark.parametrize("who", ["patient", "other_patient", "receptionist", "gone_doctor", "nobody"])
def test_pages_when_they_are_none_of_his(people: People, who: str) -> None:
    # case 193
    client = client_of(people.who.get(who))
    before = EmergencyAccess.objects.count()

    for address in (reverse("emergency"), there(people)):
        for answer in (client.get(address), client.post(address, ALICE | {"reason": WHY})):
            assert answer.status_code == 404 or answer.headers["Location"].startswith("/accounts/login/"), address
            assert "Archer" not in answer.content.decode()

    assert EmergencyAccess.objects.count() == before
    assert not AuditEntry.objects.filter(verb="records.emergency_access.searched").exists()


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ({}, True),
        ({"name": "Álice  ARCHER"}, True),
        ({"name": "arch"}, False),
        ({"name": "Archer Baker"}, False),
        ({"date_of_birth": "1990-05-18"}, False),
        ({"date_of_birth": ""}, False),
        ({"name": "..."}, False),
    ],
)
def test_patient_is_found_by_name_and_birth_together(people: People, asked: dict[str, str], is_found: bool) -> None:
    client = client_of(people.who["other_doctor"])

    answer = client.post(reverse("emergency"), ALICE | asked).content.decode()

    assert ("Alice Archer" in answer) == is_found
    searched = AuditEntry.objects.filter(verb="records.emergency_access.searched").values_list("changes", flat=True)
    assert [entry["found"] for entry in searched if entry["found"]] == ([[str(people.patient.pk)]] if is_found else [])


@override_settings(ACCOUNT_RATE_LIMITS={"emergency_search": "2/10m/key"})
def test_search_when_there_were_too_many(people: People) -> None:
    client = client_of(people.who["other_doctor"])

    answers = [client.post(reverse("emergency"), ALICE).status_code for _each in range(3)]

    assert answers == [200, 200, 429]
    assert client_of(people.who["admin"]).post(reverse("emergency"), ALICE).status_code == 200


def test_administrator_finds_the_way_on_the_patients_page(people: People) -> None:
    address = reverse("admin:accounts_patient_change", args=[people.patient.pk])

    shown = {name: client_of(people.who[name]).get(address).content.decode() for name in ("admin", "receptionist")}

    assert there(people) in shown["admin"]
    assert there(people) not in shown["receptionist"]


def test_ones_own_chart_is_no_emergency(people: People) -> None:
    Patient.objects.filter(pk=people.patient.pk).update(user=people.who["admin"])
    grants.repair(grants.differences(), by="tests")
    before = EmergencyAccess.objects.count()

    answer = confirmed(people, "admin").post(there(people), {"reason": WHY})

    assert answer.headers["Location"] == reverse("chart", args=[people.patient.pk])
    assert EmergencyAccess.objects.count() == before


def test_two_charts_at_once_need_two_confirmations(people: People) -> None:
    # case 192
    client, before = confirmed(people, "other_doctor"), EmergencyAccess.objects.count()
    other = reverse("emergency-chart", args=[people.other_record.chart_id])

    answers = []
    for address in (there(people), other):
        # As the second request saw it, which began before the first one ended.
        session = client.session
        session.pop("shown-for", None)
        session.save()
        answers.append(client.post(address, {"reason": WHY}))

    assert answers[0].headers["Location"] == reverse("chart", args=[people.patient.pk])
    assert client.get(answers[1].headers["Location"]).headers["Location"].startswith(CONFIRM)
    assert EmergencyAccess.objects.count() == before + 1
