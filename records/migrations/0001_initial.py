"""Charts, medical records and what lies beside them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.constraints
import records.models.chart
import records.models.texts


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0013_index_patient_found_by"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("clinic", "0007_visit_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Chart",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "blood_type",
                    records.models.texts.ClinicalTextField(
                        blank=True, validators=[records.models.chart.known_blood_type], verbose_name="blood type"
                    ),
                ),
                ("allergies", records.models.texts.ClinicalTextField(blank=True, verbose_name="allergies")),
                ("medical_history", records.models.texts.ClinicalTextField(blank=True, verbose_name="medical history")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("written_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="written")),
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chart", to="accounts.patient"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "chart",
                "verbose_name_plural": "charts",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="ChartRevision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField()),
                ("blood_type", records.models.texts.ClinicalTextField(blank=True, verbose_name="blood type")),
                ("allergies", records.models.texts.ClinicalTextField(blank=True, verbose_name="allergies")),
                ("medical_history", records.models.texts.ClinicalTextField(blank=True, verbose_name="medical history")),
                ("written_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="written")),
                (
                    "chart",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="records.chart"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "earlier chart",
                "verbose_name_plural": "earlier charts",
                "ordering": ("-version",),
            },
        ),
        migrations.CreateModel(
            name="ChartUserObjectPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content_object", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="records.chart")),
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "grant",
                "verbose_name_plural": "grants",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("reason", records.models.texts.ClinicalTextField(blank=True, verbose_name="reason")),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed")),
                ("review", records.models.texts.ClinicalTextField(blank=True, verbose_name="review")),
                (
                    "chart",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency_accesses",
                        to="records.chart",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviewed_accesses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency_accesses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency access",
                "verbose_name_plural": "emergency accesses",
                "ordering": ("-created_at", "id"),
                "permissions": (("review_emergencyaccess", "Can review emergency accesses (privacy officer)"),),
            },
        ),
        migrations.CreateModel(
            name="MedicalRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("diagnosis", records.models.texts.ClinicalTextField(blank=True, verbose_name="diagnosis")),
                ("prescription", records.models.texts.ClinicalTextField(blank=True, verbose_name="prescription")),
                ("notes", records.models.texts.ClinicalTextField(blank=True, verbose_name="notes")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("written_at", models.DateTimeField(editable=False, verbose_name="written")),
                ("signed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="signed")),
                (
                    "appointment",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_record",
                        to="clinic.appointment",
                    ),
                ),
                (
                    "chart",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="records.chart",
                    ),
                ),
                (
                    "doctor",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="clinic.doctor",
                    ),
                ),
            ],
            options={
                "verbose_name": "medical record",
                "verbose_name_plural": "medical records",
                "ordering": ("-created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", records.models.texts.ClinicalTextField(blank=True, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("application/pdf", "PDF"), ("image/jpeg", "JPEG"), ("image/png", "PNG")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("stored_as", models.CharField(editable=False, max_length=100, unique=True)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="records.medicalrecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="AmendmentRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("text", records.models.texts.ClinicalTextField(blank=True, verbose_name="what should be put right")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("amended", "Amended"), ("declined", "Declined")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("explanation", records.models.texts.ClinicalTextField(blank=True, verbose_name="explanation")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendment_requests",
                        to="records.medicalrecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "request to amend",
                "verbose_name_plural": "requests to amend",
                "ordering": ("-created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="RecordRevision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField()),
                ("diagnosis", records.models.texts.ClinicalTextField(blank=True, verbose_name="diagnosis")),
                ("prescription", records.models.texts.ClinicalTextField(blank=True, verbose_name="prescription")),
                ("notes", records.models.texts.ClinicalTextField(blank=True, verbose_name="notes")),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("reason", records.models.texts.ClinicalTextField(blank=True, verbose_name="reason")),
                ("was_signed", models.BooleanField(default=False, verbose_name="was signed")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="records.medicalrecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "earlier record",
                "verbose_name_plural": "earlier records",
                "ordering": ("-version",),
            },
        ),
        migrations.AddConstraint(
            model_name="chart",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", models.F("patient"))), name="chart_has_its_patients_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="chartrevision",
            constraint=models.UniqueConstraint(fields=("chart", "version"), name="chart_has_each_version_once"),
        ),
        migrations.AddConstraint(
            model_name="chartrevision",
            constraint=accounts.constraints.AppendOnly(
                but=("blood_type", "allergies", "medical_history"), name="earlier_chart_is_kept"
            ),
        ),
        migrations.AlterUniqueTogether(
            name="chartuserobjectpermission",
            unique_together={("user", "permission", "content_object")},
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(fields=["user", "expires_at"], name="emergencies_by_user"),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reviewed_at", None), ("reviewed_by", None)),
                    models.Q(("reviewed_by__isnull", False), ("reviewed_at__isnull", False)),
                    _connector="OR",
                ),
                name="review_has_somebody_and_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="medicalrecord",
            index=models.Index(fields=["chart", "created_at"], name="records_by_chart"),
        ),
        migrations.AddIndex(
            model_name="medicalrecord",
            index=models.Index(fields=["doctor", "created_at"], name="records_by_doctor"),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=accounts.constraints.AppendOnly(
                but=("diagnosis", "prescription", "notes", "version", "written_at", "signed_at", "updated_at"),
                name="medical_record_is_kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["application/pdf", "image/jpeg", "image/png"])),
                name="attachment_has_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=accounts.constraints.AppendOnly(but=("name", "updated_at"), name="attachment_is_kept"),
        ),
        migrations.AddConstraint(
            model_name="amendmentrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "")), fields=("record",), name="record_has_one_open_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(models.Q(("answer", ""), _negated=True), models.Q(("answered_at", None), _negated=True)),
                    _connector="OR",
                ),
                name="request_is_answered_at_some_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordrevision",
            constraint=models.UniqueConstraint(fields=("record", "version"), name="record_has_each_version_once"),
        ),
        migrations.AddConstraint(
            model_name="recordrevision",
            constraint=accounts.constraints.AppendOnly(
                but=("diagnosis", "prescription", "notes", "reason"), name="earlier_record_is_kept"
            ),
        ),
    ]
