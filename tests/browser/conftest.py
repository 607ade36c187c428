"""A real Chromium before a real Candidly. Whatever the browser complains of fails the test."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from candidly.actions import conversations, people
from candidly.models import AgencyUser, Conversation, Member, Opening, Organization, Person
from tests.browser.stack import Stack, StackKeeper
from tests.browser.watch import Watch

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
PATIENCE = 20_000  # milliseconds that something may take on a busy machine
DESK = {"width": 1440, "height": 900}

PICTURES = Path("build/browser")
FAILED = pytest.StashKey[bool]()

type Visit = Callable[..., Page]

# Playwright keeps an event loop in the thread of the tests, and Django would refuse to work beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys may take long on a busy machine. Modules that want another Candidly come last: few are started."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(600))
    items.sort(key=lambda item: hasattr(getattr(item, "module", None), "stack_settings"))


# ── Candidly


@pytest.fixture(scope="session")
def stack_keeper(environment: dict[str, str]) -> Iterator[StackKeeper]:
    keeper = StackKeeper(environment)
    yield keeper
    keeper.stop()


@pytest.fixture
def stack_settings() -> Mapping[str, str]:
    """CANDIDLY_* that a module wants otherwise; it has a fixture of this name then."""
    return {}


@pytest.fixture
def stack(transactional_db: None, stack_keeper: StackKeeper, stack_settings: Mapping[str, str]) -> Iterator[Stack]:
    """A running Candidly on this test's database, which is emptied afterwards."""
    yield stack_keeper.with_settings(stack_settings)
    if connection.vendor == "postgresql":
        # The database is emptied while the worker works. Should they block each other, the worker gives way.
        with connection.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '1min'")


# ── The browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Hears what the pages complain of; a test says beforehand what it expects of that."""
    watch = Watch()
    yield watch
    assert watch.complaints() == []


@pytest.fixture
def visit(browser: Browser, stack: Stack, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A browser of their own for the member or agency user, or for somebody who is not signed in."""
    with ExitStack() as contexts:

        def open_browser(who: Member | AgencyUser | None = None, **options: Any) -> Page:
            context = browser.new_context(base_url=stack.url, **{"viewport": DESK, "locale": "en-GB", **options})
            contexts.callback(context.close)
            context.set_default_timeout(PATIENCE)
            if who:
                context.add_cookies([{"name": "sessionid", "value": _session_of(who), "url": stack.url}])
            context.on("page", watch.page)
            return context.new_page()

        yield open_browser
        watch.stop()
        _picture_failure(request.node, browser)


def _session_of(who: Member | AgencyUser) -> str:
    client = Client()
    client.force_login(who.user)
    return client.cookies["sessionid"].value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _picture_failure(test: pytest.Item, browser: Browser) -> None:
    """What every open page showed when the test failed, for whoever looks into it."""
    if test.stash.get(FAILED, False):
        pages = [page for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            page.screenshot(path=PICTURES / f"{test.name}-{number}.png")


@pytest.fixture
def page(visit: Visit, hannah: Member) -> Page:
    """Hannah's browser."""
    return visit(hannah)


# ── More people


@pytest.fixture
def five_hundred(northlane: Organization, icu: Opening, nights: Opening) -> list[Person]:
    """520 candidates, of whom 500 applied to `icu`; these are returned."""
    with transaction.atomic():
        made = [
            people.add_candidate(
                northlane,
                first_name=f"Nurse{number}",
                last_name="Ådahl" if number % 2 else "Zhou 周",
                private_email=f"nurse{number}@mail.example",
                location="Leeds",
                opening=icu if number <= 500 else nights,
            )
            for number in range(1, 521)
        ]
    return made[:500]


# ── More conversations


@pytest.fixture
def six(stack: Stack, hannah: Member, amara: Person) -> list[Conversation]:
    """Hannah's, the newest first."""
    begun = [
        conversations.start(hannah, amara, subject=f"Ward {number}", text=f"About ward {number}").conversation
        for number in range(1, 7)
    ]
    return begun[::-1]
