"""A patient who was registered at the desk gets an account by an invitation."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client, override_settings
from django.urls import reverse

from accounts import claims, desk, outbox
from accounts.models import AuditEntry, Message, Patient, User
from accounts.tests.factories import make_patient, make_user
from clinic.models import Doctor
from clinic.tests.desk import client_of, page
from clinic.tests.factories import at, make_appointment
from clinic.tests.portal import mailed_code

NOW = datetime(2027, 2, 22, 8, 0, tzinfo=UTC)
BORN = date(1980, 5, 3)
MIA = {"first_name": "Mia", "last_name": "Meyer", "date_of_birth": BORN, "email": "Mia@example.org"}
WRONG = ("", "x", "A" * 60, "ä" * 60, "\x00")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mia(rita: User) -> Patient:
    return desk.register(by=rita, now=NOW, **MIA, phone="+49301234567")


@pytest.fixture
def token(mia: Patient) -> str:
    return claims.link_token(mia, made_at=NOW)


@pytest.fixture
def owner(db: None) -> User:
    """Has an account with Mia's address, and an empty file that came with it."""
    user = make_user(email="mia@example.org")
    make_patient(user)
    return user


def code_of(refused: Any) -> str:
    error = refused.value
    return str((error.error_dict["date_of_birth"] if hasattr(error, "error_dict") else error.error_list)[0].code)


# --- Inviting -------------------------------------------------------------------------------------


def test_register_invites_who_can_be_asked(mia: Patient, rita: User) -> None:
    message = Message.objects.get(kind="desk_invitation")

    assert (message.patient, message.not_after) == (mia, NOW + claims.lifetime())
    letter = outbox.kinds.named("desk_invitation").draw(message, NOW + timedelta(days=1))
    assert letter is not None
    link = reverse("claim", args=[claims.link_token(mia, made_at=NOW)])
    assert link in letter.text
    assert link in letter.html
    assert not any(word in letter.text + letter.html + letter.subject for word in ("Mia", "Meyer", "1980", "mia@"))
    assert AuditEntry.objects.filter(verb="accounts.patient.invited", actor=rita.pk, patient=mia.pk).exists()


@pytest.mark.parametrize(
    ("without", "code"), [("email", "no_address"), ("date_of_birth", "no_date_of_birth"), ("", "has_account")]
)
def test_invite_needs_an_address_a_date_of_birth_and_no_account(
    rita: User, alice: Patient, without: str, code: str
) -> None:
    details = {name: value for name, value in MIA.items() if name != without}
    patient = desk.register(by=rita, now=NOW, **details) if without else alice

    assert not Message.objects.exists()
    with pytest.raises(ValidationError) as refused:
        claims.invite(patient, by=rita, now=NOW)
    assert refused.value.code == code
    assert not Message.objects.exists()


def test_invite_is_for_staff(mia: Patient, alice: Patient, dr_chen: Doctor) -> None:
    for user in (alice.user, dr_chen.user):
        assert user is not None
        with pytest.raises(PermissionDenied):
            claims.invite(mia, by=user, now=NOW)
    assert Message.objects.count() == 1


def test_invite_again_from_the_patients_page(mia: Patient, rita: User, alice: Patient) -> None:
    client, address = client_of(rita), page(Patient, "invite", mia.pk)

    assert address in client.get(page(Patient, "change", mia.pk)).content.decode()
    assert page(Patient, "invite", alice.pk) not in client.get(page(Patient, "change", alice.pk)).content.decode()
    assert client.post(address).status_code == 302
    assert Message.objects.filter(kind="desk_invitation").count() == 2


def test_invitation_is_dropped_when_it_is_not_true_any_more(mia: Patient, owner: User) -> None:
    message = Message.objects.get(kind="desk_invitation")
    Patient.objects.filter(user=owner).delete()
    Patient.objects.filter(pk=mia.pk).update(user=owner)

    fresh = Message.objects.get(pk=message.pk)
    assert outbox.kinds.named("desk_invitation").draw(fresh, NOW) is None


# --- Proving --------------------------------------------------------------------------------------


