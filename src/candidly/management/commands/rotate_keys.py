"""`candidly rotate-keys`: encrypt what is secret with a new key."""

from typing import Any

from django.core.management.base import BaseCommand

from candidly.actions.sealing import rotate
from candidly.config import config


class Command(BaseCommand):
    help = "Encrypt the secrets of members' mailboxes anew: with a new key, or the first of CANDIDLY_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Encrypted with the newest key: {rotate():,}.")
        if config().encryption_keys:
            self.stdout.write("The other keys of CANDIDLY_ENCRYPTION_KEYS can go now.")
        else:
            self.stdout.write(f"The key is kept in {config().sealing_keys_path}.")
