import django.db.models.deletion
from django.db import migrations, models

COPY = "INSERT INTO candidly_personsearch (person_id, text) SELECT id, search_text FROM candidly_person"
BACK = (
    "UPDATE candidly_person SET search_text ="
    " COALESCE((SELECT text FROM candidly_personsearch WHERE person_id = candidly_person.id), '')"
)


def make_index(apps, editor):
    """SQLite reads the narrow table through, which takes it a moment."""
    if editor.connection.vendor == "postgresql":
        editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        editor.execute("CREATE INDEX person_search_trigrams ON candidly_personsearch USING gin (text gin_trgm_ops)")


class Migration(migrations.Migration):
    dependencies = [("candidly", "0012_fewer_indexes")]

    operations = [
        migrations.CreateModel(
            name="PersonSearch",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="candidly.person",
                    ),
                ),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunSQL(COPY, BACK),
        migrations.RunPython(make_index, migrations.RunPython.noop),
        migrations.RemoveField(model_name="person", name="search_text"),
    ]
