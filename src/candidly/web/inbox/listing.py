"""What of the inbox is listed: a tab, in an order, narrowed or not. The address of a page says it all."""

from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.urls import reverse

from candidly.rules.channels import CHANNELS
from candidly.web.inbox.folders import ALL, FOLDERS, Folder
from candidly.web.inbox.narrowing import Narrowing
from candidly.web.inbox.paging import NEWEST_FIRST, ORDERS, Order


@dataclass(frozen=True)
class Choice:
    """One of a menu, or a tab: its label, what it would have listed, and whether that is what is listed now."""

    label: str
    listing: "Listing"
    is_chosen: bool


@dataclass(frozen=True)
class Listing:
    """Each of its parts can be exchanged while the others stay: that is what the tabs and the menus do."""

    folder: Folder = ALL
    order: Order = NEWEST_FIRST
    narrowing: Narrowing = field(default_factory=Narrowing)

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """From an address. Http404 for a tab that there is not; an order or a channel that there is not is left out."""
        folder = FOLDERS.get(query.get("folder", ALL.name))
        if folder is None:
            raise Http404
        return cls(folder, ORDERS.get(query.get("sort", ""), NEWEST_FIRST), Narrowing.from_query(query))

    @property
    def parameters(self) -> str:
        """As they stand in an address; empty for what is listed when nothing is chosen."""
        named = {
            "folder": "" if self.folder == ALL else self.folder.name,
            "sort": "" if self.order == NEWEST_FIRST else self.order.name,
            **self.narrowing.parameters,
        }
        return urlencode({name: value for name, value in named.items() if value})

    @property
    def query(self) -> str:
        """What follows the address of a page to go on with the same."""
        return f"?{self.parameters}" if self.parameters else ""

    @property
    def url(self) -> str:
        return reverse("inbox") + self.query

    @property
    def everything(self) -> "Listing":
        """The tab of all, not narrowed, in this order."""
        return Listing(order=self.order)

    @property
    def widened(self) -> "Listing":
        """The same tab, not narrowed."""
        return replace(self, narrowing=Narrowing())

    @property
    def tabs(self) -> list[Choice]:
        return [Choice(one.label, replace(self, folder=one), one == self.folder) for one in FOLDERS.values()]

    @property
    def orders(self) -> list[Choice]:
        return [Choice(one.label, replace(self, order=one), one == self.order) for one in ORDERS.values()]

    @property
    def channels(self) -> list[Choice]:
        """Any, and each one that there is."""
        labels = {"": "Any channel", **{one.name: one.label for one in CHANNELS.values()}}
        chosen = self.narrowing.channel
        return [Choice(label, self._narrowed(channel=name), name == chosen) for name, label in labels.items()]

    @property
    def failed(self) -> Choice:
        """What was not delivered alone; chosen again, everything."""
        failed = self.narrowing.failed
        return Choice("Not delivered", self._narrowed(failed=not failed), failed)

    def _narrowed(self, **to: object) -> "Listing":
        return replace(self, narrowing=replace(self.narrowing, **to))  # type: ignore[arg-type]
