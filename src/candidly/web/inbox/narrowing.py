"""What the list of a tab is narrowed to: the channel of the newest message, and what was not delivered."""

from dataclasses import dataclass
from typing import Self

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict

from candidly.models import Conversation, Participation
from candidly.rules.channels import CHANNELS, PORTAL, channel


@dataclass(frozen=True)
class Narrowing:
    """`channel` is a name of CHANNELS, empty for any. `failed` leaves conversations whose message was not delivered."""

    channel: str = ""
    failed: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """From an address; what is not understood is left out, never an error."""
        channel = query.get("channel", "")
        return cls(channel if channel in CHANNELS else "", query.get("failed") == "1")

    @property
    def parameters(self) -> dict[str, str]:
        """As they stand in an address; "" for what it does not narrow."""
        return {"channel": self.channel, "failed": "1" if self.failed else ""}

    @property
    def is_on(self) -> bool:
        return self != Narrowing()

    def apply(self, rows: QuerySet[Participation]) -> QuerySet[Participation]:
        """Those that it leaves.

        Each row is looked at by itself, in a subquery: of a join PostgreSQL thinks that to go through all conversations
        there are takes no longer.
        """
        only: dict[str, object] = {"last_channel": self.channel} if self.channel else {}
        only |= {"has_failure": True} if self.failed else {}
        left = Conversation.objects.filter(pk=OuterRef("conversation"), **only)
        return rows.alias(left=Subquery(left.values("pk")[:1])).filter(left__isnull=False)

    @property
    def words(self) -> str:
        """What it leaves, for its button and for the line that says that it is on: "SMS, not delivered"."""
        label = channel(self.channel).label if self.channel else ""
        if not self.failed:
            return label
        return f"{label}, not delivered" if label else "Not delivered"

    @property
    def nothing(self) -> str:
        """That it leaves nothing: "No conversation here by SMS"."""
        what = "undelivered message" if self.failed else "conversation"
        if not self.channel:
            return f"No {what} here"
        spoken = channel(self.channel).spoken
        return f"No {what} here {spoken if self.channel == PORTAL else f'by {spoken}'}"
