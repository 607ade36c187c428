"""A long conversation opens at what is new, and nothing but the conversation scrolls for it."""

from playwright.sync_api import Page, expect

from candidly.actions import arrivals, conversations
from candidly.models import InboundMail, Member, Person
from tests.browser.post import reply_address_of
from tests.peers.processes import wait_until

MANY = 12


def test_what_is_new_is_scrolled_to_and_the_page_stays(page: Page, hannah: Member, amara: Person) -> None:
    conversation = conversations.start(hannah, amara, subject="Interview", text="Dear Amara\n" * 30).conversation
    to = reply_address_of(conversation)
    for number in range(MANY):
        raw = f"From: {amara.email}\r\nTo: {to}\r\nSubject: Re: Interview\r\n\r\nAnswer {number}\r\n".encode()
        arrivals.store(envelope_from=amara.email, recipients=[to], raw=raw)
    wait_until(lambda: conversation.messages.count() == MANY + 1, "the answers are read", 60)
    assert not InboundMail.objects.filter(state="review").exists()

    page.goto(f"/conversations/{conversation.pk}/")
    expect(page.locator("#timeline").get_by_text("Answer 0", exact=True)).to_be_in_viewport()
    expect(page.locator("#timeline").get_by_text("Dear Amara").first).not_to_be_in_viewport()
    expect(page.get_by_role("heading", name="Inbox")).to_be_in_viewport(ratio=1)
    expect(page.locator("#main")).to_have_js_property("scrollTop", 0)
