"""`candidly restore FILE`: what `candidly backup` has made, put back in an empty place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from candidly.actions import restores
from candidly.config import Config, config
from candidly.management import archive
from candidly.management.archive import Archive, Manifest, NoArchive
from candidly.management.databases import DumpFailed, database, has_tables
from candidly.management.migrations import known_migrations, missing_migrations
from candidly.models import Attachment, Delivery, Organization, Person


class Command(BaseCommand):
    help = "Put back what `candidly backup` made, where there is no database yet. What was waiting then is not sent."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help="made by `candidly backup`")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        try:
            with archive.reading(path) as opened:
                _check(opened.manifest, config())
                _put_back(opened, config())
                self._report(opened.manifest)
        except NoArchive as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer. {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror}.") from error

    def _report(self, manifest: Manifest) -> None:
        lines = [
            f"Restored as it was on {manifest.made_at:%Y-%m-%d at %H:%M} UTC. Organizations: "
            f"{Organization.objects.count():,}, people: {Person.objects.count():,}, attachments: "
            f"{Attachment.objects.count():,}."
        ]
        if lost := _lost():
            lines.append(f"Attachments that are not in the back-up: {lost:,}. They were gone when it was made.")
        if archive.fingerprint(config().signing_key()) != manifest.key:
            lines.append(
                "The back-up was made with another CANDIDLY_SECRET_KEY. With this one the links that people have been "
                "sent do not open: set the old one before you start."
            )
        lines += [
            f"What was waiting then (messages: {Delivery.objects.waiting().count():,}) or under way is held until you "
            "say: candidly release (send it), or candidly release --cancel (it has gone since).",
            "Put the file encryption_keys back too, or set CANDIDLY_ENCRYPTION_KEYS; without them members connect "
            "their own mailboxes anew. Then: candidly serve",
        ]
        self.stdout.write("\n".join(lines))


def _check(manifest: Manifest, settings: Config) -> None:
    """Raises CommandError for what cannot go well, before anything is changed."""
    into = database()
    if manifest.database != into.name:
        raise CommandError(
            f"The back-up is of {manifest.database}, and the settings name {into.name}. See CANDIDLY_DATABASE_URL."
        )
    if has_tables():
        raise CommandError(
            f"There is a database already, and it stays as it is. To restore, begin with none. {into.how_to_empty}"
        )
    if newer := set(manifest.migrations) - known_migrations():
        raise CommandError(f"The back-up was made by a newer version, which knows {max(newer)}. Update Candidly first.")
    is_lived_in = settings.attachments_dir.exists() and any(settings.attachments_dir.iterdir())
    if is_lived_in and archive.fingerprint(settings.signing_key()) != manifest.key:
        raise CommandError(
            f"The data folder {settings.data_dir} belongs to another Candidly. "
            "Name an empty one with CANDIDLY_DATA_DIR."
        )


def _put_back(opened: Archive, settings: Config) -> None:
    try:
        opened.take_out(settings, database().load)
    except DumpFailed as error:
        raise CommandError(f"The database could not be restored, and is as empty as before. {error}") from error
    if missing_migrations():
        call_command("migrate", verbosity=0)
    restores.hold()


def _lost() -> int:
    """How many attachments have no file."""
    names = Attachment.objects.order_by().values_list("file", flat=True).distinct()
    return sum(not default_storage.exists(name) for name in names.iterator(chunk_size=1_000))
