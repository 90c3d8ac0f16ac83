"""The audit trail in the admin: what is found in it, and that looking is written down."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.audit import search
from accounts.models import AuditEntry, Patient, User
from accounts.tests.written_once import lifted

LIST = "admin:accounts_auditentry_changelist"


def listed(client: Client, **asked: str) -> list[AuditEntry]:
    response: Any = client.get(reverse(LIST), asked)
    assert response.status_code == 200, asked
    return list(response.context["cl"].result_list)


@pytest.fixture
def desk(client: Client, adam: User) -> Client:
    client.force_login(adam)
    return client


@pytest.mark.parametrize("words", ["adam@example.org", "Abbott", "accounts.user.", "203.0.113.9"])
def test_search_when_somebody_acted(desk: Client, adam: User, rita: User, alice: Patient, words: str) -> None:
    # case 195
    with audit.acting("api", ip="203.0.113.9"):
        audit.record("accounts.user.role_changed", by=adam, on=rita)
    audit.record("clinic.appointment.booked", by=rita, on=alice, patient=alice)

    found = [entry for entry in listed(desk, q=words) if not entry.verb.startswith("accounts.session")]

    assert "accounts.user.role_changed" in [entry.verb for entry in found]
    assert "clinic.appointment.booked" not in [entry.verb for entry in found]


def test_search_when_it_was_about_a_patient(desk: Client, rita: User, alice: Patient, bob: Patient) -> None:
    # case 195
    for patient in (alice, bob):
        audit.record("clinic.appointment.booked", by=rita, on=patient, patient=patient)

    by_name, by_id = listed(desk, q="Archer"), listed(desk, q=str(alice.pk))

    assert [entry.patient for entry in by_name] == [entry.patient for entry in by_id] == [alice.pk]


def test_search_when_a_period_is_asked_for(desk: Client) -> None:
    # case 195
    audit.record("accounts.user.role_changed", by="long ago")
    with lifted(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {AuditEntry._meta.db_table} SET at = %s", [timezone.now() - timedelta(days=2)])

    assert {period: "long ago" in [e.program for e in listed(desk, period=period)] for period in search.PERIODS} == {
        "hour": False,
        "day": False,
        "week": True,
        "month": True,
    }


@pytest.mark.parametrize("column", range(1, 8))
def test_list_when_sorted(desk: Client, alice: Patient, column: int) -> None:
    # case 195
    for number in range(3):
        audit.record(f"accounts.x.y{number}", by="a test", patient=alice)

    up, down = (listed(desk, o=f"{sign}{column}") for sign in ("", "-"))

    # The second look finds the first one in the trail.
    assert {entry.pk for entry in up} < {entry.pk for entry in down}


def test_look_when_written_down(desk: Client, adam: User, alice: Patient) -> None:
    # case 195
    audit.record("accounts.x.y", by="a test")
    entry = AuditEntry.objects.get(program="a test")

    desk.get(reverse(LIST), {"q": "Archer", "outcome__exact": "allowed", "period": "week", "role": "x", "door": "api"})
    desk.get(reverse("admin:accounts_auditentry_change", args=[entry.pk]))

    searched = AuditEntry.objects.get(verb="accounts.audit_entry.searched")
    assert (searched.actor, searched.entry_point) == (adam.pk, "admin")
    asked = {"period": "week", "role": "x", "door": "api", "outcome__exact": "allowed"}
    assert searched.changes == {"filters": asked, "words": True}
    assert "Archer" not in str(vars(searched))
    read = AuditEntry.objects.get(verb="accounts.audit_entry.read")
    assert (read.actor, read.object_id) == (adam.pk, str(entry.pk))


def test_look_when_not_an_administrator(client: Client, rita: User) -> None:
    client.force_login(rita)

    response = client.get(reverse(LIST))

    assert response.status_code == 403
    assert not AuditEntry.objects.filter(verb="accounts.audit_entry.searched").exists()


def test_queries_when_there_are_more_entries(desk: Client, rita: User, alice: Patient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            listed(desk)
        return len(queries)

    audit.record("accounts.x.y", by=rita, on=alice, patient=alice)
    queries()
    few = queries()
    for _number in range(20):
        audit.record("accounts.x.y", by=rita, on=alice, patient=alice)

    assert queries() == few


@pytest.mark.parametrize("words", ["'", "%", "\\", "a" * 5000, "00000000-0000-4000-8000-000000000000", "٣ \u202e x"])
def test_search_when_the_words_are_odd(desk: Client, words: str) -> None:
    # case 151
    assert listed(desk, q=words) == []
