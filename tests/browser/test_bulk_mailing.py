"""The main job: write to everybody in a filter at once, and have their answers come back."""

import re
from email import message_from_bytes
from email.policy import default

from playwright.sync_api import Page, expect

from candidly.actions import templates
from candidly.models import Mailing, Member, Opening, Organization, Person, SandboxMail
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.peers.processes import wait_until

SUBJECT = "Interview days for {{opening_name}}"
TEXT = "Dear {{first_name}},\n\nwould Tuesday suit you?\n\n{{sender_name}}"


def test_five_hundred_candidates_get_their_own_mail_and_an_answer_comes_back(
    visit: Visit, northlane: Organization, hannah: Member, icu: Opening, five_hundred: list[Person]
) -> None:
    own = Organization.objects.filter(pk=northlane.pk)
    own.update(per_minute=100)  # a pause after the first hundred, so that progress can be seen
    templates.save(hannah, None, templates.Content(name="Interview invitation", subject=SUBJECT, body=TEXT))
    page, envelope_elsewhere = visit(hannah), visit(hannah)
    envelope_elsewhere.goto("/templates/")

    # Everybody in the filter
    page.goto("/candidates/")
    expect(page.locator("#count")).to_have_text("Candidates 520")
    page.locator("#facet-opening").get_by_label("Staff Nurse, ICU").check()
    expect(page.locator("#count")).to_have_text("Candidates 500")
    screens.select_all_in_filter(page, 500)

    # The text: from a template, with a field from the menu, and looked at as three of them would get it
    drawer = screens.open_drawer(page)
    screens.sees(drawer, "To 500 candidates")
    drawer.get_by_label("Template").select_option(label="Interview invitation")
    expect(drawer.get_by_label("Subject")).to_have_value(SUBJECT)
    message = drawer.get_by_label("Message", exact=True)
    message.press("Control+End")
    message.press_sequentially("\n\nIn {{opening_loc")
    message.press("Enter")
    expect(message).to_have_value(f"{TEXT}\n\nIn {{{{opening_location}}}}")
    preview = drawer.locator("#compose-preview")
    screens.sees(preview, "Interview days for Staff Nurse, ICU")
    screens.sees(preview, "In Leeds")
    for number in (1, 2, 3):
        screens.sees(preview, f"Dear Nurse{number},")
        drawer.get_by_role("button", name="Next recipient").click()
    screens.sees(preview, "4 of 500")

    # Sent: said at the top, the drawer closed, and the progress runs without a reload
    screens.send_to(drawer, 500)
    banner = page.locator(".results > .banner")
    expect(banner).to_contain_text("500")
    banner.get_by_role("link", name="See progress").click()
    page.evaluate("window.stillHere = true")
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    own.update(per_minute=0)
    screens.sees(page, "All dealt with")
    expect(page.locator(".stat", has_text="Sent").locator("dd")).to_have_text("500")

    # Each has their own
    first = five_hundred[0]
    page.goto(f"/candidates/{first.pk}/emails/")
    page.locator(".thread-list").get_by_role("link", name=re.compile("Interview days")).click()
    screens.sees(page.locator("#thread"), "Dear Nurse1,")
    kept = [message_from_bytes(bytes(mail.raw), policy=default) for mail in SandboxMail.objects.all()]
    sent = [mail for mail in kept if mail["List-Id"] or "nurse" in mail["To"]]
    assert sorted(mail["To"].addresses[0].addr_spec for mail in sent) == sorted(p.email for p in five_hundred)
    assert all(len(mail["To"].addresses) == 1 and not mail["Cc"] for mail in sent)

    # The sender is told
    screens.open_sandbox_mail(page, hannah.email, "Sent to 500 of 500")
    screens.sees(page.locator("#mail-view"), "has gone to 500 of 500 candidates")

    # Amara's answer: the envelope counts it on a page that is open already
    screens.unread(envelope_elsewhere, 0)
    screens.open_sandbox_mail(page, first.email, "Interview days")
    screens.answer_in_sandbox(page, "Tuesday is fine.")
    screens.unread(envelope_elsewhere, 1)

    # Reading it takes it off again, and it is answered in place
    envelope_elsewhere.locator("#envelope").click()
    screens.unread(envelope_elsewhere, 1)
    reader = envelope_elsewhere
    reader.locator(".conversation-row[data-unread] a").click()
    screens.sees(reader.locator("#timeline"), "Tuesday is fine.")
    screens.unread(reader, 0)
    answer = screens.answer_in_place(reader, "See you on Tuesday at nine.")
    screens.sees(answer, re.compile("^E-mail: Sent"))

    # The answer stands in the candidate's own thread
    screens.open_sandbox_mail(page, first.email, "Re: Interview days")
    screens.sees(page.locator("#mail-view"), "See you on Tuesday at nine.")
    page.get_by_role("link", name="Headers").click()
    headers = page.locator(".mail-headers")
    original = Mailing.objects.get().messages.get(conversation__person=first).rfc_message_id
    expect(headers.get_by_role("row", name="References")).to_contain_text(original)
    expect(headers.get_by_role("row", name="In-Reply-To")).to_contain_text("@mail-program.localhost>")

    # Hannah's copy of the answer, answered from her own mail program, goes out as hers
    screens.open_sandbox_mail(page, hannah.email, "Re: Interview days")
    screens.sees(page.locator("#mail-view"), "Tuesday is fine.")
    screens.answer_in_sandbox(page, "Bring your PIN card, please.")
    ours = reader.locator(".message[data-direction=out]", has_text="Bring your PIN card, please.")
    expect(ours).to_contain_text("You")
    wait_until(lambda: SandboxMail.objects.filter(recipient=first.email).count() == 3, "Nurse1 has three mails")


