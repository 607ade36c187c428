"""A campaign from beginning to end: made from a filter, written to, answered by the link, and written to again."""

import re

from playwright.sync_api import Page, expect

from candidly.actions import campaigns, responses, templates
from candidly.models import Campaign, CampaignMember, Member, Person, Place
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.held import Held

BODY = "<p>Dear {{first_name}},</p><p><a href='{{accept_link}}'>I will come</a></p>"


def test_a_campaign_is_made_from_a_list_generated_answered_and_written_to_again(
    visit: Visit, hannah: Member, priya: Member, amara: Person, kwame: Person
) -> None:
    templates.save(
        hannah,
        None,
        templates.Content(
            name="Ward visit",
            subject="Come and see, {{first_name}}",
            body=BODY,
            is_html=True,
            places=[Place.CAMPAIGN_CANDIDATES],
        ),
    )
    page, elsewhere = visit(hannah), visit(priya)
    elsewhere.goto("/campaigns/")
    screens.sees(elsewhere, "No campaigns yet")

    # None ticked is the whole list; the colleague's page shows the new campaign without a reload
    page.goto("/candidates/")
    page.get_by_role("button", name=re.compile("^Add all 2 to a campaign")).click()
    dialog = page.get_by_role("dialog", name="Add 2 candidates to a campaign")
    dialog.get_by_label("Its name").fill("Spring ward visits")
    dialog.get_by_role("button", name="Add to campaign").click()
    expect(dialog).to_be_hidden()
    screens.sees(page, "2 added to Spring ward visits")
    screens.sees(elsewhere, "Spring ward visits")

    # From a template, looked at, tried, generated
    page.get_by_role("link", name="See campaign").click()
    page.get_by_role("link", name="Write e-mail").click()
    drawer = page.get_by_role("dialog", name="E-mail to candidates of Spring ward visits")
    drawer.get_by_label("Template").select_option(label="Ward visit")
    expect(drawer.get_by_label("Subject")).to_have_value("Come and see, {{first_name}}")
    screens.sees(drawer.locator("#compose-preview"), f"Come and see, {amara.first_name}")
    drawer.get_by_label("Your address").fill("me@elsewhere.example")
    drawer.get_by_role("button", name="Send Example").click()
    screens.sees(page, "Example sent to me@elsewhere.example")
    drawer.get_by_role("button", name="Generate 2 e-mails").click()
    expect(drawer).to_be_hidden()
    expect(page.locator("#mail").get_by_text("Done")).to_be_visible()

    # Amara accepts in her mail program, on a page that asks first; the figures move by themselves
    page.evaluate("window.stillHere = true")
    amaras = visit(hannah)
    screens.open_sandbox_mail(amaras, "me@elsewhere.example", "[Example] Come and see")
    screens.open_sandbox_mail(amaras, amara.email, "Come and see")
    campaign = Campaign.objects.get()
    link = _accept_link(campaign, amara)
    amaras.goto(link)
    assert set(CampaignMember.objects.values_list("response", flat=True)) == {"none"}
    amaras.get_by_role("button", name="Yes, I accept").click()
    screens.sees(amaras, "Thank you, you have accepted")
    expect(page.locator("#responses desc")).to_have_text(re.compile("^1 accepted, 0 declined, 0 replied, 1 no reply"))
    assert page.evaluate("window.stillHere")

    # Those without a reply are written to again, and nobody else
    page.get_by_label("Response", exact=True).select_option(label="No reply")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Select all 1").click()
    page.get_by_role("button", name="Write again").click()
    screens.sees(drawer, "To 1 candidate")
    drawer.get_by_label("Template").select_option(label="Ward visit")
    expect(drawer.get_by_label("Subject")).to_have_value("Come and see, {{first_name}}")
    drawer.get_by_label("Subject").fill("Are you coming, {{first_name}}?")
    screens.sees(drawer.locator("#compose-preview"), f"Are you coming, {kwame.first_name}?")
    drawer.get_by_role("button", name="Generate 1 e-mail").click()
    expect(page.locator("#mail").get_by_text("Done")).to_have_count(2)
    assert campaign.mailings.latest("pk").recipients.get().person == kwame


