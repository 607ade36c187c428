"""Pages with a million messages: server time and queries of each, and the plans of the slowest queries."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench import million
from bench.figures import Figure
from candidly.models import Mailing, Member, Message, Opening, Person, Role
from candidly.rules.access import candidates_for
from candidly.rules.audience import CandidateFilter
from candidly.rules.paging import page
from candidly.web.inbox.listing import Listing
from candidly.web.inbox.narrowing import Narrowing
from candidly.web.inbox.paging import OLDEST_FIRST
from candidly.web.inbox.rows import inbox_page

PART = "Pages"
TIMES = 20
#: Where the plans of the slowest queries are written.
PLANS = Path("bench/results")
SLOWEST = 3


@dataclass(frozen=True)
class Asked:
    """A query as it went to the database, and its seconds."""

    sql: str
    parameters: Any
    seconds: float


@dataclass
class Looked:
    """One page, asked for TIMES times."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    queries: list[Asked] = field(default_factory=list)

    def figure(self) -> Figure:
        more = {
            "fastest": min(self.milliseconds),
            "p95": quantiles(self.milliseconds, n=20)[-1],
            "queries": float(len(self.queries)),
        }
        return Figure(PART, connection.vendor, self.name, median(self.milliseconds), "ms", more=more)


def measure(*, quick: bool) -> Iterator[Figure]:
    """In this process, through every middleware, on a warm connection."""
    million.World(20_000 if quick else 1_000_000).build()
    yield from look()


def look() -> Iterator[Figure]:
    """The pages of the database that is there."""
    looked = [
        _look(name, partial(_get, _client(member), address))
        for member, pages in _pages().items()
        for name, address in pages.items()
    ]
    hannah = Member.objects.get(user__email=million.EMAIL)
    looked.append(_look("Mark 200 as read", *_mark_read(hannah)))
    looked += [_look(name, ask) for name, ask in _previews(hannah).items()]
    _write_plans(looked)
    for one in looked:
        yield one.figure()


def _pages() -> Mapping[Member, dict[str, str]]:
    """The recruiter with the most conversations, and a hiring manager, whose access takes more asking."""
    hannah = Member.objects.get(user__email=million.EMAIL)
    marcus = Member.objects.filter(role=Role.HIRING_MANAGER).order_by("pk").first()
    assert marcus
    return {hannah: {**_inbox(hannah), **_candidates(hannah), **_searches(), **_others()}, marcus: _managers(marcus)}


def _mark_read(member: Member) -> tuple[Callable[[], None], Callable[[], None]]:
    """What is measured, and what makes them unread again."""
    client = _client(member)
    ids = member.participations.filter(archived_at=None).order_by("-last_message_at")[:200]
    address = f"{reverse('inbox_unread')}?ids={','.join(str(one.conversation_id) for one in ids)}"
    data = {"ids": address.partition("=")[2]}
    return partial(_get, client, address, method="DELETE"), lambda: _get(client, address, method="POST", data=data)


def _previews(member: Member) -> Mapping[str, Callable[[], None]]:
    """The bulk composer's look at a message: to one opening's candidates, and to everybody."""
    client, opening = _client(member), _busiest_opening()
    audiences = {
        f"Preview to {opening.applications.count():,}": {"filter": CandidateFilter(openings=(opening.pk,)).to_params()},
        f"Preview to {candidates_for(member).count():,}": {"filter": {}},
    }
    text = {"subject": "Interview days", "body": "Dear {{first_name}},\n\n{{opening_name}}", "kind": "candidate"}
    address = reverse("mailing_preview")
    return {
        name: partial(_get, client, address, method="POST", data={**text, "audience": json.dumps(audience)})
        for name, audience in audiences.items()
    }


def _busiest_opening() -> Opening:
    return Opening.objects.annotate(n=Count("applications")).order_by("-n")[0]


def _inbox(member: Member) -> dict[str, str]:
    far = inbox_page(member, Listing(), size=300)
    for _ in range(30):
        far = inbox_page(member, Listing(), after=far.next, size=300) if far.next else far
    longest = member.participations.model.objects.annotate(n=Count("conversation__messages")).order_by("-n").first()
    assert longest
    return {
        "Inbox": reverse("inbox"),
        "Inbox, far down": f"{reverse('inbox_rows')}?after={far.next}",
        **{f"Inbox, {tab.label}": tab.listing.url for tab in Listing().tabs if not tab.is_chosen},
        "Inbox, oldest first": Listing(order=OLDEST_FIRST).url,
        "Inbox, by SMS": Listing(narrowing=Narrowing(channel="sms")).url,
        "Inbox, not delivered": Listing(narrowing=Narrowing(failed=True)).url,
        "Conversation of 200 messages": reverse("conversation", args=[longest.conversation_id]),
    }


