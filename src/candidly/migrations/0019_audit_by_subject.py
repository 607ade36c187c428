from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("candidly", "0018_mailing_channels")]

    operations = [
        # A profile tells how its applications moved, and the log alone remembers it.
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["subject", "-id"], name="audit_of_subject"),
        ),
    ]
