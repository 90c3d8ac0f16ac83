"""allauth's OAuth2 client under the clinic's own name: no table, but permissions of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_audit_permission"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
    ]
    operations = [
        migrations.CreateModel(
            name="Integrator",
            fields=[],
            options={
                "verbose_name": "integrator",
                "verbose_name_plural": "integrators",
                "ordering": ("name",),
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("allauth_idp_oidc.client",),
        ),
    ]