def _candidates(member: Member) -> dict[str, str]:
    people = candidates_for(member)
    deep = page(CandidateFilter(), people, size=people.count() // 2).next
    busiest = _busiest_opening()
    address = reverse("candidates")
    return {
        "Candidates": address,
        "Candidates, halfway down": f"{address}?at={deep}",
        "Candidates by name": f"{address}?sort=name",
        "Candidates, a frequent word": f"{address}?q=nurse",
        "Candidates, a name": f"{address}?q=kowalczyk",
        "Candidates, two words": f"{address}?q=siobhan+brea",
        "Candidates, nobody found": f"{address}?q=zzyzx",
        "Opening with most candidates": f"{address}?opening={busiest.pk}",
        "Opening, stage and place": f"{address}?opening={busiest.pk}&stage=interview&location=Leeds",
        "Never contacted": f"{address}?contacted=never",
    }


def _searches() -> dict[str, str]:
    """In all messages."""
    address = reverse("search")
    busiest = _busiest_opening()
    person = Person.objects.annotate(n=Count("conversations")).order_by("-n")[0]
    rare = Message.objects.order_by("pk")[1000].pk
    then = timezone.localdate() - million.YEARS * 0.8
    return {
        "Search": address,
        "Search, a frequent word": f"{address}?q=interview",
        "Search, its beginning": f"{address}?q=int",
        "Search, a rare word": f"{address}?q={rare}",
        "Search, a word of long ago": f"{address}?q=heatwave",
        "Search, nothing found": f"{address}?q=zzyzx",
        "Search, two words": f"{address}?q=panel+housing",
        "Search, a frequent and a rare word": f"{address}?q=interview+{rare}",
        "Search, a phrase": f'{address}?q="forty+minutes"',
        "Search, a phrase that nobody said": f'{address}?q="minutes+forty"',
        "Search, with a person": f"{address}?q=interview&person={person.pk}",
        "Search, about an opening": f"{address}?q=interview&opening={busiest.pk}",
        "Search, texts with a file": f"{address}?q=interview&channel=sms&file=1",
        "Search, in a week long ago": f"{address}?q=interview&since={then}&until={then + timedelta(days=7)}",
        "Search, the following page": f"{address}?q=interview&after=900000",
    }


def _others() -> dict[str, str]:
    known = Person.objects.annotate(n=Count("conversations")).order_by("-n")[0]
    largest = Mailing.objects.order_by("-total")[0]
    return {
        "Candidate with most conversations": reverse("candidate", args=[known.pk]),
        "Their e-mails": reverse("candidate_emails", args=[known.pk]),
        "Their profile's previous applications": reverse("candidate_previous", args=[known.pk]),
        "Their activity": reverse("candidate_activity", args=[known.pk]),
        "Message panel": reverse("message_panel", args=[known.pk]),
        "Composer to everybody": f"{reverse('compose')}?all=1",
        "Deliveries": reverse("delivery"),
        "Mailings": reverse("mailings"),
        "Contacts": reverse("contacts"),
        "Openings": reverse("openings"),
        "Campaigns": reverse("campaigns"),
        "Templates": reverse("templates"),
        "Reminders": reverse("reminders"),
        "Scheduled": reverse("scheduled"),
        "Review tray": reverse("review"),
        "Settings": reverse("settings"),
        "Largest mailing": reverse("mailing", args=[largest.pk]),
        "Its progress": reverse("mailing_progress", args=[largest.pk]) + "?state=done",
    }


def _managers(member: Member) -> dict[str, str]:
    opening = member.openings.annotate(n=Count("applications")).order_by("-n")[0]
    return {
        "Hiring manager: inbox": reverse("inbox"),
        "Hiring manager: candidates": reverse("candidates"),
        "Hiring manager: candidates, a name": f"{reverse('candidates')}?q=kowalczyk",
        "Hiring manager: search, a frequent word": f"{reverse('search')}?q=interview",
        "Hiring manager: search, a rare word": f"{reverse('search')}?q=kowalczyk+heatwave",
        "Hiring manager: search, nothing found": f"{reverse('search')}?q=zzyzx",
        "Hiring manager: an opening": f"{reverse('candidates')}?opening={opening.pk}",
        "Hiring manager: a candidate": reverse("candidate", args=[opening.applications.all()[0].person_id]),
    }


def _client(member: Member) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(member.user)
    return client


def _look(name: str, ask: Callable[[], None], prepare: Callable[[], None] = lambda: None) -> Looked:
    looked = Looked(name)
    for time_number in range(3 + TIMES):
        prepare()
        began = time.perf_counter()
        ask()
        if time_number >= 3:  # the first ones warm up
            looked.milliseconds.append((time.perf_counter() - began) * 1000)
    prepare()
    with _noted(looked.queries):
        ask()
    return looked


def _get(client: Client, address: str, method: str = "GET", data: dict[str, str] | None = None) -> None:
    response = client.post(address, data) if method == "POST" else client.generic(method, address)
    if response.status_code not in (200, 204):
        raise SystemExit(f"{address} answered {response.status_code}.")


@contextmanager
def _noted(queries: list[Asked]) -> Iterator[None]:
    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            queries.append(Asked(sql, parameters, time.perf_counter() - began))

    with connection.execute_wrapper(note):
        yield


def _write_plans(pages: list[Looked]) -> None:
    """Of each page the slowest queries, with what the database does for them."""
    PLANS.mkdir(parents=True, exist_ok=True)
    with (PLANS / f"plans-{connection.vendor}.txt").open("w") as file:
        for looked in pages:
            file.write(f"\n=== {looked.name}: {median(looked.milliseconds):.0f} ms, {len(looked.queries)} queries\n")
            for asked in sorted(looked.queries, key=lambda one: one.seconds, reverse=True)[:SLOWEST]:
                file.write(f"\n{asked.seconds * 1000:.1f} ms: {asked.sql}\n{asked.parameters}\n{_plan(asked)}\n")


def _plan(asked: Asked) -> str:
    explain = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    if not asked.sql.startswith("SELECT"):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {asked.sql}", asked.parameters)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
