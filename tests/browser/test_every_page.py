"""Every page: at the width of a phone, for people who see little or nothing, and in the dark."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize, expect

from candidly.models import Member, Person
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.browser.places import SIGNED_OUT, Places, furnish
from tests.browser.stack import Stack
from tests.browser.watch import Watch

GRAVE = ("serious", "critical")
#: By headings and landmarks people who see nothing find their way.
WAYS = ("heading-order", "page-has-heading-one", "landmark-")
DESK: ViewportSize = {"width": 1280, "height": 900}
WIDTHS = (390, 320)


@pytest.fixture
def places(stack: Stack, sofia: Member, amara: Person, kwame: Person) -> Places:
    return furnish(stack, sofia, amara, kwame)


def test_nothing_hinders_anybody_by_day_by_night_or_on_a_phone(
    visit: Visit, watch: Watch, sofia: Member, places: Places
) -> None:
    watch.expect("status of 404")
    signed_in, stranger = visit(sofia), visit()
    walk = [(signed_in, name, path) for name, path in places]
    walk += [(stranger, name, path) for name, path in SIGNED_OUT.items()]
    walk.append((stranger, "agency-join", places.addresses["agency-join"]))
    agencys = visit(places.agency_user)
    walk += [(agencys, name, path) for name, path in places.agencys.items()]
    found = [problem for page, name, path in walk for problem in hindrances(page, name, path)]
    assert not found, "\n".join(found)


def hindrances(page: Page, name: str, path: str) -> list[str]:
    """What axe finds on the page, in light and, for what depends on colours, in dark; and what scrolls sideways on a
    phone."""
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    opened(page, path)
    page.evaluate(AXE_SCRIPT)
    found = [f"{name} (light): {problem}" for problem in grave(page, {})]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(STILL)
    found += [f"{name} (dark): {problem}" for problem in grave(page, {"runOnly": ["color-contrast"]})]
    expect(page.locator(".htmx-request")).to_have_count(0)  # what is fetched behind the page is there
    found += [f"{name}: {button} waits for what another asks for" for button in page.evaluate(WAITING)]
    return found + [f"{name}: {problem}" for problem in overflows(page)]


def opened(page: Page, path: str) -> None:
    """With the dialog in it that the address names, if there is one."""
    page.goto(path)
    expect(page.locator("dialog[hx-trigger=load]:empty")).to_have_count(0)


#: Colours fade from one to the other.
STILL = "() => Promise.allSettled(document.getAnimations().map((one) => one.finished))"


#: Requests that stand in line behind those of what they stand in, and may be given up for them: hx-sync is inherited.
WAITING = """() => [...document.querySelectorAll("[hx-get], [hx-post], [hx-put], [hx-delete]")].filter((one) => {
  const kept = "[hx-disinherit~=hx-sync], [hx-disinherit='*']";
  return !one.hasAttribute("hx-sync") && one.parentElement.closest(`[hx-sync], ${kept}`)?.matches(`:not(${kept})`);
}).map((one) => one.outerHTML.slice(0, 200))"""


def grave(page: Page, options: dict[str, object]) -> list[str]:
    options = {**options, "resultTypes": ["violations"]}  # what is in order need not be told
    violations = page.evaluate("(options) => axe.run(options).then((found) => found.violations)", options)
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}"
        for one in violations
        if one["impact"] in GRAVE or one["id"].startswith(WAYS)
        for node in one["nodes"]
    ]


def test_what_opens_upon_a_page_hinders_nobody_either(
    visit: Visit, sofia: Member, places: Places, amara: Person
) -> None:
    page = visit(sofia, reduced_motion="reduce")
    talk = places.addresses["candidate-agency-talk"]
    found = [
        f"{name}: {problem}"
        for name, path, opens in [
            ("Message panel in a list", "/candidates/", "[data-message-panel]"),
            ("Message panel on a profile", f"/candidates/{amara.pk}/", "[data-message-panel]"),
            ("drawer of a campaign", places.addresses["campaign"], "[hx-target='#drawer']"),
            ("talk with an agency user", talk.partition("?")[0], "[hx-target='#agency-talk']"),
            ("campaigns to choose from", f"/candidates/{amara.pk}/", "[hx-target='#choose-campaign']"),
        ]
        for problem in hindrances_of_what_opens(page, path, opens)
    ]
    assert not found, "\n".join(found)


def hindrances_of_what_opens(page: Page, path: str, opens: str) -> list[str]:
    page.goto(path)
    page.locator(opens).locator("visible=true").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate(AXE_SCRIPT)
    return grave(page, {})


def overflows(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{wide} wide at {width}, because of {page.evaluate(TOO_WIDE)}")
    return found


TOO_WIDE = """() => [...document.body.querySelectorAll("*")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(-3).map((one) => `<${one.tagName.toLowerCase()} class="${one.className}">`).join(", ")"""


def test_a_conversation_is_read_and_answered_on_a_phone(visit: Visit, sofia: Member, places: Places) -> None:
    page = visit(sofia, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto("/inbox/")
    page.locator(".conversation-link", has_text="Left a voicemail").tap()
    screens.sees(page, "Thank you.")
    screens.answer_in_place(page, "From my phone")
    page.get_by_role("link", name="Back to conversations").tap()
    screens.sees(page.get_by_role("region", name="Conversations"), "From my phone")


def test_many_are_written_to_from_a_phone(visit: Visit, sofia: Member, places: Places) -> None:
    page = visit(sofia, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto("/candidates/")
    page.get_by_role("button", name="Select this page").tap()
    drawer = screens.open_drawer(page)
    expect(drawer).to_have_css("transform", "none")  # it has slid in
    box = drawer.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    drawer.get_by_label("Subject").fill("Ward visit")
    drawer.get_by_label("Message", exact=True).fill("Dear {{first_name}}")
    screens.send_to(drawer, 3)  # Amara, Kwame, and whom the agency submitted
    screens.sees(page, "Sending to 3 candidates.")