def test_prove_wants_the_link_and_the_date_of_birth(mia: Patient, token: str) -> None:
    proof = claims.prove(token, BORN, now=NOW)

    assert claims.proved(proof, token, now=NOW + timedelta(minutes=59)) == mia
    assert claims.proved(proof, token, now=NOW + timedelta(minutes=61)) is None
    assert claims.proved(token, token, now=NOW) is None
    assert claims.proved(proof, proof, now=NOW) is None
    with override_settings(SECRET_KEY="another" * 10, SECRET_KEY_FALLBACKS=[]):
        assert claims.proved(proof, token, now=NOW) is None


def test_prove_says_the_same_whatever_is_wrong(mia: Patient, token: str) -> None:
    old, tampered = NOW + claims.lifetime() + timedelta(seconds=1), token[:-1] + ("A" if token[-1] != "A" else "B")
    asked: list[tuple[str, date | None, datetime]] = [
        (token, date(1980, 3, 5), NOW),
        (token, None, NOW),
        (token, BORN, old),
        (tampered, BORN, NOW),
        *((wrong, BORN, NOW) for wrong in WRONG),
    ]

    said = set()
    for given, born, now in asked:
        with pytest.raises(ValidationError) as refused:
            claims.prove(given, born, now=now)
        said.add((code_of(refused), *refused.value.messages))
    assert len(said) == 1
    assert claims.prove(token, BORN, now=old - timedelta(seconds=1))


@pytest.mark.parametrize("change", [{"email": "other@example.org"}, {"date_of_birth": date(1981, 5, 3)}])
def test_link_dies_with_what_it_was_made_of(mia: Patient, token: str, rita: User, change: dict[str, Any]) -> None:
    mia = desk.correct(mia, by=rita, today=NOW.date(), **change)

    with pytest.raises(ValidationError):
        claims.prove(token, mia.date_of_birth, now=NOW)


# --- Linking --------------------------------------------------------------------------------------


def test_link_makes_the_account_the_patients(mia: Patient, token: str, owner: User, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, mia, at("09:00"))
    own = Patient.objects.get(user=owner)
    Patient.objects.filter(user=owner).update(insurance_provider="AOK", phone="+49309999999")

    claims.link(claims.prove(token, BORN, now=NOW), token, by=owner, now=NOW)

    mia.refresh_from_db()
    assert (mia.user, mia.insurance_provider, str(mia.phone)) == (owner, "AOK", "+49301234567")
    assert Patient.objects.filter(user=owner).count() == Patient.objects.count() == 1
    visit.refresh_from_db()
    assert visit.patient == mia
    assert AuditEntry.objects.filter(verb="accounts.patient.linked", actor=owner.pk, patient=mia.pk).exists()
    assert AuditEntry.objects.get(verb="accounts.patient.gave_way").object_id == str(own.pk)
    # Once.
    with pytest.raises(ValidationError):
        claims.prove(token, BORN, now=NOW)


def refused_link(token: str, by: User) -> str:
    """The code by which it is refused; nothing has changed then."""
    proof = claims.prove(token, BORN, now=NOW)
    before = list(Patient.objects.order_by("pk").values())
    with pytest.raises(ValidationError) as refused:
        claims.link(proof, token, by=by, now=NOW)
    assert list(Patient.objects.order_by("pk").values()) == before
    return code_of(refused)


def test_link_is_refused_to_another_address(mia: Patient, token: str, owner: User) -> None:
    other = make_user(email="other@example.org")
    EmailAddress.objects.filter(user=owner).update(verified=False)

    assert refused_link(token, other) == "other_address"
    assert refused_link(token, owner) == "other_address"


def test_link_is_refused_who_has_a_file_of_his_own(mia: Patient, token: str, owner: User, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, Patient.objects.get(user=owner), at("09:00"))

    assert refused_link(token, owner) == "ask_at_the_desk"


def test_link_is_refused_to_a_parent(mia: Patient, token: str, owner: User) -> None:
    Patient.objects.filter(user=owner).update(date_of_birth=date(1950, 1, 1))

    assert refused_link(token, owner) == "ask_at_the_desk"


