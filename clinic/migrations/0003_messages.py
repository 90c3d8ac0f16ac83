"""Since when an appointment stands, for its reminders, and doctors who want their day by mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0002_role_permissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="agreed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="doctor",
            name="wants_agenda",
            field=models.BooleanField(default=False, verbose_name="wants the day's times by e-mail"),
        ),
    ]
