"""Columns that the database holds encrypted: they open with a key and with nothing else."""

from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django import forms
from django.conf import settings
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection
from django.test import override_settings

from accounts.encryption import seal, unseal
from accounts.models import Patient

NUMBER = "A 123-456 Ünïcode 🩺"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def _stored(patient: Patient) -> str:
    """What the database itself holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT insurance_number FROM accounts_patient WHERE last_name = %s", [patient.last_name])
        [(stored,)] = cursor.fetchall()
    return str(stored)


def _read(patient: Patient) -> str:
    return Patient.objects.get(pk=patient.pk).insurance_number


def _write(patient: Patient, number: str) -> None:
    patient.insurance_number = number
    patient.save()


def test_write_and_read(alice: Patient) -> None:
    _write(alice, NUMBER)

    assert _read(alice) == NUMBER
    assert list(Patient.objects.values_list("insurance_number", flat=True)) == [NUMBER]


def test_write_when_looked_at_in_the_database(alice: Patient) -> None:
    _write(alice, NUMBER)

    stored = _stored(alice)

    assert "123" not in stored
    assert Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(stored).decode() == NUMBER


def test_write_when_the_same_is_written_twice(alice: Patient, bob: Patient) -> None:
    _write(alice, NUMBER)
    _write(bob, NUMBER)

    assert _stored(alice) != _stored(bob)


def test_update_when_many_rows_change_at_once(alice: Patient, bob: Patient) -> None:
    Patient.objects.update(insurance_number=NUMBER)

    assert NUMBER not in _stored(alice) + _stored(bob)
    assert _read(alice) == _read(bob) == NUMBER


def test_write_when_empty(alice: Patient) -> None:
    _write(alice, "")

    assert _stored(alice) == ""
    assert _read(alice) == ""


def test_read_when_the_key_was_rotated(alice: Patient) -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        _write(alice, NUMBER)

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW, OLD]):
        assert _read(alice) == NUMBER


def test_write_when_the_key_was_rotated(alice: Patient) -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW, OLD]):
        _write(alice, NUMBER)

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]):
        assert _read(alice) == NUMBER


def test_read_when_no_key_fits(alice: Patient) -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        _write(alice, NUMBER)
    stored = _stored(alice)

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]), pytest.raises(InvalidToken) as refused:
        _read(alice)

    assert stored not in str(refused.value)


@pytest.mark.parametrize("damage", ["gAAAAA", "A 123-456", "ü", "=" * 300])
def test_read_when_the_column_was_tampered_with(alice: Patient, damage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_patient SET insurance_number = %s", [damage])

    with pytest.raises(InvalidToken) as refused:
        _read(alice)

    assert str(refused.value) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "question",
    [
        {"insurance_number": NUMBER},
        {"insurance_number__exact": NUMBER},
        {"insurance_number__icontains": "123"},
        {"insurance_number__in": [NUMBER]},
        {"insurance_number__gt": "A"},
    ],
)
def test_filter_when_by_value(question: dict[str, Any]) -> None:
    with pytest.raises(FieldError, match="insurance_number is encrypted"):
        Patient.objects.filter(**question).exists()


def test_filter_when_by_absence(alice: Patient) -> None:
    assert Patient.objects.filter(insurance_number__isnull=False).get() == alice


InsuranceForm = forms.modelform_factory(Patient, fields=["insurance_number"])


def test_form_when_it_shows_and_takes_the_plain_text(alice: Patient) -> None:
    _write(alice, NUMBER)

    shown = InsuranceForm(instance=Patient.objects.get(pk=alice.pk))
    InsuranceForm({"insurance_number": "B 999"}, instance=alice).save()

    assert shown["insurance_number"].value() == NUMBER
    assert _read(alice) == "B 999"


def test_form_when_nothing_changed(alice: Patient) -> None:
    _write(alice, NUMBER)

    form = InsuranceForm({"insurance_number": NUMBER}, instance=Patient.objects.get(pk=alice.pk))

    assert not form.has_changed()


def test_serialize_when_there_and_back(alice: Patient) -> None:
    _write(alice, NUMBER)

    dump = serializers.serialize("json", Patient.objects.all())
    [loaded] = serializers.deserialize("json", dump)
    loaded.save()

    assert _read(alice) == NUMBER
    assert NUMBER not in _stored(alice)


@pytest.mark.parametrize("text", ["", "A rash", "é\n\x00😀" * 100])
def test_seal_and_unseal(text: str) -> None:
    sealed = seal(text)

    assert unseal(sealed) == text
    assert not text or text not in sealed


def test_unseal_when_no_key_fits() -> None:
    sealed = seal(NUMBER)

    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]), pytest.raises(InvalidToken):
        unseal(sealed)
