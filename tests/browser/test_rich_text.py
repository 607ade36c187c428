"""Formatted templates: written with chips for merge fields, under the content security policy, and sent."""

import re
from io import BytesIO

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from candidly.actions import attachments, templates
from candidly.models import Member, Person, Template
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.test_every_page import grave, overflows
from tests.browser.watch import Watch

FORMATTED = "<p>Dear {{first_name}},</p><p>See <strong>the wards</strong>.</p>"


@pytest.fixture
def formatted(hannah: Member, kwame: Person) -> Template:
    return templates.save(
        hannah, None, templates.Content(name="Ward visit", subject="Come", body=FORMATTED, is_html=True)
    )


def editor_of(page: Page) -> Locator:
    """The formatted editor, once it is there: it is loaded when it is needed."""
    content = page.get_by_role("textbox", name="Content")
    expect(content).to_have_attribute("contenteditable", "true")
    return content


def test_a_formatted_text_is_written_with_chips_and_saved(page: Page, kwame: Person) -> None:
    page.goto("/templates/new/")
    page.get_by_label("Name").fill("Ward visit")
    page.get_by_label("html-format").check()
    content = editor_of(page)
    content.press_sequentially("Dear {{fir")
    expect(page.get_by_role("menuitem", name="First name {{first_name}}", exact=True)).to_be_visible()
    content.press("Enter")
    expect(content.locator(".merge-field")).to_have_text("{{first_name}}")
    content.press_sequentially(", {{first_nmae}} see ")
    page.get_by_role("button", name="Bold").click()
    content.press_sequentially("the wards")
    expect(content.locator("strong")).to_have_text("the wards")
    expect(content.locator(".merge-field[aria-invalid=true]")).to_have_text("{{first_nmae}}")
    screens.sees(page.locator("#template-problems"), "Did you mean {{first_name}}?")
    for _ in range(len(" see the wards") + 1):
        content.press("Backspace")
    expect(content.locator(".merge-field")).to_have_count(1)
    content.press_sequentially("come.")
    expect(page.locator("#template-problems")).to_be_empty()
    page.get_by_role("button", name="Save", exact=True).click()
    screens.sees(page, "Saved “Ward visit”.")
    expect(editor_of(page)).to_contain_text("Dear {{first_name}}")
    assert Template.objects.get().body == "<p>Dear {{first_name}}, come.</p>"


def test_one_brace_is_enough_for_a_chip(page: Page) -> None:
    page.goto("/templates/new/")
    page.get_by_label("html-format").check()
    content = editor_of(page)
    content.press_sequentially("Dear {")
    expect(page.get_by_role("menuitem", name="First name {{first_name}}", exact=True)).to_be_visible()
    content.press("Enter")
    expect(content).to_have_text("Dear {{first_name}}")
    expect(content.locator(".merge-field")).to_have_count(1)


def test_nothing_of_the_editor_breaks_the_policy(page: Page, watch: Watch, formatted: Template) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    content = editor_of(page)
    expect(content).to_have_css("white-space", "break-spaces")  # its own rules of style have been let in
    assert page.evaluate("document.querySelectorAll('style').length") == 1
    assert watch.complaints() == []


def test_opening_a_template_changes_nothing(page: Page, formatted: Template) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    expect(editor_of(page).locator("strong")).to_have_text("the wards")
    expect(page.locator("#unsaved")).to_be_hidden()
    page.get_by_role("link", name="Inbox").first.click()
    page.wait_for_url("**/inbox/")


def test_a_link_and_what_to_write_when_a_field_is_empty(page: Page, formatted: Template) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    content = editor_of(page)
    content.locator(".merge-field").dblclick()
    page.get_by_label("When it is empty, write").press_sequentially("friend")
    page.get_by_label("When it is empty, write").press("Enter")
    expect(content.locator(".merge-field")).to_have_text("{{first_name|friend}}")
    content.locator("strong").dblclick()
    content.press("Control+k")
    address = page.locator("#rich-link-address")
    address.press_sequentially("javascript:x")
    address.press("Enter")
    screens.sees(page, "A link begins with https://")
    address.fill("northlane.example/wards")
    page.get_by_role("button", name="Set link").click()
    expect(content.locator("a")).to_have_attribute("href", "https://northlane.example/wards")
    page.get_by_role("button", name="Save", exact=True).click()
    screens.sees(page, "Saved “Ward visit”.")
    formatted.refresh_from_db()
    assert "{{first_name|friend}}" in formatted.body
    assert 'href="https://northlane.example/wards"' in formatted.body


