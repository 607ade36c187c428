"""The first visit, signing in and out, a forgotten password, and an invitation."""

import re

from playwright.sync_api import Page, expect

from candidly.models import Member, Person
from tests.browser import screens
from tests.browser.conftest import Visit
from tests.conftest import PASSWORD


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.wait_for_load_state()  # a menu opens once the scripts are there
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_first_visitor_makes_the_organization(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    expect(page.get_by_role("heading", name="Set up Candidly")).to_be_visible()
    page.get_by_label("Organization").fill("Northlane Care")
    page.get_by_label("Your name").fill("Sofia Lindqvist")
    page.get_by_label("E-mail").fill("sofia@northlane.example")
    password = page.get_by_label("Password")
    password.fill("password")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".error").first).to_be_visible()
    password.fill(PASSWORD)
    page.get_by_role("button", name="Start").click()
    screens.sees(page, "Northlane Care is ready.")
    page.goto("/settings/members/")
    expect(page.get_by_label("Role of Sofia Lindqvist")).to_have_value("super_admin")
    page.goto("/setup/")
    expect(page).to_have_url(re.compile("/inbox/$"))


def test_one_signs_in_and_out(visit: Visit, hannah: Member, amara: Person) -> None:
    page = visit()
    page.goto("/candidates/")
    expect(page.get_by_role("heading", name="Sign in to Northlane Care")).to_be_visible()
    sign_in(page, hannah.email, "a wrong password")
    screens.sees(page, "Try again, or reset your password.")
    sign_in(page, hannah.email, PASSWORD)
    screens.sees(page, "Amara Okafor")
    sign_out(page)
    page.goto("/candidates/")
    expect(page.get_by_role("heading", name="Sign in to Northlane Care")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_a_link_in_a_mail(visit: Visit, hannah: Member, priya: Member) -> None:
    page, mailbox = visit(), visit(priya)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot password?").click()
    page.get_by_label("Work e-mail").fill(hannah.email)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()

    screens.open_sandbox_mail(mailbox, hannah.email, re.compile("password", re.IGNORECASE))
    choose_password(page, link_in(mailbox), "seven bright lamps")
    screens.sees(page, "Your password is saved")
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, hannah.email, "seven bright lamps")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_a_member_is_invited(visit: Visit, sofia: Member) -> None:
    admin, page = visit(sofia), visit()
    admin.goto("/settings/members/")
    admin.get_by_label("Name").fill("Priya Nair")
    admin.get_by_label("E-mail").fill("priya@northlane.example")
    admin.get_by_role("button", name="Send invitation").click()
    screens.sees(admin, "Invitation sent to priya@northlane.example")

    screens.open_sandbox_mail(admin, "priya@northlane.example", "Sofia Lindqvist invites you to Northlane Care")
    choose_password(page, link_in(admin), "seven bright lamps")
    page.goto("/accounts/login/")
    sign_in(page, "priya@northlane.example", "seven bright lamps")
    expect(page.get_by_role("button", name="Priya Nair, account menu")).to_be_visible()


def link_in(mailbox: Page) -> str:
    link = mailbox.locator("#mail-view").locator("a[href^=http]").first.get_attribute("href")
    assert link is not None
    return link


def choose_password(page: Page, link: str, password: str) -> None:
    page.goto(link)
    for field in page.locator("input[type=password]").all():
        field.fill(password)
    page.get_by_role("button", name="Save password").click()
