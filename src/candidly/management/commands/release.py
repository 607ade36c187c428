"""`candidly release`: after a restore, say what becomes of the mail that was waiting in the back-up."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from candidly.actions import restores


class Command(BaseCommand):
    help = "After the database was restored from a back-up: send what was held, or, with --cancel, do not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cancel", action="store_true", help="cancel what was held: it has gone already")

    def handle(self, *args: Any, **options: Any) -> None:
        concerned = restores.release(send=not options["cancel"])
        if concerned is None:
            self.stdout.write("Nothing is held: the database was not restored, or this has been decided already.")
        elif options["cancel"]:
            self.stdout.write(f"{concerned:,} waiting mails were cancelled, and so were the mailings under way.")
        else:
            self.stdout.write(f"{concerned:,} waiting mails go out now, and the mailings under way go on.")
