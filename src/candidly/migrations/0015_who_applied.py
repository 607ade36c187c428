from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("candidly", "0014_custom_fields")]

    operations = [
        migrations.RemoveIndex(model_name="application", name="application_by_opening"),
        # With the organization in it, because who applied is always asked for within one: the table is left alone.
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["organization", "opening", "stage", "person"], name="application_by_opening"),
        ),
    ]
