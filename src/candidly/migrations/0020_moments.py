from django.db import migrations, models

# What quiet hours keep back by now was known by its words.
KEPT_BACK = (
    "UPDATE candidly_delivery SET quiet_until = due_at WHERE state IN ('queued', 'unconfirmed')"
    " AND state = 'queued' AND reason LIKE 'Waits until %, the person’s local time.'"
)


class Migration(migrations.Migration):
    dependencies = [("candidly", "0019_audit_by_subject")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="quiet_until",
            field=models.DateTimeField(
                blank=True,
                help_text="To when quiet hours last put it off: it waits for them while that is when it is due",
                null=True,
            ),
        ),
        migrations.RunSQL(KEPT_BACK, migrations.RunSQL.noop),
    ]
