"""`candidly sandbox`: takes the mail that would go out, and keeps it for the sandbox page."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from candidly.channels.smtp.listener import CannotListen
from candidly.sandbox.server import HOST, sandbox_server
from candidly.worker.stopping import hold_signals, wait_for_signal

RELAY_IS_SET = (
    "Mail goes out through {host}, so the mail sandbox stays off: the two cannot be on together. "
    "Remove CANDIDLY_RELAY_HOST from the environment to use the sandbox."
)


class Command(BaseCommand):
    help = "Runs the mail sandbox's SMTP server until it is stopped (Ctrl-C)."

    def handle(self, *args: Any, **options: Any) -> None:
        config = settings.CONFIG
        if not config.sandbox:
            raise CommandError(RELAY_IS_SET.format(host=config.relay_host))
        hold_signals()
        server = sandbox_server(config)
        try:
            server.start()
        except CannotListen as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"The mail sandbox takes mail on {HOST}:{server.port}. Nothing leaves this machine.")
        wait_for_signal()
        server.stop()
