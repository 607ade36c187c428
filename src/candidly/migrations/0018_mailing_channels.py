from django.db import migrations, models

import candidly.models.mailings


class Migration(migrations.Migration):
    dependencies = [("candidly", "0017_people_in_order")]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="channels",
            field=models.JSONField(default=candidly.models.mailings.by_mail),
        ),
        migrations.AddField(
            model_name="mailingrecipient",
            name="phone",
            field=models.CharField(blank=True, help_text="Where its text message goes, if it is one", max_length=20),
        ),
        migrations.AlterField(
            model_name="mailingrecipient",
            name="address",
            field=models.CharField(
                blank=True, help_text="Where its mail goes, by the mailing's rule", max_length=254
            ),
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_by_mailing"),
        # With the channel last: progress is told by channel, and what is asked by state alone is found as before.
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["mailing", "state", "channel"],
                name="delivery_by_mailing",
                condition=models.Q(mailing__isnull=False),
            ),
        ),
    ]
