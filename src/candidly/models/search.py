"""The index of full-text search, and what it has still to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from candidly.models.conversations import Message

#: Messages (by their ids) that share an era: 2 to the power of this.
ERA_BITS = 14
#: PostgreSQL counts words up to here; those that follow share the last place.
LAST_PLACE = 16_383


@dataclass(frozen=True, slots=True)
class Document:
    """The words of a message, as `rules.search_words` cuts them: letters, digits and `@` alone."""

    message: int
    words: Sequence[str]


class DocumentField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL keeps a Document as a tsvector, SQLite as text that its FTS5 table reads."""

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> str:
        return written(value, connection.vendor)


def written(document: Document, vendor: str) -> str:
    """As that database reads it."""
    if vendor != "postgresql":
        return " ".join(document.words)
    begin = _begin(document.message >> ERA_BITS)
    counted, rest = document.words[:LAST_PLACE], document.words[LAST_PLACE:]
    places = [f"{begin}{word}':{place}" for place, word in enumerate(counted, start=1)]
    return " ".join(places + [f"{begin}{word}':{LAST_PLACE}" for word in rest])


def lexeme(era: int, word: str) -> str:
    """PostgreSQL's index holds each word once an era, so that it can be asked for one after the other."""
    return f"{_begin(era)}{word}'"


def _begin(era: int) -> str:
    return f"'{era:x}."


class MessageDocument(models.Model):
    """What search knows of a message. It goes when the message goes."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
    document = DocumentField()


class Unindexed(models.Model):
    """A message that search does not know yet, or knows as it was."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
