from itertools import batched

from django.db import migrations, models

# What quiet hours keep back by now was known by its words.
KEPT_BACK = (
    "UPDATE candidly_delivery SET quiet_until = due_at WHERE state IN ('queued', 'unconfirmed')"
    " AND state = 'queued' AND reason LIKE 'Waits until %, the person’s local time.'"
)
#: So many acts are looked at, and so many applications written, at once.
PAGE = 1000


def remember_declines(apps, editor):
    """When a person was declined stands in the audit log, where a member did it there; a later act undoes it."""
    acts = apps.get_model("candidly", "AuditEvent").objects.filter(verb="person.moved", subject__startswith="application ")
    rows = acts.order_by("pk").values_list("subject", "details__stage", "at")
    for some in batched(rows.iterator(PAGE), PAGE):
        last = {int(subject.split()[1]): at if stage == "Declined" else None for subject, stage, at in some}
        write_declines(apps.get_model("candidly", "Application"), last)


def write_declines(model, last):
    """`last` says by application when it was declined: None for one that was brought to another stage since."""
    applications = list(model.objects.filter(pk__in=last, status="declined"))
    for application in applications:
        application.declined_at = last[application.pk]
    model.objects.bulk_update(applications, ["declined_at"], batch_size=PAGE)


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
        migrations.AddField(
            model_name="application",
            name="declined_at",
            field=models.DateTimeField(blank=True, help_text="When it was declined, where that is known", null=True),
        ),
        migrations.RunSQL(KEPT_BACK, migrations.RunSQL.noop),
        migrations.RunPython(remember_declines, migrations.RunPython.noop),
    ]
