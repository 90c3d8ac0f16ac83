"""People in the admin: users, patients, sign-ins through the API."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import tokens
from accounts.models import Patient, Role, TokenFamily, User
from accounts.tests.factories import PASSWORD, make_patient, make_user
from accounts.tests.letters import follow, link_in


def client_of(user: User) -> Client:
    """A browser in which ``user`` is signed in; an error on the server's side is an answer (500)."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(model: str, name: str, *args: Any) -> str:
    return reverse(f"admin:accounts_{model}_{name}", args=args)


def errors(answer: Any, field: str) -> list[str]:
    assert answer.status_code == 200
    return list(answer.context["adminform"].form.errors.get(field, []))


def person_form(**said: Any) -> dict[str, Any]:
    form = {"email": "rosa@example.org", "first_name": "Rosa", "last_name": "Roth", "phone": "", "role": "receptionist"}
    return form | said


@pytest.fixture
def root(db: None) -> User:
    return make_user(Role.ADMIN, is_superuser=True, first_name="Root")


def test_sign_in_is_the_portals(adam: User) -> None:
    client = Client()

    asked = client.get("/admin/", follow=True)
    answer = client.post(asked.redirect_chain[-1][0], {"login": adam.email, "password": PASSWORD, "next": "/admin/"})

    assert asked.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    assert answer.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_sign_in_with_an_address_that_is_not_proved(db: None) -> None:  # case 071
    rosa = make_user(Role.RECEPTIONIST, verified=False)
    client = Client()

    for address in ("/accounts/login/?next=/admin/", "/admin/login/"):
        client.post(address, {"login": rosa.email, "username": rosa.email, "password": PASSWORD})
        assert client.get("/admin/").status_code == 302


def test_sign_in_page_of_django_is_closed(adam: User) -> None:
    client = Client()

    client.post("/admin/login/", {"username": adam.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_deactivated_staff_are_out_at_once(rita: User) -> None:  # case 098
    client = client_of(rita)
    User.objects.filter(pk=rita.pk).update(is_active=False)

    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_user_is_appointed_and_sets_a_password(
    adam: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(adam).post(page("user", "add"), person_form())
    rosa = User.objects.get(email="rosa@example.org")
    assert answer.status_code == 302
    assert (rosa.role, rosa.has_usable_password()) == (Role.RECEPTIONIST, False)
    assert [group.name for group in rosa.groups.all()] == ["receptionist"]

    client, password = Client(), "a-long-way-to-the-sea"
    follow(client, link_in(mail.outbox[-1]), password)
    client.post(reverse("account_login"), {"login": rosa.email, "password": password})

    assert client.get("/admin/", follow=True).status_code == 200


def test_invitation_is_sent_again_until_somebody_has_come(
    adam: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    rosa = make_user(Role.RECEPTIONIST, password=None, verified=False, email="rosa@example.org")
    client = client_of(adam)
    offered = client.get(page("user", "change", rosa.pk)).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page("user", "invite", rosa.pk))
    follow(Client(), link_in(mail.outbox[-1]), "a-long-way-to-the-sea")

    assert page("user", "invite", rosa.pk) in offered
    assert page("user", "invite", rosa.pk) not in client.get(page("user", "change", rosa.pk)).content.decode()
    assert "needs no invitation" in client.post(page("user", "invite", rosa.pk)).content.decode()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("name", ["add", "change"])
def test_nobody_is_asked_for_a_password_in_the_admin(root: User, rita: User, name: str) -> None:  # case 083, fault B1-3
    address = page("user", name) if name == "add" else page("user", name, rita.pk)

    shown = client_of(root).get(address).content.decode()

    assert 'type="password"' not in shown
    assert 'name="password' not in shown


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"email": "ADAM@example.org"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": "a@b.c\r\nBcc: x@evil.org"}, "email"),
        ({"role": "superuser"}, "role"),
        ({"role": ""}, "role"),
        ({"first_name": "\x00"}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"phone": "12"}, "phone"),
    ],
)
def test_user_that_cannot_be(adam: User, said: dict[str, str], field: str) -> None:
    assert errors(client_of(adam).post(page("user", "add"), person_form(**said)), field)
    assert User.objects.count() == 1