def test_leaving_html_asks_before_it_loses_anything(page: Page, formatted: Template) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    editor_of(page)
    page.get_by_label("html-format").uncheck()
    dialog = page.get_by_role("dialog", name="Plain text cannot keep bold.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("html-format")).to_be_checked()
    expect(editor_of(page).locator("strong")).to_have_text("the wards")
    page.get_by_label("html-format").uncheck()
    dialog.get_by_role("button", name="Use plain text").click()
    expect(page.locator("#template-body")).to_have_value("Dear {{first_name}},\n\nSee the wards.")


def test_html_that_the_editor_cannot_show_is_kept_as_it_is(page: Page, hannah: Member, kwame: Person) -> None:
    table = "<table><tr><td>Dear {{first_name}}</td></tr></table>"
    template = templates.save(hannah, None, templates.Content(name="Table", body=table, is_html=True))
    page.goto(f"/templates/{template.pk}/")
    screens.sees(page, "This HTML holds tables, which the editor cannot show.")
    expect(page.locator("#template-body")).to_have_value(re.compile("<table>"))
    page.get_by_role("button", name="HTML source").click()
    page.get_by_role("button", name="Go on").click()
    expect(editor_of(page)).to_have_text(re.compile(r"Dear \{\{first_name\}\}"))


def test_a_teammates_change_is_told_and_can_be_seen(page: Page, formatted: Template, priya: Member) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    content = editor_of(page)
    templates.save(priya, formatted, templates.Content(name="Ward visit", body="<p>Priya wrote this</p>", is_html=True))
    content.press_sequentially("Mine. ")
    page.get_by_role("button", name="Save", exact=True).click()
    screens.sees(page, re.compile("Priya changed this template at .* while you were editing"))
    expect(editor_of(page)).to_contain_text("Mine.")
    page.get_by_role("button", name="See theirs").click()
    versions = page.get_by_role("dialog", name="As it is now")
    screens.sees(versions, "Priya wrote this")
    versions.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Save anyway").click()
    screens.sees(page, "Saved “Ward visit”.")
    expect(editor_of(page)).to_contain_text("Mine.")


def test_a_version_is_restored(page: Page, formatted: Template, priya: Member) -> None:
    templates.save(priya, formatted, templates.Content(name="Ward visit", subject="Other", body="Plain words"))
    page.goto(f"/templates/{formatted.pk}/")
    page.get_by_role("button", name="More", exact=True).last.click()
    page.get_by_role("menuitem", name="Versions").click()
    versions = page.get_by_role("dialog", name="Versions")
    versions.get_by_role("button", name=re.compile("^Come")).click()
    page.get_by_role("button", name="Restore").click()
    screens.sees(page, "Restored.")
    expect(editor_of(page)).to_contain_text("See the wards.")


def test_a_template_is_deleted_and_brought_back(page: Page, formatted: Template) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    page.get_by_role("button", name="More", exact=True).last.click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog", name="Delete “Ward visit”?").get_by_role("button", name="Delete template").click()
    screens.sees(page, "No templates yet")
    page.get_by_role("button", name="Undo").click()
    screens.sees(page, "“Ward visit” is back.")
    expect(editor_of(page)).to_contain_text("See the wards.")


def test_the_drawer_takes_the_format_and_the_files_of_a_template(
    page: Page, hannah: Member, amara: Person, formatted: Template
) -> None:
    file = attachments.keep(hannah, "map.pdf", "application/pdf", BytesIO(b"%PDF"))
    templates.save(
        hannah,
        formatted,
        templates.Content(name="Ward visit", subject="Come", body=FORMATTED, is_html=True),
        attached=[file],
    )
    page.goto("/candidates/")
    page.get_by_label("Select Amara Okafor").check()
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Template").select_option(label="Ward visit")
    message = drawer.get_by_role("textbox", name="Message")
    expect(message.locator(".merge-field")).to_have_text("{{first_name}}")
    screens.sees(drawer.locator("#compose-files"), "map.pdf")
    screens.send_to(drawer, 1)
    screens.open_sandbox_mail(page, amara.email, "Come")
    screens.sees(page, "map.pdf")


def test_a_formatted_template_is_written_on_a_phone(visit: Visit, hannah: Member, formatted: Template) -> None:
    page = visit(hannah, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(f"/templates/{formatted.pk}/")
    assert overflows(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    content = editor_of(page)
    content.tap()
    content.press_sequentially("Hi. ")
    page.get_by_role("button", name="Preview", exact=True).tap()
    expect(page.locator("#template-preview")).to_be_visible()
    page.wait_for_function("""() => {
      const box = document.querySelector("#template-preview .card")?.getBoundingClientRect();
      return box?.width > 0 && box.right <= 390;
    }""")  # it is drawn anew while one writes
    page.get_by_text("Plain text", exact=True).tap()
    screens.sees(page.locator("#template-preview"), re.compile("Dear Kwame"))


def test_the_editor_hinders_nobody(page: Page, formatted: Template) -> None:
    page.goto(f"/templates/{formatted.pk}/")
    expect(editor_of(page)).to_have_accessible_name("Content")
    page.locator("#choose-person").click()
    screens.sees(page, "Kwame Mensah")
    page.evaluate(AXE_SCRIPT)
    assert grave(page, {}) == []


def test_the_list_is_gone_through_by_keyboard(page: Page, hannah: Member, formatted: Template) -> None:
    templates.save(hannah, None, templates.Content(name="A first one", body="x"))
    page.goto("/templates/")
    page.get_by_label("Search templates").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/templates/{formatted.pk}/")
