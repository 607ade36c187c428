from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("candidly", "0016_days_of_search")]

    operations = [
        # In the order of `PersonSearch`, so that whom a word finds is counted without looking at each person.
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["organization", "kind", "id"], name="person_by_id"),
        ),
    ]