def test_user_gets_nothing_that_is_not_on_the_form(adam: User) -> None:  # case 129, case 130
    extra = {"is_superuser": "on", "is_staff": "on", "is_active": "", "password": "x", "groups": [1], "id": adam.pk}

    client_of(adam).post(page("user", "add"), person_form(role="patient") | extra)

    made = User.objects.get(email="rosa@example.org")
    assert (made.is_superuser, made.is_staff, made.is_active, made.has_usable_password()) == (False, False, True, False)
    assert made.pk != adam.pk


def test_user_gets_another_role(adam: User) -> None:
    rosa = make_user(Role.PATIENT)

    client_of(adam).post(page("user", "change", rosa.pk), person_form(role="receptionist"))

    rosa.refresh_from_db()
    assert (rosa.role, rosa.first_name) == (Role.RECEPTIONIST, "Rosa")
    assert rosa.has_perm("accounts.change_patient")


def test_user_keeps_address_password_and_standing(adam: User) -> None:  # case 130, fault B2-14, fault B1-3
    rosa = make_user(Role.RECEPTIONIST)
    before = User.objects.filter(pk=rosa.pk).values("email", "password", "is_active", "is_superuser").get()
    extra = {"email": "thief@example.org", "password": "x", "is_active": "", "is_superuser": "on"}

    client_of(adam).post(page("user", "change", rosa.pk), person_form(**extra))

    assert User.objects.filter(pk=rosa.pk).values("email", "password", "is_active", "is_superuser").get() == before


def test_user_pages_show_no_password(adam: User, rita: User) -> None:  # fault B0-1
    shown = client_of(adam).get(page("user", "change", rita.pk)).content.decode()

    assert rita.password not in shown
    assert "md5$" not in shown


def test_own_role_is_not_changed(adam: User) -> None:
    client_of(adam).post(page("user", "change", adam.pk), person_form(role="patient"))

    adam.refresh_from_db()
    assert (adam.role, adam.first_name) == (Role.ADMIN, "Rosa")


def test_superuser_is_out_of_an_administrators_reach(adam: User, root: User) -> None:  # case 130
    client = client_of(adam)
    before = User.objects.filter(pk=root.pk).values().get()

    answers = [client.post(page("user", "change", root.pk), person_form(role="patient"))]
    answers += [client.post(page("user", verb, root.pk)) for verb in ("deactivate", "reactivate")]
    shown = client.get(page("user", "change", root.pk)).content.decode()

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert User.objects.filter(pk=root.pk).values().get() == before
    assert "_save" not in shown
    assert "/deactivate/" not in shown


