"""What the patients who are there already are found by. It can be broken off and run again."""

from django.db import migrations

from accounts.models.found_by import insurance_digest, name_key

BATCH = 500
"""Rows at a time: so many are in memory, and locked together."""


def fill(apps, schema_editor):
    patients = apps.get_model("accounts", "Patient").objects.using(schema_editor.connection.alias)
    known = patients.order_by("pk").only("pk", "first_name", "last_name", "insurance_number")
    batch = list(known[:BATCH])
    while batch:
        for patient in batch:
            patient.name_key = name_key(patient.first_name, patient.last_name)
            patient.insurance_digest = insurance_digest(patient.insurance_number)
        patients.bulk_update(batch, ["name_key", "insurance_digest"])
        batch = list(known.filter(pk__gt=batch[-1].pk)[:BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0011_patient_found_by")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
