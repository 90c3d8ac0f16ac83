"""Who reads what: granted with the appointment, taken with it, decided at each reading, and written down first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import audit, staffing
from accounts.models import AuditEntry, Patient, Role, User
from accounts.signals import person_changed
from accounts.tests.factories import make_user
from clinic import booking, doctors
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at
from records import access, charting, emergency
from records.access import Basis, grants
from records.models import Chart, ChartUserObjectPermission, MedicalRecord
from records.tests.factories import TEXTS, book, during, make_record

LATER = NOW + timedelta(days=8)
WHY = "Unconscious, brought in by ambulance."


def granted() -> set[grants.Grant]:
    return grants.actual()


def readers(patient: Patient, *people: User) -> set[User]:
    """Those of ``people`` who can read the patient's chart."""
    return {one for one in people if access.charts(one, now=LATER).filter(pk=patient.pk).exists()}


def test_book_grants_patient_and_doctor(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    book(dr_chen, alice)

    assert alice.user is not None
    assert bob.user is not None
    assert readers(alice, alice.user, bob.user, dr_chen.user, dr_diaz.user) == {alice.user, dr_chen.user}
    assert grants.differences() == (set(), set())


def test_book_adds_two_statements(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    book(dr_chen, bob, at("09:00"))  # whatever is remembered is remembered by now

    with CaptureQueriesContext(
        connection,
    ) as queries:
        book(dr_chen, alice)

    ours = [query["sql"] for query in queries if "records_" in query["sql"]]
    assert len(ours) == 2


def test_cancel_takes_the_grant_with_the_last_visit(alice: Patient, dr_chen: Doctor) -> None:  # case 106
    first, second = book(dr_chen, alice), book(dr_chen, alice, at("11:00"))

    booking.cancel(first, by=dr_chen.user, now=NOW, reason="ill")
    assert readers(alice, dr_chen.user) == {dr_chen.user}
    booking.cancel(second, by=dr_chen.user, now=NOW, reason="ill")

    assert readers(alice, dr_chen.user) == set()
    assert grants.differences() == (set(), set())


def test_undo_cancel_gives_it_back(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    booking.cancel(visit, by=alice.user, now=NOW)

    booking.undo(visit, by=alice.user, now=NOW)

    assert readers(alice, dr_chen.user) == {dr_chen.user}


def test_no_show_takes_the_grant_and_undo_gives_it_back(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)

    booking.no_show(visit, by=dr_chen.user, now=during(visit))
    assert readers(alice, dr_chen.user) == set()
    booking.undo(visit, by=dr_chen.user, now=during(visit))

    assert readers(alice, dr_chen.user) == {dr_chen.user}


def test_move_to_a_colleague_moves_the_grant(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    visit = book(dr_chen, alice)

    booking.reschedule(visit, starts_at=visit.starts_at, doctor=dr_diaz, by=rita, now=NOW)

    assert readers(alice, dr_chen.user, dr_diaz.user) == {dr_diaz.user}
    assert grants.differences() == (set(), set())


def test_deactivated_doctor_reads_nothing_until_he_is_back(alice: Patient, dr_chen: Doctor, adam: User) -> None:
    # case 109
    book(dr_chen, alice)

    staffing.deactivate(dr_chen.user, by=adam, now=NOW)
    gone = User.objects.get(pk=dr_chen.user_id)
    assert readers(alice, gone) == set()
    assert {grant.user for grant in granted()} == {alice.user_id}
    staffing.reactivate(gone, by=adam, now=NOW)

    assert readers(alice, User.objects.get(pk=gone.pk)) == {gone}


def test_step_taken_back_gives_nothing_to_who_is_gone(alice: Patient, dr_chen: Doctor, rita: User, adam: User) -> None:
    visit = book(dr_chen, alice)
    booking.no_show(visit, by=rita, now=during(visit))
    staffing.deactivate(dr_chen.user, by=adam, now=during(visit))

    booking.undo(visit, by=rita, now=during(visit))

    assert grants.differences() == (set(), set())
    assert {grant.user for grant in granted()} == {alice.user_id}


def test_role_change_takes_the_grants(alice: Patient, dr_chen: Doctor, adam: User) -> None:
    book(dr_chen, alice)

    staffing.change_role(dr_chen.user, Role.RECEPTIONIST, by=adam, now=NOW)

    assert readers(alice, User.objects.get(pk=dr_chen.user_id)) == set()
    assert {grant.user for grant in granted()} == {alice.user_id}


def test_rejected_doctor_reads_nothing(alice: Patient, dr_chen: Doctor, adam: User) -> None:
    book(dr_chen, alice)

    doctors.reject(dr_chen, by=adam, now=NOW)

    assert readers(alice, User.objects.get(pk=dr_chen.user_id)) == set()


def test_account_that_is_linked_opens_what_is_there(bob: Patient, dr_chen: Doctor, rita: User) -> None:
    child = Patient.objects.create(first_name="Carl", last_name="Child")
    booking.book(doctor=dr_chen, patient=child, starts_at=at("10:00"), by=rita, now=NOW)
    user = make_user()
    assert readers(child, user) == set()

    Patient.objects.filter(pk=child.pk).update(user=user)
    person_changed.send(User, person=user, change="linked", by=user, now=NOW)

    assert readers(child, user) == {user}


def test_stale_grant_opens_nothing(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CANCELLED)

    assert readers(alice, dr_chen.user) == set()
    assert grants.differences().stale == {(alice.pk, dr_chen.user_id)}


def test_grant_taken_by_hand_closes_the_chart(alice: Patient, dr_chen: Doctor) -> None:  # case 110
    book(dr_chen, alice)
    ChartUserObjectPermission.objects.filter(user=dr_chen.user).delete()

    assert readers(alice, dr_chen.user) == set()
    with pytest.raises(CommandError):
        call_command("check_grants")
    call_command("check_grants", "--repair")
    assert readers(alice, dr_chen.user) == {dr_chen.user}


def test_repair_leaves_what_was_given_again_meanwhile(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    for patient, clock in ((alice, "10:00"), (bob, "11:00")):
        Appointment.objects.filter(pk=book(dr_chen, patient, at(clock)).pk).update(status=Status.CANCELLED)
    found = grants.differences()
    book(dr_chen, alice, at("09:00"))

    grants.repair(found, by="check_grants")

    assert (readers(alice, dr_chen.user), readers(bob, dr_chen.user)) == ({dr_chen.user}, set())
    assert grants.differences() == (set(), set())


def test_staff_and_superusers_read_nothing(alice: Patient, dr_chen: Doctor, rita: User, adam: User) -> None:
    # case 112
    make_record(book(dr_chen, alice))
    User.objects.filter(pk=adam.pk).update(is_superuser=True)

    assert readers(alice, rita, User.objects.get(pk=adam.pk)) == set()


def test_open_record_is_written_down(alice: Patient, dr_chen: Doctor) -> None:  # case 182
    record = make_record(book(dr_chen, alice))

    opened = access.open_record(record.pk, by=alice.user, now=LATER)

    entry = AuditEntry.objects.filter(verb="records.record.read").get()
    assert opened.diagnosis == TEXTS["diagnosis"]
    assert (entry.actor, entry.patient, entry.object_id) == (alice.user_id, alice.pk, str(record.pk))
    assert entry.changes == {"basis": Basis.OWN}
    assert "CNRY" not in str(AuditEntry.objects.values())


@pytest.mark.parametrize("opening", ["chart", "record", "records", "revisions", "attachments"])
def test_what_cannot_be_written_down_is_not_read(
    opening: str, alice: Patient, dr_chen: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make_record(book(dr_chen, alice))
    asked: dict[str, Any] = {"by": dr_chen.user, "now": LATER}
    openings: dict[str, Callable[[], Any]] = {
        "chart": lambda: access.open_chart(alice.pk, **asked),
        "record": lambda: access.open_record(record.pk, **asked),
        "records": lambda: access.open_records(record, **asked),
        "revisions": lambda: access.open_revisions(record, **asked),
        "attachments": lambda: access.open_attachments(record, **asked),
    }

    def fail(*_args: Any, **_named: Any) -> None:
        raise DatabaseError

    for name in ("record", "record_each"):
        monkeypatch.setattr(audit, name, fail)

    with pytest.raises(DatabaseError):
        openings[opening]()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_opened_within_what_may_be_undone(alice: Patient, dr_chen: Doctor) -> None:
    record = make_record(book(dr_chen, alice))
    asked: dict[str, Any] = {"by": dr_chen.user, "now": LATER}
    openings: list[Callable[[], Any]] = [
        lambda: access.open_chart(alice.pk, **asked),
        lambda: access.open_chart_revisions(alice.pk, **asked),
        lambda: access.open_record(record.pk, **asked),
        lambda: access.open_records(record, **asked),
        lambda: access.open_revisions(record, **asked),
        lambda: access.open_requests(record, **asked),
        lambda: access.open_attachments(record, **asked),
        lambda: access.open_files(record, **asked),
        lambda: access.open_attachment(record.pk, **asked),
    ]

    for opening in openings:
        with pytest.raises(RuntimeError), transaction.atomic():
            opening()

    assert access.open_record(record.pk, **asked).notes == TEXTS["notes"]


def test_open_records_costs_the_same_for_many(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    one = make_record(book(dr_chen, alice))
    more = [make_record(book(dr_chen, who, at(clock))) for who, clock in ((bob, "09:00"), (alice, "11:00"))]
    counts = []

    for chosen in ([one], [one, *more]):
        with CaptureQueriesContext(connection) as queries:
            opened = access.open_records(*chosen, by=dr_chen.user, now=LATER, what="listed")
            assert [row.notes for row in opened] == [TEXTS["notes"]] * len(chosen)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert AuditEntry.objects.filter(verb="records.record.listed").count() == 4


def test_records_tell_nothing_before_they_are_opened(alice: Patient, dr_chen: Doctor) -> None:
    make_record(book(dr_chen, alice))

    shown = access.records(dr_chen.user, now=LATER).get()

    assert {"diagnosis", "prescription", "notes"} <= shown.get_deferred_fields()


def test_another_doctor_finds_nothing(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 105
    record = make_record(book(dr_chen, alice))

    with pytest.raises(MedicalRecord.DoesNotExist):
        access.open_record(record.pk, by=dr_diaz.user, now=LATER)
    with pytest.raises(Chart.DoesNotExist):
        access.open_chart(alice.pk, by=dr_diaz.user, now=LATER)
    assert not AuditEntry.objects.filter(verb__endswith="read").exists()


def test_emergency_opens_one_chart_for_an_hour(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    # case 191, case 192
    record, other = make_record(book(dr_chen, alice)), make_record(book(dr_chen, bob, at("11:00")))

    emergency.open_chart(alice.pk, by=dr_diaz.user, now=LATER, reason=WHY)

    opened = access.open_record(record.pk, by=dr_diaz.user, now=LATER)
    assert opened.notes == TEXTS["notes"]
    assert not access.records(dr_diaz.user, now=LATER).filter(pk=other.pk).exists()
    assert not access.records(dr_diaz.user, now=LATER + timedelta(minutes=60)).exists()
    assert not access.treats(dr_diaz.user, alice.pk)
    with pytest.raises(charting.PermissionDenied):
        charting.update_chart(opened.chart, by=dr_diaz.user, now=LATER, allergies="dust")
    entry = AuditEntry.objects.get(verb="records.record.read")
    assert entry.changes == {"basis": Basis.EMERGENCY}


def test_emergency_before_the_first_visit_leaves_the_patient_her_own(alice: Patient, dr_diaz: Doctor) -> None:
    emergency.open_chart(alice.pk, by=dr_diaz.user, now=LATER, reason=WHY)

    assert alice.user is not None
    assert readers(alice, alice.user) == {alice.user}
    assert grants.differences() == (set(), set())
