"""`make screenshots`: every page of the demo in three widths, light and dark, and the two pictures of the README.

The pictures are in build/screenshots. With `--prototype FOLDER` the HTML pages of that folder are drawn beside them.
"""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import screens
from tests.browser.stack import Stack, StackKeeper

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
PATIENCE = 60_000  # milliseconds
WIDTHS = (1440, 900, 390)
SCHEMES = ("light", "dark")
HEIGHT = 900
ALL, README = Path("build/screenshots"), Path("docs/images")
OPENING = "Staff Nurse, ICU – Leeds"
ADDRESSES = {
    "inbox": "/inbox/",
    "candidates": "/candidates/",
    "candidate-add": "/candidates/new/",
    "mailings": "/mailings/",
    "templates": "/templates/",
    "template-new": "/templates/new/",
    "search": "/search/?q=interview",
    "review": "/review/",
    "settings": "/settings/",
    "settings-password": "/accounts/password/change/",
    "not-found": "/nowhere/",
}
#: Pages that are reached through the first link of another.
FIRST_OF = {
    "conversation": ("/inbox/", ".conversation-link"),
    "candidate": ("/candidates/", "#list tbody a"),
    "mailing": ("/mailings/", "#mailings tbody a"),
    "template": ("/templates/", ".template-row"),
    "review-mail": ("/review/", "#tray .conversation-link"),
}


def main() -> None:
    options = ArgumentParser(description=__doc__)
    options.add_argument("--prototype", type=Path, help="a folder of HTML pages to draw too")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if given.prototype:
            draw_prototype(browser, given.prototype)
        for stack in demo_running(folder):
            draw_all(browser, stack)


def demo_running(folder: str) -> Iterator[Stack]:
    """The demo story, served from a folder of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANDIDLY_")}
    environment["CANDIDLY_DATA_DIR"] = folder
    for command in (["migrate", "--verbosity", "0"], ["demo"]):
        subprocess.run([sys.executable, "-m", "candidly", *command], check=True, env=environment)
    keeper = StackKeeper(environment)
    try:
        yield keeper.with_settings({})
    finally:
        keeper.stop()


def draw_all(browser: Browser, stack: Stack) -> None:
    ALL.mkdir(parents=True, exist_ok=True)
    README.mkdir(parents=True, exist_ok=True)
    with closing(browser.new_context(base_url=stack.url, locale="en-GB")) as context:
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page = context.new_page()
        page.goto("/")
        draw(page, "sign-in")
        sign_in(page)
        draw_places(page)
        draw_composer(page)
        draw_answered(page)


def sign_in(page: Page) -> None:
    """As Hannah, with the password that everybody knows."""
    page.get_by_label("Work e-mail").fill("hannah@northlane.example")
    page.get_by_label("Password").fill("seven bright lamps")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def draw_places(page: Page) -> None:
    for name, address in ADDRESSES.items():
        page.goto(address)
        draw(page, name)
    for name, (address, link) in FIRST_OF.items():
        page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        page.goto(address)
        page.goto(str(page.locator(link).first.get_attribute("href")))
        draw(page, name)
        if name == "conversation":
            draw_one(page, README / "inbox-light.png")
        if name == "candidate":
            page.goto(f"{page.url}emails/")
            draw(page, "candidate-emails")


def draw_composer(page: Page) -> None:
    """The drawer for everybody in a filter; then what has come of it."""
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    page.goto("/candidates/")
    page.locator("#facets").get_by_label(OPENING).check()
    expect(page.locator("#chips")).to_contain_text(OPENING)
    page.locator("#select-page").check()
    page.locator("#select-all-strip [data-select=all]").click()
    drawer = screens.open_drawer(page)
    drawer.get_by_label("Template").select_option(index=1)
    preview = drawer.locator("#compose-preview")
    expect(preview.get_by_role("button", name="Next recipient")).to_be_visible()
    screens.sees(preview, "will get it.")
    draw(page, "compose")
    draw_one(page, README / "compose-light.png")
    drawer.locator("#compose-send").click()
    expect(drawer).to_be_hidden()
    draw(page, "compose-sent")
    page.get_by_role("link", name="See progress").click()
    screens.sees(page, "All dealt with")
    draw(page, "mailing-done")


def draw_answered(page: Page) -> None:
    """A candidate answers in the sandbox."""
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    page.goto("/sandbox/")
    draw(page, "sandbox")
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    page.locator("#mail-list .conversation-link").nth(3).click()
    expect(page.locator("#mail .mail-title")).to_be_visible()
    draw(page, "sandbox-mail")
    screens.answer_in_sandbox(page, "Thank you, Tuesday is fine.")
    draw(page, "sandbox-answered")


def draw_prototype(browser: Browser, folder: Path) -> None:
    ALL.mkdir(parents=True, exist_ok=True)
    with closing(browser.new_context()) as context:
        page = context.new_page()
        for file in sorted(folder.glob("*.html")):
            page.goto(file.resolve().as_uri())
            draw(page, f"prototype-{file.stem}")


def draw(page: Page, name: str) -> None:
    """The page as it stands, in every width and scheme."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            draw_one(page, ALL / f"{name}-{width}-{scheme}.png", width, scheme == "dark")


def draw_one(page: Page, file: Path, width: int = WIDTHS[0], is_dark: bool = False) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme="dark" if is_dark else "light", reduced_motion="reduce")
    page.screenshot(path=file, animations="disabled")


if __name__ == "__main__":
    main()
