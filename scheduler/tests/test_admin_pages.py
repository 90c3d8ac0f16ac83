"""The admin as a whole: who may do what, and what no page shows."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.admin.base import VerbAdmin
from accounts.models import AuditEntry, AuditLink, Message, Outcome, Patient, Role, User
from accounts.tests.factories import make_patient, make_user
from clinic.models import Appointment, Department, Doctor, OpeningHint, Site, VisitType
from clinic.tests.desk import CANARY, client_of, page, pages
from clinic.tests.factories import MONDAY, at, make_appointment, make_doctor, make_hours, make_site
from records.models import Attachment, Chart, ChartRevision, EmergencyAccess, MedicalRecord, RecordRevision
from records.tests.desk import one_of_everything

ACTIONS = ("view", "add", "change", "delete")
ROW = re.compile(r"\| (?P<model>[A-Z]\w+) \| (?P<receptionist>[a-z, ]*) ?\| (?P<admin>[a-z, ]*) ?\|")
INLINE = re.compile(r'<style|<script(?![^>]*\ssrc=)|\sstyle="|\son[a-z]+="|javascript:')


def documented() -> dict[tuple[str, str], set[str]]:
    """The table of docs/security.md: what each role may do with each model."""
    text = Path(settings.BASE_DIR, "docs/security.md").read_text()
    return {
        (row["model"], role): {word.strip() for word in row[role].split(",") if word.strip()}
        for row in ROW.finditer(text)
        for role in ("receptionist", "admin")
    }


def allowed(user: User, pages_of: Any) -> set[str]:
    request = RequestFactory().get("/admin/")
    request.user = user
    own = {verb.permission for verb in pages_of.verbs if verb.is_permitted(pages_of, user)} - set(ACTIONS)
    return {action for action in ACTIONS if getattr(pages_of, f"has_{action}_permission")(request)} | own


def by_name() -> dict[str, type[models.Model]]:
    return {model.__name__: model for model in pages()}


def test_admin_has_every_model_and_no_other() -> None:
    ours = {
        model for model in Group._meta.apps.get_models() if model._meta.app_label in ("accounts", "clinic", "records")
    }
    # The audit trail's seals are for verify_audit alone, and hints are a memo of what the calendars say. What was
    # written before is read beside what is written now.
    apart = {AuditLink, OpeningHint, ChartRevision, RecordRevision}
    links = {model for model in ours if model._meta.auto_created or model in apart}

    assert set(pages()) == ours - links
    assert all(isinstance(found, VerbAdmin) for found in pages().values())


def test_roles_equal_the_documented_table(rita: User, adam: User) -> None:
    actual = {
        (model.__name__, user.role): allowed(user, found) for model, found in pages().items() for user in (rita, adam)
    }

    assert actual == documented()


def test_superusers_may_no_more_than_the_table(db: None) -> None:
    root = make_user(Role.ADMIN, is_superuser=True)

    actual = {model.__name__: allowed(root, found) for model, found in pages().items()}

    assert actual == {model: actions for (model, role), actions in documented().items() if role == "admin"}


@pytest.mark.parametrize("role", ["receptionist", "admin"])
def test_what_the_table_does_not_name_is_refused(
    role: str, rita: User, adam: User, alice: Patient, dr_chen: Doctor
) -> None:  # case 121
    """Buttons are absent, and whoever sends the form all the same changes nothing."""
    things = one_of_everything(dr_chen, alice, adam)
    client = client_of({"receptionist": rita, "admin": adam}[role])
    # The audit trail grows by what was refused.
    last = AuditEntry.objects.latest("pk").pk
    others = [model for model in things if model is not AuditEntry]
    rows = {model: list(model._default_manager.order_by("pk").values()) for model in others}

    for (name, of_role), actions in documented().items():
        if of_role != role:
            continue
        model = by_name()[name]
        addresses = {
            "view": page(model, "changelist"),
            "add": page(model, "add"),
            "change": page(model, "change", things[model].pk),
            "delete": page(model, "delete", things[model].pk),
        }
        shown = client.get(addresses["change"]).content.decode() if "view" in actions else ""
        for action in set(ACTIONS) - actions:
            if action == "view":
                assert client.get(addresses["view"]).status_code == 403, name
            else:
                assert client.post(addresses[action], {"post": "yes"}).status_code == 403, (name, action)
        assert ("/delete/" in shown) == ("delete" in actions), name
        assert ('name="_save"' in shown) == ("change" in actions), name

    assert {model: list(model._default_manager.order_by("pk").values()) for model in others} == rows
    denied = AuditEntry.objects.filter(pk__gt=last, outcome=Outcome.DENIED)
    assert {entry.entry_point for entry in denied} == {"admin"}
    assert denied.filter(object_type="admin:accounts_auditentry_delete").exists()


@pytest.mark.parametrize("role", [None, Role.PATIENT, Role.DOCTOR])
def test_nobody_else_gets_in(role: Role | None, alice: Patient, adam: User, dr_chen: Doctor) -> None:  # case 102
    things = one_of_everything(dr_chen, alice, adam)
    client = client_of(make_user(role) if role else None)
    addresses = ["/admin/", "/admin/clinic/", "/admin/nothing/", reverse("admin:autocomplete"), "/admin/jsi18n/"]
    for model, thing in things.items():
        addresses += [page(model, "changelist"), page(model, "change", thing.pk), page(model, "history", thing.pk)]

    for address in addresses:
        answer = client.get(address, follow=True)

        if role is None:
            assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next="), address
        else:
            assert answer.status_code == 403, address
        assert "Alice" not in answer.content.decode(), address


def staff_pages(things: dict[type[models.Model], Any]) -> list[str]:
    addresses = ["/admin/", "/admin/clinic/", "/admin/accounts/", "/admin/records/", f"/admin/day-sheet/?date={MONDAY}"]
    for model, thing in things.items():
        found = pages()[model]
        names = ["change", "history", *(verb.name for verb in found.verbs), *(["delete"] if found.may_delete else [])]
        addresses += [page(model, name, thing.pk) for name in names]
        addresses += [page(model, "changelist"), *([page(model, "add")] if found.may_add else [])]
        addresses += [page(model, "changelist") + "?q=Alice"] if found.search_fields else []
    visits = page(Appointment, "changelist")
    return addresses + [f"{visits}?when={when}" for when in ("today", "tomorrow", "week", "past", "all", "nonsense")]


@pytest.mark.parametrize("who", ["rita", "adam"])
def test_no_page_shows_what_staff_may_not_read(
    who: str, request: pytest.FixtureRequest, adam: User, alice: Patient, dr_chen: Doctor, clock: Any
) -> None:  # case 112, case 123
    things = one_of_everything(dr_chen, alice, adam)
    cancelled = Appointment.objects.get(status="cancelled")
    client = client_of(request.getfixturevalue(who))
    for model, thing in things.items():
        LogEntry.objects.log_actions(adam.pk, [thing], 2, change_message="Changed.", single_object=True)
        assert model in pages()

    shown = [client.get(address) for address in staff_pages(things)]
    shown += [client.get(page(Appointment, name, cancelled.pk)) for name in ("change", "history", "cancel")]

    # 302: whoever may not look at a model is told that the object does not exist.
    assert {answer.status_code for answer in shown} <= {200, 302, 403}
    assert not [answer.request["PATH_INFO"] for answer in shown if CANARY in answer.content.decode()]


def test_pages_have_nothing_inline_and_titles_name_nobody(
    adam: User, alice: Patient, dr_chen: Doctor, clock: Any
) -> None:  # case 165, case 174
    things = one_of_everything(dr_chen, alice, adam)
    client = client_of(adam)

    for address in staff_pages(things):
        answer = client.get(address)
        body = answer.content.decode()

        assert answer.status_code == 200, address
        assert not INLINE.findall(body), address
        title = re.search(r"<title>(.*?)</title>", body, re.DOTALL)
        assert title, address
        assert not re.search("Alice|Archer|Chen|Diaz", title[1]), address
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "model", ["User", "Patient", "TokenFamily", "Appointment", "Doctor", "WeeklyHours", "ToBeMoved", "Site", "Message"]
)
def test_lists_ask_the_database_equally_often(
    model: str, adam: User, alice: Patient, dr_chen: Doctor, clock: Any
) -> None:
    def more(number: int) -> None:
        patient, doctor = make_patient(), make_doctor()
        make_hours(doctor, make_site(), weekdays=[number % 7])
        visit = make_appointment(doctor, patient, at("10:00"))
        visit.to_be_moved.create(cause="hours")
        patient.user.token_families.create(current_jti_hash="", expires_at=at("10:00"))
        doctor.specialties.create(name=f"Specialty {number}")
        Message.objects.create(kind="booked", key=f"{number}", patient=patient, not_before=at("10:00"))
        Message.objects.create(kind="account", key=f"u{number}", user=doctor.user, not_before=at("10:00"))

    address = page(by_name()[model], "changelist")
    client = client_of(adam)
    one_of_everything(dr_chen, alice, adam)
    more(0)
    client.get(address)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    first = queries()
    for number in range(1, 7):
        more(number)

    assert queries() == first


@pytest.mark.parametrize(
    ("model", "question"),
    [
        (Appointment, "reason__isnull=0"),
        (Appointment, "reason__startswith=C"),
        (Appointment, "notes__regex=C"),
        (Appointment, "cancel_reason__startswith=C"),
        (Appointment, "patient__insurance_number__isnull=1"),
        (Appointment, "patient__user__password__startswith=a"),
        (User, "password__startswith=a"),
        (User, "is_superuser__exact=1"),
        (Patient, "insurance_number__gte=a"),
        (Patient, "user__password__startswith=a"),
        (Doctor, "user__password__startswith=a"),
        (Site, "appointments__reason__isnull=0"),
        (Message, "key__startswith=a"),
        (Message, "context__appointment=a"),
        (Message, "user__email__startswith=a"),
        (Department, "doctors__user__password__startswith=a"),
        (MedicalRecord, "notes__startswith=C"),
        (MedicalRecord, "diagnosis__isnull=0"),
        (Chart, "allergies__isnull=0"),
        (Attachment, "name__startswith=C"),
        (Attachment, "record__notes__isnull=0"),
        (EmergencyAccess, "reason__isnull=0"),
        (Appointment, "medical_record__notes__isnull=0"),
        (Patient, "chart__allergies__isnull=0"),
        (Appointment, "when=%00"),
        (User, "role__exact=%00"),
    ],
)
def test_lists_answer_no_other_question(
    model: type[models.Model], question: str, adam: User, alice: Patient, dr_chen: Doctor
) -> None:  # case 114, case 151
    one_of_everything(dr_chen, alice, adam)

    assert client_of(adam).get(f"{page(model, 'changelist')}?{question}").status_code == 400


@pytest.mark.parametrize(
    "question",
    [
        *(
            "o=99",
            "o=reason",
            "o=-password",
            "p=99999999999999999999",
            "p=-1",
            "all=1",
            "q=%00",
            "q='%22;--",
            "_to_field=id",
        ),
        *("e=1", "_popup=1", "status__exact=nonsense", "site__id__exact=nonsense", "doctor__id__exact=1"),
        *("is_overbooked__exact=9", "when=", "_facets=1"),
    ],
)
def test_lists_bear_nonsense(
    question: str, adam: User, alice: Patient, dr_chen: Doctor, clock: Any
) -> None:  # case 147, case 151
    one_of_everything(dr_chen, alice, adam)

    answer = client_of(adam).get(f"{page(Appointment, 'changelist')}?{question}", follow=True)

    assert answer.status_code in (200, 400)
    assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("question", ["_to_field=reason", "_to_field=password"])
def test_pages_are_not_addressed_by_other_columns(question: str, adam: User, alice: Patient, dr_chen: Doctor) -> None:
    things = one_of_everything(dr_chen, alice, adam)  # case 123

    answer = client_of(adam).get(f"{page(Appointment, 'change', things[Appointment].pk)}?{question}")

    assert answer.status_code == 400


@pytest.fixture
def choices(alice: Patient, bob: Patient, dr_chen: Doctor) -> Callable[..., Any]:
    """What a field with search offers to somebody."""

    def ask(user: User | None, field: str = "patient", term: str = "", model: str = "appointment") -> Any:
        question = {"app_label": "clinic", "model_name": model, "field_name": field, "term": term}
        return client_of(user).get(reverse("admin:autocomplete"), question)

    return ask


def test_choices_of_patients_tell_namesakes_apart(choices: Callable[..., Any], rita: User, alice: Patient) -> None:
    twin = make_patient(first_name="Alice", last_name="Archer", date_of_birth="1980-05-03")

    answer = choices(rita, term="archer 3.5.1980").json()

    assert answer["results"] == [{"id": str(twin.pk), "text": "Alice Archer, 3 May 1980"}]


@pytest.mark.parametrize(
    ("field", "model"),
    [
        ("user", "doctor"),
        ("booked_by", "appointment"),
        ("nothing", "appointment"),
        ("reason", "appointment"),
        ("id", "x"),
    ],
)
def test_choices_are_only_offered_to_whom_may_see_them(
    choices: Callable[..., Any], rita: User, field: str, model: str
) -> None:  # case 123
    assert choices(rita, field, "", model).status_code == 403


def test_choices_search_only_what_lists_search(
    choices: Callable[..., Any], rita: User, adam: User, alice: Patient, dr_chen: Doctor
) -> None:  # case 114, case 123
    one_of_everything(dr_chen, alice, adam)
    Patient.objects.filter(pk=alice.pk).update(insurance_provider=CANARY)

    assert choices(rita, term=CANARY).json()["results"] == []
    assert choices(rita, term="\x00").status_code == 400


def test_popup_answers_with_ids_and_names_alone(rita: User) -> None:  # case 123
    body = {"first_name": "Mia", "last_name": "Meyer", "insurance_number": CANARY, "reminder_channel": "email"}

    answer = client_of(rita).post(page(Patient, "add") + "?_popup=1", body | {"_popup": "1"})

    assert answer.status_code == 200
    assert "Mia Meyer" in answer.content.decode()
    assert CANARY not in answer.content.decode()


def test_visit_types_of_an_entry_in_use_are_not_deleted(adam: User, dr_chen: Doctor, alice: Patient) -> None:
    things = one_of_everything(dr_chen, alice, adam)
    client = client_of(adam)

    for model in (Site, Department, VisitType):
        answer = client.post(page(model, "delete", things[model].pk), {"post": "yes"}, follow=True)

        assert "This is in use" in answer.content.decode()
        assert model._default_manager.filter(pk=things[model].pk).exists()


def test_there_are_no_bulk_actions(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    things = one_of_everything(dr_chen, alice, adam)
    client = client_of(adam)

    for model, thing in things.items():
        count = model._default_manager.count()
        client.post(
            page(model, "changelist"), {"action": "delete_selected", "_selected_action": thing.pk, "post": "yes"}
        )
        assert model._default_manager.count() == count + (model is AuditEntry), model


def test_admin_site_is_ours() -> None:
    client = Client()

    assert str(admin.site.site_header) == settings.ORGANISATION
    assert client.get("/admin/password_change/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.parametrize("model", ["appointment", "scheduleexception"])
def test_page_with_a_time_in_its_address_that_is_none(adam: User, model: str) -> None:
    assert client_of(adam).get(f"/admin/clinic/{model}/add/", {"starts_at": "x"}).status_code == 200


def test_page_of_an_object_on_the_site_is_none(adam: User) -> None:
    assert client_of(adam).get("/admin/r/1/1/").status_code == 404


def test_search_looks_for_the_first_words_only(adam: User) -> None:
    assert client_of(adam).get("/admin/clinic/appointment/", {"q": "a " * 800}).status_code == 200
