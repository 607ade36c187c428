"""The members of a campaign as its page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.http import urlencode

from candidly.models import Campaign, CampaignIntake, CampaignMember, Mailing, Member, Person
from candidly.rules.access import campaign_members_for, intakes_for, mailings_for
from candidly.rules.campaigns import COUNTED_UP_TO, Figures, MemberRow, figures_of, narrowed, rows_of
from candidly.rules.counting import in_words
from candidly.web.writing.paging import Page, page_of

LISTED = 20
MAILINGS = 10
KINDS = {Person.Kind.CANDIDATE.value: "Candidates", Person.Kind.CONTACT.value: "Contacts"}
Response = CampaignMember.Response
#: The bars that are always there, in their order; the others stand below when anybody gave them.
BARS = (Response.ACCEPTED, Response.DECLINED, Response.REPLIED, Response.NONE)
WIDEST = 190


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the figures, drawn `width` wide at `y`."""

    response: str
    label: str
    number: int
    share: int
    width: int
    y: int


@dataclass(frozen=True, slots=True)
class Tab:
    kind: str
    label: str
    count: str
    is_current: bool


class Shown:
    """What was asked for of a campaign, and what was found. `response` and `q` are empty for everybody."""

    def __init__(self, member: Member, campaign: Campaign, asked: Mapping[str, str]) -> None:
        self.member = member
        self.campaign = campaign
        self.kind = asked.get("kind", "") if asked.get("kind") in KINDS else Person.Kind.CANDIDATE.value
        self.response = asked.get("response", "") if asked.get("response") in Response.values else ""
        self.q = " ".join(asked.get("q", "")[:200].replace("\x00", "").split())
        self._asked = asked

    @property
    def responses(self) -> list[tuple[str, str]]:
        return list(Response.choices)

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind]

    @property
    def response_label(self) -> str:
        return Response(self.response).label if self.response else ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.response or self.q)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Whom "all" means, as the fields of a form."""
        named = {"campaign": str(self.campaign.pk), "kind": self.kind, "response": self.response, "q": self.q}
        return [(name, value) for name, value in named.items() if value]

    @property
    def query(self) -> str:
        """Of these rows, without the page."""
        return urlencode([(name, value) for name, value in self.pairs if name != "campaign"])

    @property
    def selection_key(self) -> str:
        return urlencode(self.pairs)

    @cached_property
    def page(self) -> Page[CampaignMember]:
        everybody = campaign_members_for(self.member).filter(campaign=self.campaign, kind=self.kind)
        found = narrowed(everybody, q=self.q, response=self.response)
        return page_of(found.select_related("person"), self._asked, LISTED)

    @cached_property
    def rows(self) -> list[MemberRow]:
        return rows_of(self.campaign, self.page.rows)

    @cached_property
    def all_figures(self) -> dict[str, Figures]:
        return figures_of(self.member, self.campaign)

    @property
    def figures(self) -> Figures:
        return self.all_figures[self.kind]

    @property
    def tabs(self) -> list[Tab]:
        return [
            Tab(kind, label, self.all_figures[kind].total_words, kind == self.kind) for kind, label in KINDS.items()
        ]

    @property
    def total(self) -> int:
        """Of those shown, as far as that is counted: a search is not."""
        counted = self.figures.by_response
        return counted[self.response] if self.response else self.figures.total

    @property
    def total_words(self) -> str:
        return "all found" if self.q else in_words(self.total, COUNTED_UP_TO)

    @property
    def bars(self) -> list[Bar]:
        counted = self.figures.by_response
        shown = [*BARS, *(response for response in Response if response not in BARS and counted[response])]
        most = max(counted.values()) or 1
        return [
            Bar(
                response=response.value,
                label=response.label,
                number=counted[response],
                share=round(100 * counted[response] / self.figures.total) if self.figures.total else 0,
                width=max(1, WIDEST * counted[response] // most),
                y=10 + 36 * place,
            )
            for place, response in enumerate(shown)
        ]

    @property
    def chart_height(self) -> int:
        return 36 * len(self.bars) + 4

    @cached_property
    def intakes(self) -> list[CampaignIntake]:
        """What is still on its way into it."""
        under_way = intakes_for(self.member).filter(campaign=self.campaign, finished_at=None)
        return list(under_way.select_related("campaign")[:5])

    @cached_property
    def mailings(self) -> list[Mailing]:
        """The newest, that the member may see."""
        sent = mailings_for(self.member).filter(campaign=self.campaign).select_related("sender__user")
        return list(sent.order_by("-pk")[:MAILINGS])

    @property
    def running(self) -> Mailing | None:
        """The newest that is under way."""
        under_way = (Mailing.State.SENDING, Mailing.State.PAUSED)
        return next((mailing for mailing in self.mailings if mailing.state in under_way), None)

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """Name, where it is done, and "done", "current" or nothing."""
        done = {
            "Audience": self.figures.total > 0,
            "Example": self.campaign.example_sent_at is not None,
            "Generate": bool(self.mailings),
            "Responses": any(number for name, number in self.figures.by_response.items() if name != Response.NONE),
        }
        too_late = {"Example"} if done["Generate"] else set()
        left = (name for name, is_done in done.items() if not is_done and name not in too_late)
        current = next(left, "Responses")
        places = {"Audience": "members", "Example": "mail", "Generate": "mail", "Responses": "responses"}
        return [
            (name, places[name], "current" if name == current else "done" if is_done else "")
            for name, is_done in done.items()
        ]
