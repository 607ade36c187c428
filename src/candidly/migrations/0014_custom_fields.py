import django.db.models.deletion
from django.db import migrations, models

# What people have by now.
POSTGRESQL = (
    "INSERT INTO candidly_customfield (organization_id, key)"
    " SELECT DISTINCT organization_id, jsonb_object_keys(custom_fields) FROM candidly_person"
)
SQLITE = (
    "INSERT INTO candidly_customfield (organization_id, key)"
    " SELECT DISTINCT organization_id, own.key FROM candidly_person, json_each(custom_fields) AS own"
)


def fill(apps, editor):
    editor.execute(POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    dependencies = [("candidly", "0013_person_search")]

    operations = [
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="candidly.organization",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organization", "key"), name="custom_field_key")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
