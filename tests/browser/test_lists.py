"""A list of people comes in from a spreadsheet, and goes out again."""

from pathlib import Path

from playwright.sync_api import Page, expect

from candidly.models import Opening, Person
from tests.browser import screens

NUMBER = 1_200


def list_of(folder: Path) -> Path:
    """As an agency sends it: its own headings, one row without an address."""
    path = folder / "nurses.csv"
    rows = [f"Nurse;Number {at};nurse{at}@agency.example;Leeds" for at in range(NUMBER - 1)]
    path.write_text("\n".join(["Forename;Surname;Write to;City", *rows, "No;Address;;Leeds"]), encoding="utf-8-sig")
    return path


def bring(page: Page, path: Path, kind: str = "Candidates") -> None:
    page.goto("/candidates/")
    page.get_by_role("button", name="Import and export").click()
    page.get_by_role("menuitem", name="Import").click()
    page.get_by_label("What is in it").select_option(label=kind)
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Look it through").click()


def test_a_list_comes_in_once_and_goes_out_again(page: Page, icu: Opening, tmp_path: Path) -> None:
    path = list_of(tmp_path)
    bring(page, path)
    screens.sees(page, "No column tells who is meant")

    page.get_by_label("Write to").select_option(label="Private e-mail")
    page.get_by_role("button", name="Look it through again").click()
    screens.sees(page, "1,200 rows looked through. Nothing is changed yet.")
    row = page.get_by_role("listitem").filter(has_text="Row 1,201")
    expect(row).to_contain_text("no e-mail address, no ID and no phone number")
    assert not Person.objects.exists()

    page.get_by_role("button", name="Import 1,199 candidates").click()
    expect(page.get_by_role("heading", name="What became of it")).to_be_visible()
    assert Person.objects.count() == NUMBER - 1

    with page.expect_download() as out:
        page.goto("/candidates/?q=number")
        page.get_by_role("button", name="Import and export").click()
        page.get_by_role("menuitem", name="Excel").first.click()
    kept = tmp_path / out.value.suggested_filename
    out.value.save_as(kept)
    bring(page, kept)
    screens.sees(page, "There is nothing to import: all of it is here already.")
    expect(page.locator(".stat", has_text="Unchanged")).to_contain_text("1,199")


def test_ticked_people_go_out_alone(page: Page, amara: Person, kwame: Person) -> None:
    page.goto("/candidates/")
    page.get_by_label("Select Amara Okafor").check()
    with page.expect_download() as out:
        page.get_by_role("toolbar").get_by_role("button", name="Export", exact=True).click()
    content = Path(out.value.path()).read_text(encoding="utf-8-sig")
    assert "Amara" in content
    assert "Kwame" not in content
    expect(page.get_by_label("Select Amara Okafor")).to_be_checked()
