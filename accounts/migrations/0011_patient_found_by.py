"""Patients are found by their names however they are written, and by the keyed hash of their insurance number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_message_permissions")]
    operations = [
        migrations.AddField(
            model_name="patient",
            name="insurance_digest",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="patient",
            name="name_key",
            field=models.CharField(blank=True, default="", editable=False, max_length=200),
            preserve_default=False,
        ),
    ]
