"""`candidly demo`: the story of Northlane Care, to try everything with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from candidly.config import config
from candidly.demo import story
from candidly.models import Organization


class Command(BaseCommand):
    help = "Load the demo story into an empty database: an organization, 2,000 candidates, 300 conversations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when the database holds data already")

    def handle(self, *args: Any, **options: Any) -> None:
        if Organization.objects.exists():
            if not options["if_empty"]:
                raise CommandError(_there_already())
            return
        if not config().sandbox:
            raise CommandError(
                "The demo's password is known to everybody, so it is not loaded where mail goes out for real. "
                "Remove CANDIDLY_RELAY_HOST to try the demo."
            )
        self.stdout.write("Loading the demo story: Northlane Care and its candidates …")
        story.tell(self._report)
        self.stdout.write(f"Done. Sign in as {story.HANNAH} with the password “{story.PASSWORD}”.")

    def _report(self, what: str, number: int, total: int) -> None:
        """On a terminal one line that counts; in a log a line now and then."""
        if self.stdout.isatty():
            self.stdout.write(f"\r  {number:,} of {total:,} {what}", ending="\n" if number == total else "")
            self.stdout.flush()
        elif number % 500 == 0 or number == total:
            self.stdout.write(f"  {number:,} of {total:,} {what}")


def _there_already() -> str:
    if story.is_told():
        return f"The demo story is already there: sign in as {story.HANNAH} with “{story.PASSWORD}”."
    return "There is data already, and the demo does not mix with it. Use another CANDIDLY_DATA_DIR or database."
