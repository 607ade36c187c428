"""The `candidly` command: Django's management commands under our own name."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run `candidly COMMAND …`; `candidly help` lists the commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "candidly.settings")
    execute_from_command_line(sys.argv)
