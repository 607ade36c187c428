"""A tab narrowed to a channel, or to what was not delivered: never more than a stretch of it is looked through."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from candidly.models import Conversation, Member, Participation, Person
from candidly.rules.access import participations_for
from candidly.web.inbox import rows
from candidly.web.inbox.folders import FOLDERS
from candidly.web.inbox.narrowing import Narrowing
from candidly.web.inbox.paging import ORDERS, key_of
from tests.web.letters import write_to

SignIn = Callable[[Member], Client]


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(client: Client, url: str) -> list[int]:
    return [row.conversation.pk for row in client.get(url).context["list"].rows]


def talk(member: Member, person: Person, text: str = "Hello", **more: object) -> int:
    """The id of a conversation of theirs, of which `more` is so."""
    pk = write_to(person, member, text=text).conversation_id
    Conversation.objects.filter(pk=pk).update(**more)
    return pk


@pytest.fixture
def kinds(hannah: Member, amara: Person) -> dict[str, int]:
    """Of each kind one, the newest last."""
    return {
        "mail": talk(hannah, amara),
        "failed mail": talk(hannah, amara, has_failure=True),
        "text": talk(hannah, amara, last_channel="sms"),
        "failed text": talk(hannah, amara, last_channel="sms", has_failure=True),
        "app": talk(hannah, amara, last_channel="app"),
        "note": talk(hannah, amara, last_channel="note"),
    }


@pytest.fixture
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only ten conversations are looked at for a page."""
    monkeypatch.setattr(rows, "LOOK", 10)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("channel=email", ["failed mail", "mail"]),
        ("channel=sms", ["failed text", "text"]),
        ("channel=app", ["app"]),
        ("failed=1", ["failed text", "failed mail"]),
        ("channel=sms&failed=1", ["failed text"]),
        ("channel=sms&sort=oldest", ["text", "failed text"]),
        ("channel=sms&folder=mine", ["failed text", "text"]),
        ("channel=sms&folder=archived", []),
        ("channel=pigeon&failed=maybe", ["note", "app", "failed text", "text", "failed mail", "mail"]),
    ],
)
def test_the_list_shows_what_it_is_narrowed_to(
    client_of: SignIn, hannah: Member, kinds: dict[str, int], query: str, found: list[str]
) -> None:
    assert listed(client_of(hannah), f"/inbox/?{query}") == [kinds[kind] for kind in found]


def test_others_conversations_are_not_found_by_narrowing(
    client_of: SignIn, hannah: Member, priya: Member, omar: Member, kinds: dict[str, int]
) -> None:
    for stranger in (priya, omar):
        client = client_of(stranger)
        assert listed(client, "/inbox/?channel=sms") == []
        ids = ",".join(map(str, kinds.values()))
        assert listed(client, f"/inbox/rows/?channel=sms&shown={ids}&next=") == []


def test_a_narrowed_list_says_so_and_can_be_cleared(client_of: SignIn, hannah: Member, kinds: dict[str, int]) -> None:
    shown = page(client_of(hannah), "/inbox/?folder=mine&sort=oldest&channel=sms&failed=1")
    assert 'aria-label="Filter conversations: SMS, not delivered"' in shown
    assert (
        '<span>SMS, not delivered</span><a class="link-btn" href="/inbox/?folder=mine&amp;sort=oldest">Clear' in shown
    )
    plainly = page(client_of(hannah), "/inbox/?folder=mine")
    assert 'aria-label="Filter conversations"' in plainly
    assert "Clear" not in plainly


def test_the_menu_leads_to_each_narrowing_and_to_the_search(
    client_of: SignIn, hannah: Member, kinds: dict[str, int]
) -> None:
    shown = page(client_of(hannah), "/inbox/?folder=mine&channel=sms")
    for role, is_chosen, query in [
        ("menuitemradio", "false", "folder=mine"),
        ("menuitemradio", "false", "folder=mine&amp;channel=email"),
        ("menuitemradio", "true", "folder=mine&amp;channel=sms"),
        ("menuitemradio", "false", "folder=mine&amp;channel=app"),
        ("menuitemcheckbox", "false", "folder=mine&amp;channel=sms&amp;failed=1"),
    ]:
        assert f'role="{role}" aria-checked="{is_chosen}" href="/inbox/?{query}"' in shown
    assert 'role="menuitem" href="/search/?channel=sms">' in shown
    assert "More filters in search" in shown


def test_what_a_narrowed_list_leads_to_stays_narrowed(client_of: SignIn, hannah: Member, kinds: dict[str, int]) -> None:
    shown = page(client_of(hannah), "/inbox/?channel=sms")
    assert 'href="/inbox/?folder=unread&amp;channel=sms"' in shown
    assert f'href="/conversations/{kinds["text"]}/?channel=sms"' in shown
    assert 'hx-get="/inbox/rows/?channel=sms"' in shown
    opened = page(client_of(hannah), f"/conversations/{kinds['text']}/?channel=sms")
    assert f'href="/conversations/{kinds["text"]}/">Clear' in opened
    assert f'id="row-{kinds["mail"]}"' not in opened


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("channel=sms", "No conversation here by SMS"),
        ("channel=email", "No conversation here by e-mail"),
        ("channel=app", "No conversation here in-app"),
        ("failed=1", "No undelivered message here"),
        ("failed=1&channel=sms", "No undelivered message here by SMS"),
    ],
)
def test_a_narrowed_list_without_a_row_names_the_filter_and_clears_it(
    client_of: SignIn, hannah: Member, kinds: dict[str, int], query: str, says: str
) -> None:
    shown = page(client_of(hannah), f"/inbox/?folder=unread&{query}")
    assert f"<h2>{says}</h2>" in shown
    assert 'href="/inbox/?folder=unread">Clear filter</a>' in shown
    assert "Look further" not in shown
    assert "Nothing unread" not in shown


def test_what_was_answered_by_another_way_keeps_its_place_while_it_is_open(
    client_of: SignIn, hannah: Member, kinds: dict[str, int]
) -> None:
    client, address = client_of(hannah), "/inbox/rows/?channel=sms"
    Conversation.objects.filter(pk=kinds["text"]).update(last_channel="email")
    assert listed(client, f"{address}&open={kinds['text']}") == [kinds["failed text"], kinds["text"]]
    assert listed(client, address) == [kinds["failed text"]]


@pytest.mark.parametrize("order", ORDERS)
def test_the_pages_of_a_narrowed_list_show_everything_once(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None, order: str
) -> None:
    """However few of it one look finds, and wherever a look ends."""
    texts = [talk(hannah, amara, last_channel="sms" if n % 7 == 0 or n > 60 else "email") for n in range(95)]
    wanted = [pk for n, pk in enumerate(texts) if n % 7 == 0 or n > 60]
    client, url, seen = client_of(hannah), f"/inbox/rows/?channel=sms&sort={order}", []
    while url:
        shown = client.get(url).context["list"]
        seen += [row.conversation.pk for row in shown.rows]
        url = f"/inbox/rows/?channel=sms&sort={order}&after={shown.next}" if shown.next else ""
    assert seen == (wanted if order == "oldest" else wanted[::-1])


def test_a_page_that_is_full_goes_on_by_itself(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for _ in range(rows.PAGE + 5):
        talk(hannah, amara, last_channel="sms")
    shown = page(client_of(hannah), "/inbox/?channel=sms")
    assert "Load more" in shown
    assert "Look further" not in shown


def test_a_look_that_ends_early_says_how_far_it_went_and_offers_the_next(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None
) -> None:
    oldest = talk(hannah, amara, last_channel="sms")
    for _ in range(18):
        talk(hannah, amara)
    newest = talk(hannah, amara, last_channel="sms")
    client = client_of(hannah)
    first = client.get("/inbox/?channel=sms")
    assert [row.conversation.pk for row in first.context["list"].rows] == [newest]
    assert "Looked back to" in first.content.decode()
    assert "Look further back" in first.content.decode()
    further = client.get(f"/inbox/rows/?channel=sms&after={first.context['list'].next}")
    assert [row.conversation.pk for row in further.context["list"].rows] == [oldest]
    assert "Look further" not in further.content.decode()
    assert "Look further on" in page(client, "/inbox/?channel=sms&sort=oldest")


def test_a_look_that_finds_nothing_does_not_claim_that_there_is_nothing(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None
) -> None:
    for _ in range(25):
        talk(hannah, amara)
    client, url, headings = client_of(hannah), "/inbox/rows/?channel=sms", []
    while url:
        shown = client.get(url)
        headings.append(shown.content.decode().partition("<h2>")[2].partition("</h2>")[0])
        following = shown.context["list"].next
        url = f"/inbox/rows/?channel=sms&after={following}&none=1" if following else ""
    assert headings == ["No conversation here by SMS so far"] * 2 + ["No conversation here by SMS"]


def test_after_a_press_it_looks_on_by_itself_until_there_is_a_page_or_somebody_stops_it(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None
) -> None:
    for number in range(260):
        talk(hannah, amara, last_channel="sms" if number % 10 == 5 and number < 220 else "email")
    client, found = client_of(hannah), 0
    following = client.get("/inbox/?channel=sms").context["list"].next
    stopped = page(client, f"/inbox/rows/?channel=sms&after={following}&none=1&stop=1")
    assert "Look further back" in stopped
    assert "load delay" not in stopped
    while found < rows.PAGE:
        shown = client.get(f"/inbox/rows/?channel=sms&after={following}&found={found}")
        assert ("load delay" in shown.content.decode()) == (shown.context["found"] < rows.PAGE)
        assert ("HX-Reswap" in shown.headers) == (not shown.context["list"].rows)
        found, following = shown.context["found"], shown.context["list"].next
        anew = page(client, f"/inbox/rows/?channel=sms&shown=&next={following}&found={found}")
        assert ("load delay" in anew) == (found < rows.PAGE)
    assert "Look further back" in shown.content.decode()


def test_the_last_look_says_that_it_was_the_last(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None
) -> None:
    for _ in range(15):
        talk(hannah, amara)
    talk(hannah, amara, last_channel="sms")
    client = client_of(hannah)
    following = client.get("/inbox/?channel=sms").context["list"].next
    assert "That is all." in page(client, f"/inbox/rows/?channel=sms&after={following}")


def test_what_was_looked_up_further_back_stays_when_the_list_is_fetched_again(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None
) -> None:
    old, answered, gone = (talk(hannah, amara, last_channel="sms") for _ in range(3))
    for _ in range(30):
        talk(hannah, amara)
    newest = talk(hannah, amara, last_channel="sms")
    Conversation.objects.filter(pk=answered).update(last_channel="email")
    Participation.objects.filter(conversation=gone).update(archived_at=timezone.now())
    client, address = client_of(hannah), "/inbox/rows/?channel=sms"
    shown = client.get(f"{address}&shown={newest},{gone},{answered},{old}&next=").context["list"]
    assert [row.conversation.pk for row in shown.rows] == [newest, old]
    assert not shown.next
    far = key_of(hannah.participations.get(conversation=gone))
    shown = client.get(f"{address}&shown={newest}&next={far}").context["list"]
    assert shown.next == far


def test_a_page_that_knew_less_than_one_look_finds_learns_the_rest(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None
) -> None:
    """Its key lies before the look's end, because rows above it have gone meanwhile: nothing is to come twice."""
    for _ in range(30):
        talk(hannah, amara, last_channel="sms")
    client = client_of(hannah)
    first = client.get("/inbox/rows/?channel=sms").context["list"]
    gone = [row.conversation.pk for row in first.rows[:3]]
    hannah.participations.filter(conversation__in=gone).update(archived_at=timezone.now())
    left = [row.conversation.pk for row in first.rows[3:]]
    shown = client.get(f"/inbox/rows/?channel=sms&shown={','.join(map(str, left))}&next={first.next}").context["list"]
    following = client.get(f"/inbox/rows/?channel=sms&after={shown.next}").context["list"]
    both = [row.conversation.pk for row in [*shown.rows, *following.rows]]
    assert len(both) == len(set(both)) == 20
    assert both[: len(left)] == left


@pytest.mark.parametrize("asked", ["shown=1,x&next=", "shown=1&next=yesterday", "after=yesterday"])
def test_what_was_made_up_is_not_found(
    client_of: SignIn, hannah: Member, amara: Person, short_looks: None, asked: str
) -> None:
    for _ in range(15):
        talk(hannah, amara)
    assert client_of(hannah).get(f"/inbox/rows/?channel=sms&{asked}").status_code == 404


def test_an_empty_list_is_fetched_again_as_well(client_of: SignIn, hannah: Member) -> None:
    assert listed(client_of(hannah), "/inbox/rows/?channel=sms&rows=0&shown=&next=") == []


@pytest.mark.parametrize("number", [3, 30])
def test_narrowing_asks_one_question_more_however_long_the_list_is(
    client_of: SignIn,
    hannah: Member,
    amara: Person,
    number: int,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    for _ in range(number):
        talk(hannah, amara, last_channel="sms")
    client = client_of(hannah)
    client.get("/inbox/")
    with django_assert_num_queries(4):  # type: ignore[attr-defined]  # session, account with member, end, rows
        client.get("/inbox/rows/?channel=sms&after=20990101000000000000-1")


@pytest.mark.parametrize("order", ORDERS)
def test_a_narrowed_tab_is_read_from_its_index_and_goes_through_no_other_table(
    hannah: Member, amara: Person, order: str
) -> None:
    whose = {"organization": hannah.organization, "person": amara, "last_channel": "email"}
    crowd = Conversation.objects.bulk_create([Conversation(**whose) for _ in range(3000)])
    Participation.objects.bulk_create([Participation(conversation=one, member=hannah) for one in crowd])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    everything = participations_for(hannah).filter(**FOLDERS["all"].only)
    plan = ORDERS[order].apply(Narrowing(failed=True).apply(everything))[:21].explain()
    assert "participation_inbox" in plan
    assert "Seq Scan" not in plan
    assert "SCAN" not in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
