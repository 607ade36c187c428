"""`candidly hold`: for a machine that was put back as a whole, which cannot notice it by itself."""

from typing import Any

from django.core.management.base import BaseCommand

from candidly.actions import restores


class Command(BaseCommand):
    help = "Send nothing of what waits at this moment, until “candidly release”. Run it before the workers start."

    def handle(self, *args: Any, **options: Any) -> None:
        restores.hold()
        self.stdout.write("What waits now is held. “candidly release” sends it, “candidly release --cancel” does not.")
