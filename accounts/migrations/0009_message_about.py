"""A message says of what it tells, so that the appointment's page can show whether it was sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_message")]
    operations = [
        migrations.AlterModelOptions(
            name="message",
            options={
                "ordering": ("-created_at", "-id"),
                "verbose_name": "message",
                "verbose_name_plural": "messages",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="about",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=("about",),
                name="message_about",
                condition=models.Q(about__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=("failed_at",),
                name="message_given_up",
                condition=models.Q(failed_at__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=("-created_at", "-id"), name="message_by_time"),
        ),
    ]
