"""The candidates that an agency user sees, page by page, with what is new about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.http import urlencode

from candidly.models import AgencyUser, Application
from candidly.rules.agency_access import agency_threads_of, submitted_by, unread_for
from candidly.rules.submissions import submissions
from candidly.web.writing.paging import Page, key_in, page_of

LISTED = 20
COUNTED = 1000
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Row:
    """`is_news`: there is something about the candidate that the agency user has not read. `submitter` is empty for
    their own."""

    application: Application
    is_news: bool
    has_talk: bool
    submitter: str


class Listing:
    """What was asked for, and what was found. Each property asks the database once, when the template shows it."""

    def __init__(self, agency_user: AgencyUser, asked: Mapping[str, str]) -> None:
        self.agency_user = agency_user
        self.q = " ".join(asked.get("q", "")[:LONGEST_QUERY].replace("\x00", "").split())
        self.with_news = asked.get("new") == "1"
        self._asked = asked

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.with_news)

    @property
    def query(self) -> str:
        """What narrows the list, without the page."""
        return urlencode([(name, value) for name, value in (("q", self.q), ("new", self.with_news and "1")) if value])

    @property
    def place(self) -> str:
        """This very page of the list, from the question mark on."""
        at = [f"{name}={key}" for name in ("before", "after") if (key := key_in(self._asked, name))]
        said = "&".join(filter(None, [self.query, *at]))
        return f"?{said}" if said else ""

    @cached_property
    def page(self) -> Page[Application]:
        found = submissions(self.agency_user, self.q, with_news=self.with_news)
        return page_of(
            found.select_related("person", "opening", "submitted_by__user"), self._asked, LISTED, newest_first=True
        )

    @cached_property
    def rows(self) -> list[Row]:
        people = {application.person_id for application in self.page.rows}
        threads = agency_threads_of(self.agency_user).filter(person__in=people)
        talked = set(threads.values_list("person", flat=True))
        news = set(unread_for(self.agency_user.user, threads).values_list("person", flat=True))
        return [
            Row(one, one.person_id in news, one.person_id in talked, self._submitter(one)) for one in self.page.rows
        ]

    @cached_property
    def has_any(self) -> bool:
        return bool(self.rows) or submitted_by(self.agency_user).exists()

    @cached_property
    def total(self) -> str:
        """Of all, as far as that is counted."""
        found = submitted_by(self.agency_user).order_by().values("pk")[: COUNTED + 1].count()
        return f"{COUNTED:,}+" if found > COUNTED else f"{found:,}"

    def _submitter(self, application: Application) -> str:
        by = application.submitted_by
        return by.name if by and by.pk != self.agency_user.pk else ""
