import django.db.models.deletion
from django.db import migrations, models

import candidly.models.search

POSTGRESQL = [
    # What waits in the index's list is read by every search, so that it must stay short.
    "CREATE INDEX message_document_words ON candidly_messagedocument USING gin (document)"
    " WITH (gin_pending_list_limit = 512)",
    # Every query of it says how it is to be run: what words are frequent need not be counted.
    "ALTER TABLE candidly_messagedocument ALTER COLUMN document SET STATISTICS 0",
]
# The words come folded and parted by spaces: FTS5 has only to keep them. It reads the text in the table above.
SQLITE = [
    "CREATE VIRTUAL TABLE candidly_messagewords USING fts5(document, content='candidly_messagedocument',"
    " content_rowid='message_id', columnsize=0, tokenize=\"ascii tokenchars '@'\")",
    "CREATE TRIGGER message_document_added AFTER INSERT ON candidly_messagedocument BEGIN"
    " INSERT INTO candidly_messagewords (rowid, document) VALUES (new.message_id, new.document); END",
    "CREATE TRIGGER message_document_gone AFTER DELETE ON candidly_messagedocument BEGIN"
    " INSERT INTO candidly_messagewords (candidly_messagewords, rowid, document)"
    " VALUES ('delete', old.message_id, old.document); END",
    "CREATE TRIGGER message_document_changed AFTER UPDATE ON candidly_messagedocument BEGIN"
    " INSERT INTO candidly_messagewords (candidly_messagewords, rowid, document)"
    " VALUES ('delete', old.message_id, old.document);"
    " INSERT INTO candidly_messagewords (rowid, document) VALUES (new.message_id, new.document); END",
]


def make_index(apps, editor):
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def drop_index(apps, editor):
    """The rest goes with the table."""
    if editor.connection.vendor != "postgresql":
        editor.execute("DROP TABLE candidly_messagewords")


class Migration(migrations.Migration):
    dependencies = [("candidly", "0002_message_center")]

    operations = [
        migrations.CreateModel(
            name="MessageDocument",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="candidly.message",
                    ),
                ),
                ("document", candidly.models.search.DocumentField()),
            ],
        ),
        migrations.RunPython(make_index, drop_index),
        # What was written before is read by the worker, the newest first.
        migrations.RunSQL(
            "INSERT INTO candidly_unindexed (message_id) SELECT id FROM candidly_message WHERE true"
            " ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
