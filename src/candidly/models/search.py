"""The index of full-text search, and what it has still to read."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from candidly.models.conversations import Message

#: PostgreSQL counts words up to here; those that follow share the last place.
LAST_PLACE = 16_383


class DocumentField(models.Field):  # type: ignore[type-arg]
    """Words in their order, as `rules.search_words` cuts them: letters, digits and `@` alone.

    PostgreSQL keeps them as a tsvector, SQLite as text that its FTS5 table reads.
    """

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> str:
        return written(value, connection.vendor)


def written(words: Sequence[str], vendor: str) -> str:
    """The document as that database reads it."""
    if vendor != "postgresql":
        return " ".join(words)
    return " ".join(f"'{word}':{min(place, LAST_PLACE)}" for place, word in enumerate(words, start=1))


class MessageDocument(models.Model):
    """What search knows of a message. It goes when the message goes."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
    document = DocumentField()


class Unindexed(models.Model):
    """A message that search does not know yet, or knows as it was."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
