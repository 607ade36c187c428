"""The main job without a mouse."""

import re

from playwright.sync_api import Page, expect

from candidly.models import Opening, Person, SandboxMail
from tests.browser import screens
from tests.peers.processes import wait_until

FAR_ENOUGH = 80


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has the focus carries this name."""
    for _ in range(FAR_ENOUGH):
        page.keyboard.press("Tab")
        if name in str(page.evaluate(NAME_OF_FOCUS)):
            return
    raise AssertionError(f"{name} was not reached with {FAR_ENOUGH} tabs")


NAME_OF_FOCUS = """() => {
  const focused = document.activeElement;
  const label = focused.labels?.[0]?.textContent ?? "";
  return (focused.getAttribute("aria-label") ?? `${label} ${focused.textContent}`).trim();
}"""


def test_filter_select_write_and_send_with_the_keyboard_alone(
    page: Page, icu: Opening, amara: Person, kwame: Person
) -> None:
    page.goto("/inbox/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    screens.sees(page, "Kwame Mensah")
    tab_to(page, "Staff Nurse, ICU")
    page.keyboard.press("Space")
    expect(page.get_by_text("Kwame Mensah")).to_have_count(0)
    assert "Staff Nurse, ICU" in str(page.evaluate(NAME_OF_FOCUS)), "the focus stays where it was"

    tab_to(page, "Select Amara Okafor")
    page.keyboard.press("Space")
    while "Message" not in str(page.evaluate(NAME_OF_FOCUS)):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Message candidates")
    expect(drawer.get_by_label("Subject")).to_be_focused()
    page.keyboard.type("Ward visit")
    page.keyboard.press("Tab")
    page.keyboard.type("Dear {{first")
    page.keyboard.press("Enter")
    page.keyboard.type(", come and see us.")
    screens.sees(drawer.locator("#compose-preview"), "Dear Amara, come and see us.")
    tab_to(page, "Send now to 1")
    page.keyboard.press("Enter")
    expect(drawer).to_be_hidden()
    screens.sees(page, "Sending to 1 candidate.")
    wait_until(lambda: SandboxMail.objects.filter(recipient=amara.email).exists(), "the mail is in the sandbox")


def test_escape_closes_the_drawer_and_gives_the_focus_back(page: Page, amara: Person) -> None:
    page.goto("/candidates/")
    page.get_by_label("Select Amara Okafor").check()
    drawer = screens.open_drawer(page)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    opener = page.get_by_role("toolbar", name="Selected candidates").get_by_role("button", name="Message")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Message candidates")).to_be_visible()


def test_the_shortcuts_are_listed_at_a_question_mark(page: Page) -> None:
    page.goto("/inbox/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    for key, what in (
        ("C", "New message, on a profile to that person"),
        ("T", "Insert a template"),
        ("{", "Insert a merge field"),
    ):
        expect(sheet.locator("dt", has_text=key).locator("+ dd", has_text=what)).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("amara")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=amara"))


def test_a_single_key_leads_nowhere_on_a_page_that_is_young(page: Page) -> None:
    page.goto("/inbox/")
    assert page.evaluate(LED_BY, ["m"]) == []
    assert page.evaluate(LED_BY, ["t"]) == []
    assert page.evaluate(LED_BY, ["g", "m"]) == ["/mailings/"]


def test_a_new_message_is_to_the_person_of_the_profile_or_to_somebody_searched_for(page: Page, amara: Person) -> None:
    page.goto(f"/candidates/{amara.pk}/")
    page.keyboard.press("c")
    panel = page.get_by_role("dialog", name="Message Amara Okafor")
    expect(panel.get_by_label("Subject")).to_be_focused()
    expect(panel.get_by_label("Subject")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator(".profile-head").get_by_role("link", name="Message")).to_be_focused()

    page.goto("/inbox/")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/candidates/"))
    expect(page.get_by_label("Search candidates", exact=True)).to_be_focused()


#: Where these keys lead, pressed one second after the page began, however long it took to load.
LED_BY = """(keys) => {
  const led = [];
  const note = (event) => {
    led.push(new URL(event.destination.url).pathname);
    event.preventDefault();
  };
  navigation.addEventListener("navigate", note);
  for (const key of keys) {
    const event = new KeyboardEvent("keydown", { key, bubbles: true });
    Object.defineProperty(event, "timeStamp", { value: 1000 });
    document.body.dispatchEvent(event);
  }
  navigation.removeEventListener("navigate", note);
  return led;
}"""