def test_link_is_refused_when_somebody_was_faster(mia: Patient, token: str, owner: User) -> None:
    proof = claims.prove(token, BORN, now=NOW)
    claims.link(proof, token, by=owner, now=NOW)

    with pytest.raises(ValidationError) as refused:
        claims.link(proof, token, by=owner, now=NOW)
    assert code_of(refused) == "not_right"


# --- The page -------------------------------------------------------------------------------------


def test_page_links_who_is_signed_in(mia: Patient, token: str, owner: User) -> None:
    client, address = client_of(owner), reverse("claim", args=[token])

    assert "Connect" not in client.get(address).content.decode()
    assert client.post(address, {"date_of_birth": "1980-05-03"}).url == address
    assert "Connect" in client.get(address).content.decode()
    mia.refresh_from_db()
    assert mia.user is None
    assert client.post(address).url == reverse("my-appointments")

    mia.refresh_from_db()
    assert mia.user == owner


def test_page_signs_up_with_the_address(mia: Patient, token: str, client: Client) -> None:
    address = reverse("claim", args=[token])
    client.post(address, {"date_of_birth": "1980-05-03"})
    asked = client.get(address).content.decode()
    assert 'value="mia@example.org"' in asked
    told = {"first_name": "Mia", "last_name": "Meyer", "email": "mia@example.org", "password1": "willow-tree-42"}
    client.post(address, told | {"enter": "sign-up"})
    assert client.post(address, {"enter": "code", "action": "verify", "code": mailed_code()}).url == address
    assert client.post(address).url == reverse("my-appointments")

    mia.refresh_from_db()
    assert mia.user is not None
    assert mia.user.email == "mia@example.org"
    assert Patient.objects.count() == 1


def test_page_links_nobody_by_what_he_says_of_himself(mia: Patient, token: str, client: Client) -> None:
    # case 074
    address = reverse("claim", args=[token])
    client.post(address, {"date_of_birth": "1980-05-03"})
    told = {"first_name": "Mia", "last_name": "Meyer", "email": "eve@example.org", "password1": "willow-tree-42"}
    client.post(address, told | {"enter": "sign-up"})
    client.post(address, {"enter": "code", "action": "verify", "code": mailed_code()})

    answer = client.post(address)

    assert "another address" in answer.content.decode()
    mia.refresh_from_db()
    assert mia.user is None


def test_page_is_the_same_for_a_link_that_is_none(mia: Patient, token: str, client: Client) -> None:
    good, none = (client.get(reverse("claim", args=[each])).content for each in (token, "x"))
    refused = [
        client.post(reverse("claim", args=[each]), {"date_of_birth": "1980-03-05"}).content.decode()
        for each in (token, "x")
    ]

    def plain(answer: str) -> str:
        return answer[answer.index("<main") : answer.index("</main")].replace(token, "x")

    assert plain(good.decode()).partition("csrf")[0] == plain(none.decode()).partition("csrf")[0]
    assert all("not good any more" in answer for answer in refused)
    assert "Mia" not in good.decode()


def test_page_takes_few_guesses(mia: Patient, token: str, client: Client) -> None:
    address = reverse("claim", args=[token])

    with override_settings(ACCOUNT_RATE_LIMITS={"claim": "5/d/key"}):
        wrong = [client.post(address, {"date_of_birth": f"1980-01-{day:02}"}).status_code for day in range(1, 7)]
        right = client.post(address, {"date_of_birth": "1980-05-03"})

    assert wrong == [200] * 5 + [429]
    assert right.status_code == 429


def test_page_takes_no_more_than_it_asks(mia: Patient, token: str, owner: User) -> None:
    # case 129
    client, address = client_of(owner), reverse("claim", args=[token])
    client.post(address, {"date_of_birth": "1980-05-03", "patient": str(mia.pk), "role": "admin"})
    client.post(address, {"role": "admin", "is_staff": "1", "date_of_birth": "1999-01-01"})

    owner.refresh_from_db()
    mia.refresh_from_db()
    assert (owner.role, owner.is_staff, mia.date_of_birth) == ("patient", False, BORN)
