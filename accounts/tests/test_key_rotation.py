"""Giving up an old key."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts import key_rotation, second_factor
from accounts.models import AuditEntry, Patient
from accounts.tests.factories import make_patient
from accounts.tests.factors import code_of, recovery_codes, set_up_app

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def alice() -> Patient:
    return make_patient()


@override_settings(FIELD_ENCRYPTION_KEYS=[OLD])
def test_rotate_keys_so_that_the_old_one_is_needed_no_more(alice: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    assert alice.user is not None
    for number in range(4):
        make_patient(insurance_number=f"A{number}")
    secret, codes = set_up_app(alice.user), recovery_codes(alice.user)

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW, OLD]):
        call_command("rotate_keys", stdout=StringIO())

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]):
        numbers = set(Patient.objects.values_list("insurance_number", flat=True))
        assert numbers == {"", "A0", "A1", "A2", "A3"}
        assert second_factor.spend(alice.user, code_of(secret), now=timezone.now())
        assert second_factor.spend(alice.user, codes[0], now=timezone.now())
    entry = AuditEntry.objects.get(verb="accounts.keys.rotated")
    assert entry.program == "rotate_keys"


def test_rotate_keys_when_the_key_that_wrote_is_missing(alice: Patient) -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        Patient.objects.filter(pk=alice.pk).update(insurance_number="A123456789")

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]), pytest.raises(CommandError, match="none of"):
        call_command("rotate_keys", stdout=StringIO())

    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        assert Patient.objects.get(pk=alice.pk).insurance_number == "A123456789"
