"""What patients are found by."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import override_settings

from accounts.models import Patient
from accounts.models.found_by import insurance_digest, name_key
from accounts.people import register_at_the_desk


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Jörg", "Müller-Lüd"), ("mueller lud", "JOERG")),
        (("Seán", "O'Brien"), ("Sean", "O’Brien")),
        (("Anna  Maria", "Groß"), ("anna-maria", "GROSS")),
        (("Zoë", "Łuk"), ("Zoe\u0308", "łuk")),
    ],
)
def test_name_key_is_the_same_when_a_name_is_written_otherwise(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert name_key(*one) == name_key(*other)


def test_name_key_differs_when_names_do() -> None:
    assert name_key("Anna", "Bauer") != name_key("Hanna", "Bauer")
    assert len(name_key("x" * 100, "ﷺ" * 100)) <= 200


def test_insurance_digest_is_the_same_however_it_is_spaced() -> None:
    digest = insurance_digest("A123456789")

    assert len(digest) == 64
    assert insurance_digest(" a123 456-789\n") == digest
    assert insurance_digest("A123456788") != digest
    assert insurance_digest(" - ") == insurance_digest("") == ""


def test_insurance_digest_outlives_the_keys_that_are_rotated() -> None:
    digest = insurance_digest("A123456789")

    with override_settings(SECRET_KEY="another" * 10):
        assert insurance_digest("A123456789") == digest
    with override_settings(AUDIT_KEY="another" * 10):
        assert insurance_digest("A123456789") != digest


def test_save_derives_what_somebody_is_found_by(db: None) -> None:
    patient = register_at_the_desk(first_name="Jörg", last_name="Müller", insurance_number="A 123")
    assert (patient.name_key, patient.insurance_digest) == ("jorg muller", insurance_digest("A123"))

    # Only some columns, as the verbs save them.
    patient.insurance_number, patient.last_name, patient.phone = "B 456", "Meier", "+4930123456"
    patient.save(update_fields=["insurance_number", "last_name"])
    fresh = Patient.objects.get()
    assert (fresh.name_key, fresh.insurance_digest, str(fresh.phone)) == ("jorg meier", insurance_digest("B456"), "")

    # What was not read is not read for this, nor written over.
    part = Patient.objects.defer("insurance_number").get()
    part.save(update_fields=["phone"])
    part.save()
    assert part.get_deferred_fields() == {"insurance_number"}
    assert Patient.objects.get().insurance_digest == insurance_digest("B456")


def test_the_migration_fills_what_is_there_already(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        register_at_the_desk(first_name="Mia", last_name=f"Meyer{number}", insurance_number=f"A{number}")
    Patient.objects.update(name_key="", insurance_digest="")
    migration = import_module("accounts.migrations.0012_fill_patient_found_by")
    monkeypatch.setattr(migration, "BATCH", 2)

    migration.fill(apps, SimpleNamespace(connection=connection))

    found = {(patient.name_key, patient.insurance_digest) for patient in Patient.objects.all()}
    assert found == {(f"meyer{number} mia", insurance_digest(f"A{number}")) for number in range(5)}
