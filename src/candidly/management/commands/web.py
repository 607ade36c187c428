"""`candidly web`: the pages and the live stream, on one port."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from candidly.config import config

#: Seconds that open streams get when the server is told to stop.
PATIENCE = 3


class Command(BaseCommand):
    help = "Serve the pages on CANDIDLY_WEB_HOST and CANDIDLY_WEB_PORT."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Becomes the server: the same process id, so that a supervisor's signals reach it."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise complains where it is missing
        os.execv(sys.executable, [sys.executable, "-m", "granian", *_arguments(), "candidly.asgi:application"])


def _arguments() -> list[str]:
    given = config()
    named = {
        "--interface": "asgi",
        "--http": "1",
        "--loop": "asyncio",
        "--host": given.web_host,
        "--port": given.web_port,
        "--workers": 1,
        "--workers-kill-timeout": PATIENCE,
        "--log-level": "warning",
    }
    flags = ["--respawn-failed-workers", "--no-ws"]
    return [*flags, *(str(word) for pair in named.items() for word in pair)]
