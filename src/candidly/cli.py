"""The `candidly` command: Django's management commands under our own name."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run `candidly COMMAND …`; `candidly help` lists the commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "candidly.settings")
    program, *words = sys.argv
    if words:
        words[0] = words[0].replace("-", "_") if words[0][0] != "-" else words[0]  # rotate-keys is a module
    execute_from_command_line([program, *words])
