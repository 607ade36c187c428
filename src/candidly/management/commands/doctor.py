"""`candidly doctor`: says what is missing, and how to mend it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from candidly.config import config
from candidly.management.checkup import check_all


class Command(BaseCommand):
    help = "Look at everything that Candidly needs, and say how to mend what is wrong. Exit code 1 when something is."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for finding in check_all(config()):
            wrong += bool(finding.fix)
            self.stdout.write(f"{'✗' if finding.fix else '✓'} {finding.says}")
            if finding.fix:
                self.stdout.write(f"  → {finding.fix}")
        if wrong:
            self.stdout.write(f"\n{wrong} to mend.")
            sys.exit(1)
        self.stdout.write("\nAll is well.")
