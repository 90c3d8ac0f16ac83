"""How messages reach a patient, and what staff are told of it."""

import pytest
from django.test import Client
from django.test.utils import override_settings

from accounts import outbox
from accounts.admin.patients import HOW
from accounts.models import Message, Patient, User
from accounts.outbox.channels import route
from accounts.outbox.channels.sms import SmsChannel
from accounts.reach import Reach, reach

PHONE = "+4930123456"
CASES = [
    ("email", "", True, "none", Reach.MAIL),
    ("email", "", False, "console", Reach.NONE),
    ("none", PHONE, True, "console", Reach.NO_REMINDERS),
    ("sms", PHONE, True, "console", Reach.SMS),
    ("sms", PHONE, False, "console", Reach.SMS),
    ("sms", "", True, "console", Reach.MAIL_WITHOUT_PHONE),
    ("sms", PHONE, True, "none", Reach.MAIL_WITHOUT_SMS),
    ("sms", "", False, "console", Reach.NONE),
    ("sms", PHONE, False, "none", Reach.NONE),
]


def patient_of(alice: Patient, channel: str, phone: str, *, has_address: bool) -> Patient:
    user = alice.user if has_address else None
    Patient.objects.filter(pk=alice.pk).update(reminder_channel=channel, phone=phone, user=user, email="")
    return Patient.objects.get(pk=alice.pk)


@pytest.mark.parametrize(("channel", "phone", "has_address", "sms", "expected"), CASES)
def test_reach(channel: str, phone: str, has_address: bool, sms: str, expected: Reach, alice: Patient) -> None:
    patient = patient_of(alice, channel, phone, has_address=has_address)

    with override_settings(SMS_CHANNEL=sms):
        assert reach(patient) == expected


@pytest.mark.parametrize(("channel", "phone", "has_address", "sms", "expected"), CASES)
def test_reach_is_what_the_outbox_does(
    channel: str, phone: str, has_address: bool, sms: str, expected: Reach, alice: Patient
) -> None:
    patient = patient_of(alice, channel, phone, has_address=has_address)

    with override_settings(SMS_CHANNEL=sms):
        message = Message(patient=patient, channel=outbox.chosen_by(patient))
        way, address = route(message)

    assert bool(address) == (expected != Reach.NONE)
    assert not address or isinstance(way, SmsChannel) == (expected == Reach.SMS)


@pytest.mark.parametrize(("phone", "hint"), [("", Reach.MAIL_WITHOUT_PHONE), (PHONE, Reach.SMS)])
@override_settings(SMS_CHANNEL="console")
def test_patients_page_says_how(phone: str, hint: Reach, client: Client, alice: Patient, rita: User) -> None:
    patient_of(alice, "sms", phone, has_address=True)
    client.force_login(rita, backend="django.contrib.auth.backends.ModelBackend")

    body = client.get(f"/admin/accounts/patient/{alice.pk}/change/").content.decode()

    assert str(HOW[hint]) in body
    assert not [how for how in Reach if how != hint and str(HOW[how]) in body]