def test_who_is_taken_out_with_the_keyboard_leaves_the_focus_in_the_list_and_is_taken_back(
    page: Page, hannah: Member, amara: Person, kwame: Person
) -> None:
    campaign = campaigns.create(hannah, name="Spring ward visits")
    campaigns.add(hannah, campaign, {"ids": [amara.pk]}, "candidate")
    for person, said in ((amara, "Already in Spring ward visits"), (kwame, "Added to Spring ward visits")):
        page.goto(f"/candidates/{person.pk}/")
        page.get_by_role("button", name="Add to campaign").click()
        dialog = page.get_by_role("dialog", name=f"Add {person.full_name} to a campaign")
        dialog.get_by_role("button", name="Add to campaign").click()
        screens.sees(page, said)

    page.goto(f"/campaigns/{campaign.pk}/")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(2)
    actions = page.get_by_role("button", name=re.compile("^Actions for"))
    stays = str(actions.nth(1).get_attribute("aria-label"))
    actions.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="No reply")).to_be_focused()
    page.keyboard.press("ArrowUp")
    campaigns.add(hannah, campaign, {"ids": [kwame.pk]}, "candidate")  # the list is drawn anew meanwhile
    expect(page.get_by_role("menuitem", name="Remove")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name=stays)).to_be_focused()
    page.keyboard.press("z")
    screens.sees(page, "1 person is back in Spring ward visits")
    expect(rows).to_have_count(2)

    page.get_by_label("Select all 2 on this page").check()
    page.get_by_role("button", name="Remove", exact=True).click()
    screens.sees(page, "No candidates in it yet")


def test_news_draw_the_list_as_it_is_filtered_by_now(page: Page, hannah: Member, amara: Person, kwame: Person) -> None:
    campaign = campaigns.create(hannah, name="Spring ward visits")
    campaigns.add(hannah, campaign, {"ids": [amara.pk, kwame.pk]}, "candidate")
    page.goto(f"/campaigns/{campaign.pk}/")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(2)

    # A filter is chosen while the list is on its way that the news of an answer asked for
    held = Held(page, rf"/campaigns/{campaign.pk}/$")
    responses.enter(hannah, campaign, [amara.pk], CampaignMember.Response.ACCEPTED)
    held.wait()
    page.get_by_label("Response", exact=True).select_option(label="No reply")
    expect(rows).to_have_count(1)
    held.release()
    expect(page.locator("#responses desc")).to_have_text(re.compile("^1 accepted, 0 declined, 0 replied, 1 no reply"))
    expect(rows).to_have_count(1)

    # Another answer comes, after which the filter finds nobody
    responses.enter(hannah, campaign, [kwame.pk], CampaignMember.Response.DECLINED)
    screens.sees(page, "Nobody here")


def _accept_link(campaign: Campaign, person: Person) -> str:
    """As it stands in the mail to this person."""
    message = campaign.mailings.get().messages.get(conversation__person=person)
    found = re.search(r"/r/[^/\s]+/accept/", message.text)
    assert found
    return found[0]


def test_who_is_taken_out_while_the_list_is_being_fetched_is_taken_out(
    page: Page, hannah: Member, amara: Person, kwame: Person
) -> None:
    campaign = campaigns.create(hannah, name="Spring ward visits")
    campaigns.add(hannah, campaign, {"ids": [amara.pk, kwame.pk]}, "candidate")
    page.goto(f"/campaigns/{campaign.pk}/")
    held = Held(page, rf"/campaigns/{campaign.pk}/$")
    page.evaluate("""document.body.dispatchEvent(new CustomEvent("live:campaign"))""")
    held.wait()
    page.get_by_role("button", name="Actions for Amara Okafor").click()
    with page.expect_response("**/remove/"):
        page.get_by_role("menuitem", name="Remove").click()
    held.release()
    expect(page.locator("#list tbody tr")).to_have_count(1)
