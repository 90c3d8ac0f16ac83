"""Indexes on what patients are found by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_fill_patient_found_by")]
    operations = [
        migrations.AddIndex("patient", models.Index(fields=("name_key",), name="patient_by_name_key")),
        migrations.AddIndex("patient", models.Index(fields=("date_of_birth",), name="patient_by_birth")),
        migrations.AddIndex(
            "patient",
            models.Index(condition=~models.Q(phone=""), fields=("phone",), name="patient_by_phone"),
        ),
        migrations.AddIndex(
            "patient",
            models.Index(condition=~models.Q(email=""), fields=("email",), name="patient_by_email"),
        ),
        migrations.AddIndex(
            "patient",
            models.Index(
                condition=~models.Q(insurance_digest=""), fields=("insurance_digest",), name="patient_by_insurance"
            ),
        ),
    ]
