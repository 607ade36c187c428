"""`candidly worker`: sends what is queued and reads what came in."""

from typing import Any

from django.core.management.base import BaseCommand

from candidly.worker import run


class Command(BaseCommand):
    help = "Send queued mail, write mailings, and read incoming mail until stopped (Ctrl-C). Run as many as you like."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        run()
