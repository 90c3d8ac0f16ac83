"""Staff may see that records exist; administrators look after emergency accesses."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GRANTS = {
    "receptionist": {"medicalrecord": ("view",)},
    "admin": {
        **dict.fromkeys(
            ("chart", "medicalrecord", "attachment", "amendmentrequest", "chartuserobjectpermission"), ("view",)
        ),
        "emergencyaccess": ("view", "review"),
    },
}


def _granted(apps, database):
    """Each role's group with its permissions."""
    app = apps.get_app_config("records")
    # Django makes permissions after the last migration, which is too late for this one; and for apps with models only,
    # of which the historical app knows nothing.
    known, app.models_module = getattr(app, "models_module", None), True
    create_permissions(app, apps=apps, verbosity=0, using=database)
    app.models_module = known
    groups = apps.get_model("auth", "Group").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    for role, models in GRANTS.items():
        names = [f"{action}_{model}" for model, actions in models.items() for action in actions]
        yield (
            groups.get_or_create(name=role)[0],
            permissions.filter(content_type__app_label="records", codename__in=names),
        )


def grant(apps, schema_editor):
    for group, permissions in _granted(apps, schema_editor.connection.alias):
        group.permissions.add(*permissions)


def take_back(apps, schema_editor):
    for group, permissions in _granted(apps, schema_editor.connection.alias):
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_charts_and_grants"),
        ("accounts", "0002_role_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, take_back)]
