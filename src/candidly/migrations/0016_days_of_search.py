from django.db import migrations


class Migration(migrations.Migration):
    """Search knows the day of a message. The worker reads again what it knows without one, the newest first."""

    dependencies = [("candidly", "0015_who_applied")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO candidly_unindexed (message_id) SELECT message_id FROM candidly_messagedocument WHERE true"
            " ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
