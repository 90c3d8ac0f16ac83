"""Everybody with an appointment gets a chart, and it is granted to the patient and to the doctors who treat him."""

from itertools import islice

from django.contrib.auth.management import create_permissions
from django.db import migrations

COUNTS = ("scheduled", "arrived", "in_progress", "completed")
BATCH = 2000


def _view_chart(apps, database):
    app = apps.get_app_config("records")
    # Django makes permissions after the last migration, which is too late for this one; and for apps with models only,
    # of which the historical app knows nothing.
    known, app.models_module = getattr(app, "models_module", None), True
    create_permissions(app, apps=apps, verbosity=0, using=database)
    app.models_module = known
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    return permissions.get(content_type__app_label="records", codename="view_chart").pk


def grant(apps, schema_editor):
    database = schema_editor.connection.alias
    permission = _view_chart(apps, database)
    visits = apps.get_model("clinic", "Appointment").objects.using(database).filter(status__in=COUNTS).order_by()
    charts = apps.get_model("records", "Chart").objects.using(database)
    grants = apps.get_model("records", "ChartUserObjectPermission").objects.using(database)
    treating = visits.filter(doctor__user__is_active=True, doctor__user__role="doctor")

    patients = visits.values_list("patient", flat=True).distinct().iterator(BATCH)
    while batch := list(islice(patients, BATCH)):
        charts.bulk_create([charts.model(pk=pk, patient_id=pk) for pk in batch], ignore_conflicts=True)
    for pairs in (
        visits.exclude(patient__user=None).values_list("patient", "patient__user"),
        treating.values_list("patient", "doctor__user"),
    ):
        rows = pairs.distinct().iterator(BATCH)
        while batch := list(islice(rows, BATCH)):
            grants.bulk_create(
                [
                    grants.model(content_object_id=chart, user_id=user, permission_id=permission)
                    for chart, user in batch
                ],
                ignore_conflicts=True,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
