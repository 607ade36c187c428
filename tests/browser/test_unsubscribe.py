"""A candidate stops the campaigns on a phone, and what they asked for themselves still comes; mail that comes back."""

import re
import smtplib

from playwright.sync_api import expect

from candidly.actions import conversations, mailings
from candidly.models import Campaign, Delivery, Mailing, Member, Person, SandboxMail
from candidly.rules.mail_identity import return_path
from tests.actions.test_bounces import bounce
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import conversation_with
from tests.browser.stack import Stack
from tests.peers.processes import wait_until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "java_script_enabled": False}


def sent(hannah: Member, campaign: Campaign, subject: str) -> Mailing:
    """A mailing of the campaign to all candidates, when all of it has gone."""
    order = mailings.Order(subject=subject, body="Dear {{first_name}}", audience={"filter": {}}, campaign=campaign)
    mailing = mailings.send(hannah, order)
    wait_until(lambda: Mailing.objects.get(pk=mailing.pk).state == "done", "the mailing is done")
    return mailing


def test_a_candidate_unsubscribes_on_a_phone_and_interview_mail_still_comes(
    visit: Visit, stack: Stack, hannah: Member, amara: Person, kwame: Person
) -> None:
    campaign = Campaign.objects.create(organization=hannah.organization, name="Nights", created_by=hannah)
    sent(hannah, campaign, "Nights at Northlane")
    page = visit(hannah)
    screens.open_sandbox_mail(page, amara.email, "Nights at Northlane")
    link = page.locator("#mail-view a", has_text="/unsubscribe/").get_attribute("href")
    assert link

    phone = visit(**PHONE)
    phone.goto(link)
    screens.sees(phone, "Unsubscribe from news and campaigns?")
    screens.sees(phone, "Mail about your own application still comes")
    phone.get_by_role("button", name="Unsubscribe").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
    phone.get_by_role("button", name="Receive again").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You get our news again")
    phone.get_by_role("button", name="Unsubscribe").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")

    # The next mailing leaves her out and says why; the list says how it is known
    second = sent(hannah, campaign, "More nights")
    page.goto(f"/mailings/{second.pk}/?show=skipped")
    expect(page.locator("#recipients tbody tr")).to_have_count(1)
    expect(page.locator("#recipients tbody tr")).to_contain_text("Amara Okafor")
    expect(page.locator("#recipients tbody tr")).to_contain_text("Wants no campaign mail.")
    page.goto("/settings/suppressions/")
    page.get_by_role("link", name=amara.email).click()
    screens.sees(page, "Unsubscribed by the link in a mail.")
    expect(page.locator("section", has_text="What was said of it").get_by_text("Objected")).to_have_count(2)

    # What is about her application goes
    conversation = conversations.start(hannah, amara, subject="Interview", text="Tuesday?").conversation
    wait_until(lambda: not Delivery.objects.filter(state__in=Delivery.OPEN).exists(), "all has left")
    page.goto(f"/conversations/{conversation.pk}/")
    expect(page.locator(".message .delivery").first).to_contain_text("Sent")
    assert not SandboxMail.objects.filter(recipient=amara.email, subject="More nights").exists()
    assert SandboxMail.objects.filter(recipient=amara.email, subject="Interview").exists()


def test_mail_that_comes_back_is_told_on_pages_that_are_open(
    visit: Visit, stack: Stack, hannah: Member, amara: Person, kwame: Person
) -> None:
    campaign = Campaign.objects.create(organization=hannah.organization, name="Nights", created_by=hannah)
    mailing = sent(hannah, campaign, "Nights at Northlane")
    page, thread = visit(hannah), visit(hannah)
    page.goto(f"/mailings/{mailing.pk}/")
    failed = page.locator(".stat", has_text="Failed").locator("dd")
    expect(failed).to_have_text("0")
    thread.goto(conversation_with(amara))
    expect(thread.locator(".delivery")).to_contain_text("Sent")

    path = return_path(Delivery.objects.get(address=amara.email, mailing=mailing).pk)
    with smtplib.SMTP("127.0.0.1", stack.inbound_port, timeout=30) as mail_system:
        mail_system.sendmail("", [path], bounce("postfix-unknown").replace(b"\n", b"\r\n"))

    expect(failed).to_have_text("1")
    reason = "says there is no such mailbox"
    expect(page.locator("#recipients tr", has_text="Amara Okafor")).to_contain_text(re.compile(f"Bounced.*{reason}"))
    expect(thread.locator(".delivery")).to_contain_text(re.compile(f"Bounced.*{reason}"))