def test_one_text_goes_by_mail_and_by_sms_and_an_answer_by_either_comes_into_one_conversation(
    page: Page, amara: Person, kwame: Person
) -> None:
    Organization.objects.update(quiet_from="00:00", quiet_until="00:00")  # at whatever hour this runs
    page.goto("/candidates/")
    page.get_by_label(re.compile("Select all .* on this page")).check()
    drawer = screens.open_drawer(page)
    ways = drawer.get_by_role("group", name="Send by")
    expect(ways.get_by_label("E-mail")).to_be_checked()
    drawer.get_by_label("Subject").fill("Ward visit")
    drawer.get_by_label("Message", exact=True).fill("Dear {{first_name}}, would Tuesday suit you?")
    ways.get_by_label("E-mail").uncheck(force=True)
    screens.sees(drawer, "Choose e-mail or SMS too")
    expect(drawer.locator("#compose-send")).to_be_disabled()
    ways.get_by_label("SMS").check(force=True)
    screens.sees(drawer, "A text message has no subject: it names the conversation.")
    ways.get_by_label("E-mail").check(force=True)
    preview = drawer.locator("#compose-preview")
    screens.sees(preview, "As a text message")
    screens.sees(preview, re.compile(r"1 text message, \d+ characters left"))
    screens.sees(preview, "1 has no phone number and gets no SMS.")
    screens.send_to(drawer, 2)

    page.get_by_role("link", name="See progress").click()
    screens.sees(page, "All dealt with")
    by_channel = page.get_by_role("list", name="By channel")
    expect(by_channel).to_contain_text("E-mail2 sent")
    expect(by_channel).to_contain_text("SMS1 sent, 1 skipped")
    screens.open_sandbox_mail(page, kwame.email, "Ward visit")
    screens.open_phone(page, amara.phone)
    screens.sees(page, "Dear Amara, would Tuesday suit you?")
    screens.text_from_phone(page, "Tuesday is fine")
    page.goto("/inbox/")
    page.locator(".conversation-row", has_text="Amara Okafor").locator(".conversation-link").click()
    expect(page.locator(".message", has_text="Tuesday is fine")).to_be_visible()
