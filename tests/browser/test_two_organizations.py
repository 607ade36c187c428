"""Omar of another organization is signed in at the same time, and finds nothing of the first."""

from email.message import EmailMessage
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect

from candidly.actions import conversations, mailings, templates
from candidly.actions.attachments import keep
from candidly.models import Member, Person
from tests.browser import post, screens
from tests.browser.conftest import Visit
from tests.browser.stack import Stack
from tests.browser.watch import Watch
from tests.web.letters import formatted, plain


@pytest.fixture
def northlanes_addresses(stack: Stack, hannah: Member, amara: Person) -> list[str]:
    """One of everything that Northlane has."""
    file = keep(hannah, "rota.pdf", "application/pdf", BytesIO(b"%PDF-1.7 rota"))
    conversation = conversations.start(
        hannah, amara, subject="Your application", text="Hello", attachments=[file]
    ).conversation
    answer = post.hand_in(stack, conversation, formatted("<p>Fine</p>")).message
    stray = post.hand_in(stack, conversation, plain("It is me"), sender="amara@elsewhere.example")
    template = templates.save(hannah, None, templates.Content(name="Invitation", body="Dear {{first_name}}"))
    mailing = mailings.send(
        hannah, mailings.Order(subject="Ward visit", body="Hello", is_html=False, audience={"ids": [amara.pk]})
    )
    assert answer is not None
    return [
        f"/candidates/{amara.pk}/",
        f"/candidates/{amara.pk}/emails/",
        f"/conversations/{conversation.pk}/",
        f"/messages/{answer.pk}/html/",
        f"/messages/{answer.pk}/formatted/",
        f"/attachments/{file.pk}/",
        f"/mailings/{mailing.pk}/",
        f"/mailings/{mailing.pk}/progress/",
        f"/templates/{template.pk}/",
        f"/review/{stray.pk}/",
        f"/review/{stray.pk}/html/",
    ]


def test_nothing_of_the_first_is_found_by_the_second(
    visit: Visit, watch: Watch, northlanes_addresses: list[str], hannah: Member, omar: Member, leila: Person
) -> None:
    hers, his = visit(hannah), visit(omar)
    hers.goto("/candidates/")
    screens.sees(hers, "Amara Okafor")
    his.goto("/candidates/")
    screens.sees(his, "Leila Farouk")
    expect(his.get_by_text("Amara Okafor")).to_have_count(0)

    for empty, sentence in (
        ("/inbox/", "You’re all caught up"),
        ("/mailings/", "No mailings yet"),
        ("/templates/", "No templates yet"),
        ("/review/", "Nothing to review"),
        ("/candidates/?q=amara", "Nobody is in this filter"),
    ):
        his.goto(empty)
        screens.sees(his, sentence)
        screens.unread(his, 0)

    watch.expect("status of 404")
    for address in northlanes_addresses:
        assert statuses(hers, his, address) == (200, 404), address
    his.goto(northlanes_addresses[0])
    screens.sees(his, "This page is not here")


def statuses(hers: Page, his: Page, address: str) -> tuple[int, int]:
    """What the server answers to each, with the session of their browser."""
    return hers.request.get(address).status, his.request.get(address).status


def test_what_happens_in_one_organization_moves_nothing_in_the_other(
    visit: Visit, stack: Stack, hannah: Member, omar: Member, amara: Person, leila: Person
) -> None:
    hers, his = visit(hannah), visit(omar)
    ours = conversations.start(hannah, amara, subject="Nights", text="Hello").conversation
    theirs = conversations.start(omar, leila, subject="Vans", text="Hello").conversation
    hers.goto("/inbox/")
    his.goto("/inbox/")
    post.hand_in(stack, ours, said("To Hannah"))
    screens.unread(hers, 1)
    post.hand_in(stack, theirs, said("To Omar"))
    screens.unread(his, 1)
    screens.sees(his, "To Omar")
    expect(his.get_by_text("To Hannah")).to_have_count(0)
    screens.unread(hers, 1)


def said(text: str) -> EmailMessage:
    return plain(text)
