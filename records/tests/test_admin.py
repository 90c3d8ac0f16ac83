"""Records in the admin: that they are there; and emergency accesses, to be reviewed."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.admin import notices
from accounts.models import AuditEntry, Role
from accounts.tests.factories import make_user
from clinic.tests.desk import client_of, page
from records import trail
from records.models import Chart, EmergencyAccess, MedicalRecord
from records.models.chart import CHART_TEXTS
from records.models.record import RECORD_TEXTS
from records.tests.actors import WHY, People
from records.tests.desk import records_of

REVIEWED = {"review": "It was right."}


def opened_by(people: People, name: str) -> EmergencyAccess:
    return EmergencyAccess.objects.get(user=people.who[name])


@pytest.mark.parametrize("who", ["receptionist", "admin", "superuser"])
def test_record_is_named_and_its_texts_are_not_even_read(people: People, who: str) -> None:
    # case 105, case 112
    client = client_of(people.who[who])
    texts = [f'"{name}"' for name in (*RECORD_TEXTS, *CHART_TEXTS, "reason", "insurance_number")]

    with CaptureQueriesContext(connection) as asked:
        shown = [client.get(page(MedicalRecord, "changelist"), {"q": "Archer"})]
        shown.append(client.get(page(MedicalRecord, "changelist"), {"q": people.visit.reference}))
        shown += [client.get(page(MedicalRecord, name, people.record.pk)) for name in ("change", "history")]

    assert [answer.status_code for answer in shown] == [200] * 4
    assert all("Dr. Wei Chen" in answer.content.decode() for answer in shown[:3])
    assert all("CNRY" not in answer.content.decode() for answer in shown)
    # The audit entries have a column "reason" of their own.
    sql = [query["sql"] for query in asked.captured_queries if "records_" in query["sql"]]
    assert [text for text in texts if any(text in each for each in sql)] == []


def test_search_does_not_look_into_texts(people: People) -> None:
    # case 114
    answer = client_of(people.who["admin"]).get(page(MedicalRecord, "changelist"), {"q": "CNRY-diagnosis"})

    assert "0 medical records" in answer.content.decode()


def test_patient_sees_who_looked_whether_there_is_a_record(people: People) -> None:
    # case 189
    assert client_of(people.who["receptionist"]).get(page(MedicalRecord, "change", people.record.pk)).status_code == 200

    entries = trail.visible_to(people.who["patient"], people.patient.pk)
    told = trail.told(entries[:1], to=people.who["patient"])
    assert [(seen.role, seen.action) for seen in told] == [
        ("receptionist", "Looked when there was a record, and not into it")
    ]


def test_chart_cannot_be_granted_by_hand(people: People) -> None:
    # case 121
    chart = Chart.objects.get(pk=people.patient.pk)
    client = client_of(people.who["superuser"])
    there = page(Chart, "change", chart.pk).removesuffix("change/")

    answers = [client.post(f"{there}permissions/{rest}") for rest in ("", f"user-manage/{people.who['admin'].pk}/")]

    assert {answer.status_code for answer in answers} <= {302, 404}
    assert not [name for name in _names() if "permissions" in name]
    assert not people.who["admin"].has_perm("records.view_chart", chart)


def _names() -> list[str]:
    return [pattern.name or "" for found in admin.site._registry.values() for pattern in found.get_urls()]


def test_reason_of_an_emergency_is_shown_to_privacy_officers(people: People) -> None:
    # case 192
    opened = opened_by(people, "emergency_holder")

    answer = client_of(people.who["admin"]).get(page(EmergencyAccess, "change", opened.pk))

    assert WHY in answer.content.decode()
    read = AuditEntry.objects.filter(verb="records.emergency_access.reason_read", object_id=str(opened.pk))
    assert [(entry.actor, entry.patient) for entry in read] == [(people.who["admin"].pk, people.patient.pk)]


def test_reason_of_an_emergency_is_not_shown_to_others(people: People) -> None:
    """A role that may see the accesses and not review them."""
    opened, officer = opened_by(people, "emergency_holder"), people.who["admin"]
    officer.groups.get().permissions.get(codename="review_emergencyaccess").group_set.clear()

    client = client_of(officer)
    answers = [client.get(page(EmergencyAccess, name, opened.pk)) for name in ("change", "review", "history")]
    answers.append(client.get(page(EmergencyAccess, "changelist")))
    posted = client.post(page(EmergencyAccess, "review", opened.pk), REVIEWED)

    assert [answer.status_code for answer in answers] == [200, 403, 200, 200]
    assert not [answer for answer in answers if WHY in answer.content.decode()]
    assert posted.status_code == 403
    assert not [notice for notice in notices.for_user(officer) if "emergency" in notice.text]
    assert not EmergencyAccess.objects.exclude(reviewed_at=None).exists()


def test_review_when_an_emergency_was_opened_by_another(people: People) -> None:
    # case 192
    opened, officer = opened_by(people, "emergency_holder"), people.who["admin"]
    client = client_of(officer)
    waiting = "2 charts were opened in an emergency. Please review that."
    assert waiting in client.get("/admin/").content.decode()
    assert str(opened.user) in client.get(page(EmergencyAccess, "changelist")).content.decode()
    assert WHY in client.get(page(EmergencyAccess, "review", opened.pk)).content.decode()

    client.post(page(EmergencyAccess, "review", opened.pk), REVIEWED)

    opened.refresh_from_db()
    assert (opened.reviewed_by, opened.review) == (officer, "It was right.")
    assert "1 chart was opened" in client.get("/admin/").content.decode()
    listed = client.get(page(EmergencyAccess, "changelist")).content.decode()
    assert str(opened.pk) not in listed
    assert "It was right" not in str(list(LogEntry.objects.values()))


def test_review_when_it_is_ones_own(people: People) -> None:
    # case 192
    officer = people.who["admin"]
    opened = opened_by(people, "emergency_holder")
    EmergencyAccess.objects.filter(pk=opened.pk).update(user=officer)
    client = client_of(officer)

    shown = client.get(page(EmergencyAccess, "change", opened.pk)).content.decode()
    answer = client.post(page(EmergencyAccess, "review", opened.pk), REVIEWED)

    assert "/review/" not in shown
    assert answer.status_code == 403
    opened.refresh_from_db()
    assert opened.reviewed_at is None


@pytest.mark.parametrize("model", sorted(m.__name__ for m in admin.site._registry if m._meta.app_label == "records"))
def test_list_asks_the_database_equally_often(people: People, model: str) -> None:
    client = client_of(make_user(Role.ADMIN))
    found = next(each for each in admin.site._registry if each.__name__ == model)
    address = reverse(f"admin:records_{found._meta.model_name}_changelist")
    records_of(people.other_record.appointment, people.who["doctor"], people.other_record)
    client.get(address)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    first = queries()
    records_of(people.visit, people.who["doctor"], people.record)

    assert queries() == first


def test_report_about_a_patient(people: People) -> None:
    # case 189, case 195
    client = client_of(people.who["admin"])
    client.get(page(MedicalRecord, "change", people.record.pk))

    shown = client.get(reverse("admin:accounts_auditentry_changelist"), {"q": "Archer", "period": "day"})

    told = shown.content.decode()
    assert "records.record.looked_up" in told
    assert "records.emergency_access.opened" in told
    assert AuditEntry.objects.latest("pk").verb == "accounts.audit_entry.searched"
