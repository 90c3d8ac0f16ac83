"""What the page of one's own data says of records; and what stays when a patient goes."""

import pytest
from django.test import Client

from accounts import holdings, staffing
from accounts.models import AuditEntry, User
from records import access, trail
from records.tests.actors import LATER, People


def test_told_to_counts_and_shows_the_way(people: People) -> None:
    alice = people.who["patient"]

    [part] = [part for part in holdings.told_to(alice, by=alice) if part.name == "records"]

    assert part.note == "1 visit was written about."
    assert part.url
    assert "CNRY" not in str(part)


@pytest.mark.parametrize("who", ["doctor", "admin", "receptionist"])
def test_told_to_who_has_no_chart(people: People, who: str) -> None:
    user = people.who[who]

    assert "records" not in {part.name for part in holdings.told_to(user, by=user)}


def test_record_stays_when_the_patient_goes(people: People, client: Client) -> None:  # case 137
    alice, doctor, adam = people.who["patient"], people.who["doctor"], people.who["admin"]
    access.open_record(people.record.pk, by=alice, now=LATER)
    entries = AuditEntry.objects.filter(patient=people.patient.pk).count()
    client.force_login(alice)

    staffing.deactivate(alice, by=adam, now=LATER)

    assert access.open_record(people.record.pk, by=doctor, now=LATER).diagnosis == "CNRY-diagnosis"
    assert not access.records(User.objects.get(pk=alice.pk), now=LATER).exists()
    assert client.get("/accounts/my-data/").status_code == 302
    assert AuditEntry.objects.filter(patient=people.patient.pk).count() > entries
    assert trail.visible_to(adam, people.patient.pk).filter(actor=alice.pk).exists()
