"""`candidly serve`: everything on one machine, in one go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from candidly.config import Config, config
from candidly.demo import story
from candidly.management import ports
from candidly.management.migrations import missing_migrations
from candidly.management.supervisor import Supervisor
from candidly.models import User


class Command(BaseCommand):
    help = "Run the web server, the worker, the door for mail and, without a relay, the mail sandbox; Ctrl-C stops all."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        settings = config()
        _check_ports(settings)
        _check_tables()
        greeting = _greeting(settings)
        connection.close()
        parts = ["web", "worker", "inbound", *(["sandbox"] if settings.sandbox else [])]
        self.stdout.write("Starting …")
        self._ready = False

        def greet_when_ready() -> None:
            if not self._ready and ports.answers(settings.web_host, settings.web_port):
                self._ready = True
                self.stdout.write(greeting)
                self.stdout.flush()

        Supervisor(parts, self.stderr.write).run(greet_when_ready)
        self.stdout.write("Stopped.")


def _check_ports(settings: Config) -> None:
    wanted = [
        ("CANDIDLY_WEB_PORT", settings.web_host, settings.web_port),
        ("CANDIDLY_INBOUND_PORT", settings.inbound_host, settings.inbound_port),
    ]
    if settings.sandbox:
        wanted.append(("CANDIDLY_SANDBOX_PORT", "127.0.0.1", settings.sandbox_port))
    for setting, host, port in wanted:
        if not ports.is_free(host, port):
            raise CommandError(
                f"Port {port} on {host} cannot be used: another program has it, perhaps another Candidly, or this "
                f"account may not take it. Stop that program, or choose another port with {setting}."
            )


def _check_tables() -> None:
    if missing_migrations():
        raise CommandError("The database is not ready for this version. Run first: candidly migrate")


def _greeting(settings: Config) -> str:
    lines = ["", f"Candidly is ready: {settings.base_url}"]
    if not User.objects.exists():
        lines.append(f"Make the first account at {settings.base_url}/setup/")
    elif settings.sandbox and story.is_told():
        lines.append(f"Demo sign-in:      {story.HANNAH} with the password “{story.PASSWORD}”")
    if settings.sandbox:
        lines.append(f"Outgoing mail:     stays on this machine, see {settings.base_url}/sandbox/")
    else:
        lines.append(f"Outgoing mail:     through {settings.relay_host}:{settings.relay_port}")
    lines.append(f"Incoming mail:     {settings.inbound_host}:{settings.inbound_port}, for {settings.inbound_domain}")
    lines += ["Ctrl-C stops it.", ""]
    return "\n".join(lines)
