"""Finding mails in the sandbox. They belong to no organization: every member of a test installation sees them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from candidly.models import SandboxMail

PAGE = 50


@dataclass(frozen=True)
class Search:
    """What the list is narrowed to: the mails of one `recipient`, and words of the recipient or subject."""

    recipient: str = ""
    words: str = ""

    @property
    def query(self) -> str:
        """The same search as part of an address, without the question mark; "" for all mails."""
        return urlencode(
            {name: value for name, value in {"recipient": self.recipient, "q": self.words}.items() if value}
        )

    def mails(self) -> QuerySet[SandboxMail]:
        """Newest first, without their content."""
        mails = SandboxMail.objects.defer("raw").order_by("-pk")
        if self.recipient:
            mails = mails.filter(recipient=self.recipient)
        for word in self.words.split():
            mails = mails.filter(Q(recipient__icontains=word) | Q(subject__icontains=word))
        return mails


def search_of(params: Mapping[str, str]) -> Search:
    """The search that a page's address tells."""
    return Search(recipient=_text(params, "recipient"), words=_text(params, "q"))


def _text(params: Mapping[str, str], name: str) -> str:
    return params.get(name, "").replace("\x00", "").strip()[:320]


def page_of(search: Search, before: int | None) -> tuple[list[SandboxMail], bool]:
    """A page of mails older than `before` (all of them when None), and whether there are still older ones."""
    mails = search.mails()
    if before is not None:
        mails = mails.filter(pk__lt=before)
    found = list(mails[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE
