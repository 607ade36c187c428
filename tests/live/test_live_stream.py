"""Open pages hear of changes: a real server process, a real stream, both databases."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote

import pytest
from django.core import signing
from django.db import transaction

from candidly.actions.live import publish
from candidly.live.hub import BACKLOG, Event, Hub
from candidly.live.sources import events
from candidly.live.stream import SALT
from tests.support.ports import free_port
from tests.support.processes import running, wait_for_page

pytestmark = pytest.mark.django_db(transaction=True)


type Open = Callable[[str], HTTPResponse]


@pytest.fixture(scope="module")
def port(environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    with running("web", environment=environment | {"CANDIDLY_WEB_PORT": str(port)}) as process:
        wait_for_page(f"http://127.0.0.1:{port}/live/", process)
        yield port


@pytest.fixture
def open_stream(port: int) -> Iterator[Open]:
    """The stream that a page with this token gets."""
    with ExitStack() as stack:

        def open_with(token: str) -> HTTPResponse:
            connection = stack.enter_context(closing(HTTPConnection("127.0.0.1", port, timeout=10)))
            connection.request("GET", f"/live/?t={quote(token)}")
            return stack.enter_context(closing(connection.getresponse()))

        yield open_with


def greeted(stream: HTTPResponse) -> HTTPResponse:
    """The stream once the server listens on its behalf."""
    assert stream.readline() == b"retry: 2000\n"
    return stream


def next_event(stream: HTTPResponse) -> dict[str, str]:
    """The next event's fields; comments and the retry line are passed over."""
    fields: dict[str, str] = {}
    while True:
        line = stream.readline().decode().rstrip("\n")
        if not line and "event" in fields:
            return fields
        name, _, value = line.partition(": ")
        fields[name] = value


def token_for(*topics: str) -> str:
    return signing.dumps(list(topics), salt=SALT)


def test_an_event_reaches_the_page_that_listens_and_no_other(open_stream: Open) -> None:
    hannahs, omars = (
        greeted(open_stream(token_for("member:1", "mailing:5"))),
        greeted(open_stream(token_for("member:2"))),
    )
    publish("member:1", "inbox", unread=3)
    publish("member:2", "inbox", unread=9)
    event = next_event(hannahs)
    assert (event["event"], json.loads(event["data"])) == ("inbox", {"unread": 3})
    assert json.loads(next_event(omars)["data"]) == {"unread": 9}


def test_an_event_is_heard_when_it_is_committed_and_not_before(open_stream: Open) -> None:
    page = greeted(open_stream(token_for("member:3")))
    with transaction.atomic():
        publish("member:3", "inbox", number=1)
        transaction.set_rollback(True)
    publish("member:3", "inbox", number=2)
    assert json.loads(next_event(page)["data"]) == {"number": 2}


def test_a_page_hears_what_happened_between_its_making_and_its_listening(open_stream: Open) -> None:
    token, other = token_for("member:4", "member:5"), greeted(open_stream(token_for("member:6")))
    publish("member:4", "inbox", number=1)
    publish("member:4", "inbox", number=2)
    publish("member:5", "inbox", number=4)
    publish("member:6", "inbox", number=3)
    next_event(other)  # the server has heard of all four
    page = greeted(open_stream(token))
    assert json.loads(next_event(page)["data"]) == {"number": 2}
    assert json.loads(next_event(page)["data"]) == {"number": 4}


def test_a_page_hears_nothing_of_what_was_before_it() -> None:
    async def listen_late() -> Event | None:
        hub = Hub(events)
        hub.deliver(Event(1, "member:1", "inbox", {}))
        with hub.listen(["member:1"], since=time.time() + 60) as stream:
            hub.deliver(Event(2, "member:1", "inbox", {}))
            return await stream.get()

    heard = asyncio.run(listen_late())
    assert heard is not None
    assert heard.id == 2


OTHER_SALT = signing.dumps(["member:1"], salt="another")


@pytest.mark.parametrize("token", ["", "nonsense", OTHER_SALT], ids=["empty", "nonsense", "another salt"])
def test_a_token_that_we_did_not_sign_opens_nothing(open_stream: Open, token: str) -> None:
    assert open_stream(token).status == 403


def test_a_page_that_falls_behind_is_sent_away_to_start_afresh() -> None:
    async def fall_behind() -> Event | None:
        hub = Hub(events)
        with hub.listen(["member:1"]) as stream:
            for number in range(BACKLOG + 1):
                hub.deliver(Event(number, "member:1", "inbox", {}))
            return await stream.get()

    assert asyncio.run(fall_behind()) is None


def test_when_the_source_fails_every_page_starts_afresh_and_the_source_again() -> None:
    starts = 0

    async def failing() -> AsyncGenerator[Event]:
        nonlocal starts
        starts += 1
        yield Event(starts, "member:1", "inbox", {})
        raise ConnectionError("the database went away")

    async def lose_the_database_twice() -> list[Event | None]:
        hub = Hub(failing)
        running = asyncio.create_task(hub.run())
        heard = []
        for _ in range(2):
            with hub.listen(["member:1"]) as page:
                heard.append(await page.get())
        running.cancel()
        return heard

    assert asyncio.run(lose_the_database_twice()) == [None, None]
    assert starts == 2
