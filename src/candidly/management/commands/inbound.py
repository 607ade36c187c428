"""`candidly inbound`: takes the answers of candidates, and of members who write from their own mail program."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from candidly.channels.smtp.listener import CannotListen
from candidly.config import config
from candidly.models.planning import keep_plans
from candidly.worker.door import inbound_door
from candidly.worker.stopping import hold_signals, wait_for_signal


class Command(BaseCommand):
    help = "Take mail on CANDIDLY_INBOUND_HOST and CANDIDLY_INBOUND_PORT until stopped (Ctrl-C)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        hold_signals()
        keep_plans()
        try:
            door = inbound_door(config())
            door.start()
        except CannotListen as problem:
            raise CommandError(str(problem)) from problem
        except OSError as problem:
            raise CommandError(
                f"The certificate for incoming mail could not be read ({problem}). "
                "Check CANDIDLY_INBOUND_CERTIFICATE and CANDIDLY_INBOUND_KEY."
            ) from problem
        self.stdout.write(f"Mail to {config().inbound_domain} is taken on {door.host}:{door.port}.")
        wait_for_signal()
        door.stop()
