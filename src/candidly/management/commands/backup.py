"""`candidly backup FILE`: everything that makes this Candidly, in one file."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat

from candidly.config import config
from candidly.management import archive
from candidly.management.databases import DumpFailed, database
from candidly.management.migrations import applied_migrations


class Command(BaseCommand):
    help = "Back up the database, the attachments and the signing key into one file, while Candidly works on."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help="a new file, or a folder to make one in")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        if path.is_dir():
            path /= f"candidly-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
        try:
            had = applied_migrations()
            if not had:
                raise CommandError("The database has no tables yet: there is nothing to back up.")
            made = archive.write(path, database(), had, config())
        except FileExistsError as error:
            raise CommandError(f"{path} is there already, and stays as it is. Name another file.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        except (DumpFailed, DatabaseError) as error:
            raise CommandError(f"The database could not be backed up. {error}") from error
        size = filesizeformat(path.stat().st_size).replace("\xa0", " ")
        self.stdout.write(f"{path}: {made.database} and {made.files:,} files, {size}.")
        self.stdout.write(f"It is put back with: candidly restore {path}")
