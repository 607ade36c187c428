"""A template: written, corrected while it is typed, kept, and used."""

from playwright.sync_api import Page, expect

from candidly.models import Member, Person
from tests.browser import screens


def test_a_template_is_written_and_used(page: Page, amara: Person, kwame: Person) -> None:
    page.goto("/templates/")
    page.get_by_role("link", name="New template").click()
    page.get_by_label("Name").fill("Ward visit")
    page.get_by_label("Subject").fill("Come and see us, {{first_name}}")
    content = page.get_by_label("Content", exact=True)
    content.fill("Dear {{first_nmae}},")
    problems = page.locator("#template-problems")
    screens.sees(problems, "Content: Unknown field {{first_nmae}}. Did you mean {{first_name}}?")
    screens.sees(page, "Unsaved")
    page.get_by_role("button", name="Save").click()
    screens.sees(problems, "Fix the merge fields to save")
    expect(content).to_have_value("Dear {{first_nmae}},")

    content.fill("Dear ")
    page.wait_for_load_state()  # a menu opens once the scripts are there
    page.get_by_role("button", name="Merge field").click()
    page.get_by_role("menuitem", name="First name {{first_name}}", exact=True).click()
    expect(content).to_have_value("Dear {{first_name}}")
    expect(problems).to_be_empty()
    preview = page.locator("#template-preview")
    expect(content).not_to_have_attribute("aria-invalid", "true")
    screens.sees(preview, "Come and see us, Kwame")
    screens.sees(preview, "Dear Kwame")
    page.get_by_role("button", name="Next candidate").click()
    screens.sees(preview, "Come and see us, Amara")
    page.get_by_role("button", name="Save").click()
    screens.sees(page, "Saved “Ward visit”.")

    page.goto("/candidates/")
    page.get_by_label("Select Amara Okafor").check()
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Template").select_option(label="Ward visit")
    screens.sees(drawer.locator("#compose-preview"), "Dear Amara")
    screens.send_to(drawer, 1)
    screens.open_sandbox_mail(page, amara.email, "Come and see us, Amara")


def test_the_focus_goes_on_though_leaving_a_field_stops_what_was_asked_for_it(page: Page, hannah: Member) -> None:
    page.goto("/templates/new/")
    page.route("**/templates/preview/", lambda _: None, times=1)  # never answered
    subject = page.get_by_label("Subject")
    with page.expect_request("**/templates/preview/"):
        subject.fill("Come and see us")
    subject.press("Tab")
    page.keyboard.type("Dear candidate,")
    expect(page.get_by_label("Content", exact=True)).to_have_value("Dear candidate,")
    expect(subject).to_have_value("Come and see us")


def test_a_text_that_was_written_is_replaced_only_when_asked(page: Page, amara: Person) -> None:
    page.goto("/templates/new/")
    page.get_by_label("Name").fill("Ward visit")
    page.get_by_label("Content", exact=True).fill("From the template")
    page.get_by_role("button", name="Save").click()
    screens.sees(page, "Saved “Ward visit”.")

    page.goto("/candidates/")
    page.get_by_label("Select Amara Okafor").check()
    drawer = screens.open_drawer(page)
    message = drawer.get_by_label("Message", exact=True)
    message.fill("Written by hand")
    drawer.get_by_label("Template").select_option(label="Ward visit")
    page.get_by_role("dialog", name="Replace").get_by_role("button", name="Cancel").click()
    expect(message).to_have_value("Written by hand")
    expect(drawer.get_by_label("Template")).to_have_value("")
    drawer.get_by_label("Template").select_option(label="Ward visit")
    page.get_by_role("dialog", name="Replace").get_by_role("button", name="Replace").click()
    expect(message).to_have_value("From the template")