@pytest.mark.parametrize("role", ["admin", "receptionist", "doctor"])
def test_receptionist_gives_no_roles(rita: User, role: str) -> None:  # case 121, case 130, fault B0-2
    client = client_of(rita)

    refused = [
        client.post(page("user", "add"), person_form(role=role)),
        client.post(page("user", "change", rita.pk), person_form(role=role)),
        client.post(page("user", "deactivate", rita.pk)),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    rita.refresh_from_db()
    assert (rita.role, rita.is_active, User.objects.count()) == (Role.RECEPTIONIST, True, 1)


@pytest.mark.parametrize(
    "address",
    [
        *("/admin/auth/group/", "/admin/auth/group/add/", "/admin/auth/permission/", "/admin/account/emailaddress/"),
        *("/admin/admin/logentry/", "/admin/sessions/session/", "/admin/contenttypes/contenttype/"),
        *("/admin/accounts/user/1/password/", "/admin/sites/site/"),
    ],
)
def test_groups_permissions_and_addresses_are_on_no_page(root: User, address: str) -> None:  # case 121
    answer = client_of(root).get(address, follow=True)

    assert answer.status_code == 404 or answer.redirect_chain[-1][0] == "/admin/"


def test_user_is_deactivated_and_comes_back(adam: User) -> None:  # case 098
    rosa = make_user(Role.RECEPTIONIST)
    token = tokens.sign_in(rosa, now=timezone.now()).access_token
    client = client_of(adam)

    client.post(page("user", "deactivate", rosa.pk))
    assert not User.objects.get(pk=rosa.pk).is_active
    with pytest.raises(ValidationError):
        tokens.bearer(token, now=timezone.now())
    client.post(page("user", "reactivate", rosa.pk))

    assert User.objects.get(pk=rosa.pk).is_active


def test_own_account_is_not_deactivated(adam: User) -> None:
    answer = client_of(adam).post(page("user", "deactivate", adam.pk))

    assert "You cannot deactivate your own account." in answer.content.decode()
    adam.refresh_from_db()
    assert adam.is_active


def test_verbs_are_asked_for_and_not_done_by_reading(adam: User, rita: User) -> None:  # case 093
    assert client_of(adam).get(page("user", "deactivate", rita.pk)).status_code == 200

    rita.refresh_from_db()
    assert rita.is_active


def test_sign_in_through_the_api_is_ended(adam: User, rita: User) -> None:
    tokens.sign_in(rita, now=timezone.now())
    family = TokenFamily.objects.get()

    client_of(adam).post(page("tokenfamily", "end", family.pk))

    family.refresh_from_db()
    assert family.revoked_at is not None
    assert family.current_jti_hash not in client_of(adam).get(page("tokenfamily", "change", family.pk)).content.decode()


def test_list_of_users_tells_whose_address_is_proved(adam: User, rita: User) -> None:
    EmailAddress.objects.filter(user=rita).update(verified=False)

    shown = client_of(adam).get(page("user", "change", rita.pk)).content.decode()

    assert 'alt="False"' in shown


def patient_form(**said: Any) -> dict[str, Any]:
    form = {"first_name": "Mia", "last_name": "Meyer", "date_of_birth": "2020-05-01", "phone": "030 23125010"}
    form |= {"email": "", "insurance_provider": "AOK", "insurance_number": "A123456789", "emergency_contact": ""}
    return form | {"reminder_channel": "email"} | said


def test_patient_is_registered(rita: User) -> None:
    client_of(rita).post(page("patient", "add"), patient_form())

    made = Patient.objects.get()
    assert (str(made), str(made.phone), made.insurance_number) == ("Mia Meyer", "+493023125010", "A123456789")
    assert made.user is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
        ({"date_of_birth": "1700-01-01"}, "date_of_birth"),
        ({"date_of_birth": "2027-02-29"}, "date_of_birth"),
        ({"phone": "nonsense"}, "phone"),
        ({"first_name": ""}, "first_name"),
        ({"insurance_number": "\x00"}, "insurance_number"),
        ({"reminder_channel": "pigeon"}, "reminder_channel"),
    ],
)
def test_patient_that_cannot_be(rita: User, said: dict[str, str], field: str) -> None:  # fault B3-15, case 144
    assert errors(client_of(rita).post(page("patient", "add"), patient_form(**said)), field)
    assert not Patient.objects.exists()


def test_patient_keeps_the_account(rita: User, alice: Patient) -> None:  # case 129, fault B0-4
    account = alice.user

    client_of(rita).post(page("patient", "change", alice.pk), patient_form(user=rita.pk, id=rita.pk))

    alice.refresh_from_db()
    assert (alice.user, str(alice)) == (account, "Mia Meyer")


def test_patient_is_not_deleted(adam: User, alice: Patient) -> None:
    assert client_of(adam).post(page("patient", "delete", alice.pk), {"post": "yes"}).status_code == 403
    assert Patient.objects.count() == 1


def test_insurance_number_is_read_by_those_who_may_change_it(rita: User, alice: Patient) -> None:
    Patient.objects.filter(pk=alice.pk).update(insurance_number="A123456789")
    address = page("patient", "change", alice.pk)
    assert "A123456789" in client_of(rita).get(address).content.decode()
    group = rita.groups.get()
    group.permissions.remove(*group.permissions.filter(codename__in=["change_patient", "add_patient"]))

    shown = client_of(rita).get(address).content.decode()

    assert "A123456789" not in shown
    assert "•••789" in shown


@pytest.mark.parametrize("words", ["Archer", "3.5.1980", "030 123456"])
def test_patient_is_found(rita: User, words: str) -> None:
    alice = make_patient(first_name="Alice", last_name="Archer", date_of_birth="1980-05-03", phone="+4930123456")
    bob = make_patient(first_name="Bob", last_name="Baker")

    shown = client_of(rita).get(page("patient", "changelist"), {"q": words}).content.decode()

    assert str(alice.pk) in shown
    assert str(bob.pk) not in shown


def test_history_tells_who_changed_what_and_no_values(rita: User, alice: Patient) -> None:  # case 123
    client_of(rita).post(page("patient", "change", alice.pk), patient_form())

    shown = client_of(rita).get(page("patient", "history", alice.pk)).content.decode()

    assert "Rita Rivera" in shown
    assert "Changed" in shown
    assert "A123456789" not in shown
