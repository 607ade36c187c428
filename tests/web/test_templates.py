"""The templates page, through a browser without scripts."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from candidly.actions import templates
from candidly.models import Member, Person, Template

type SignIn = Callable[[Member], Client]


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


def page(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def text(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Ward visit",
        "subject": "Come and see us, {{first_name}}",
        "body": "Dear {{first_name}},",
        "is_shared": "on",
        "for_candidates": "on",
        **fields,
    }


def test_a_template_is_written_and_found_again(browser: Client, hannah: Member) -> None:
    response = browser.post("/templates/new/", text(), follow=True)
    assert "Saved “Ward visit”." in page(response)
    template = Template.objects.get()
    assert (template.owner, template.is_shared, template.is_html) == (hannah, True, False)
    assert "Ward visit" in page(browser.get("/templates/", {"q": "ward"}))
    assert "No template is called “xyz”." in page(browser.get("/templates/", {"q": "xyz"}))


def test_a_template_is_changed_in_place(browser: Client, hannah: Member) -> None:
    template = templates.save(hannah, None, name="Ward visit", body="Old")
    browser.post(f"/templates/{template.pk}/", text(name="Visit", body="New {{first_name}}"))
    template.refresh_from_db()
    assert (template.name, template.body) == ("Visit", "New {{first_name}}")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Give the template a name."),
        ({"name": "KEEP in  touch"}, "There is already a template called “KEEP in touch”. Choose another name."),
        ({"body": ""}, "Write the content first."),
        ({"body": "{{frist_name}}"}, "Unknown field {{frist_name}}. Did you mean {{first_name}}?"),
        ({"subject": "{{}}"}, "{{}} names no field."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    browser: Client, hannah: Member, fields: dict[str, Any], sentence: str
) -> None:
    templates.save(hannah, None, name="Keep in touch", body="Hello")
    response = browser.post("/templates/new/", text(**fields))
    assert response.status_code == 422
    assert sentence in page(response)
    assert text(**fields)["subject"] in page(response)
    assert Template.objects.count() == 1


def test_a_template_keeps_its_own_name(browser: Client, hannah: Member) -> None:
    template = templates.save(hannah, None, name="Ward visit", body="x")
    assert browser.post(f"/templates/{template.pk}/", text()).status_code == 302


def test_unknown_fields_are_told_while_typing(browser: Client, amara: Person) -> None:
    shown = page(browser.post("/templates/preview/", text(body="Dear {{first_nmae}}")))
    assert "Content: Unknown field {{first_nmae}}. Did you mean {{first_name}}?" in shown
    assert '<span class="merge-field" aria-invalid="true">{{first_nmae}}</span>' in shown


def test_the_preview_is_for_a_real_candidate(browser: Client, amara: Person, kwame: Person) -> None:
    assert "Come and see us, Kwame" in page(browser.post("/templates/preview/", text()))
    older = browser.post("/templates/preview/", text(person=kwame.pk, go="next"))
    assert "Come and see us, Amara" in page(older)
    assert "Staff Nurse, ICU" in page(older)


def test_html_is_kept_safe_with_its_fields(browser: Client) -> None:
    body = (
        "<p onclick='x()'>Dear {{first_name|friend}}</p><script>x</script>"
        "<a href='{{custom.page|https://a.example/?a=1&amp;b=2}}'>Here</a>"
        "<a href='https://a.example/{{first_name}}'>There</a>"
    )
    Template.objects.all().delete()
    Person.objects.create(organization=Member.objects.get().organization, custom_fields={"page": "https://b.example/"})
    assert browser.post("/templates/new/", text(body=body, is_html="on")).status_code == 302
    kept = Template.objects.get().body
    assert "script" not in kept
    assert "onclick" not in kept
    assert "Dear {{first_name|friend}}" in kept
    assert 'href="{{custom.page|https://a.example/?a=1&amp;b=2}}"' in kept
    assert 'href="https://a.example/{{first_name}}"' in kept


def test_an_own_template_is_nobody_elses(client_of: SignIn, hannah: Member, priya: Member, omar: Member) -> None:
    own = templates.save(hannah, None, name="Mine", body="x", is_shared=False)
    shared = templates.save(hannah, None, name="Ours", body="x")
    teammate, stranger = client_of(priya), client_of(omar)
    assert teammate.get(f"/templates/{own.pk}/").status_code == 404
    assert teammate.get(f"/templates/{shared.pk}/").status_code == 200
    assert stranger.get(f"/templates/{shared.pk}/").status_code == 404
    assert stranger.delete(f"/templates/{shared.pk}/").status_code == 404
    assert "Ours" in page(teammate.get("/templates/"))
    assert "Mine" not in page(teammate.get("/templates/"))


def test_a_template_is_deleted(browser: Client, hannah: Member) -> None:
    template = templates.save(hannah, None, name="Old", body="x")
    response = browser.delete(f"/templates/{template.pk}/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/templates/"
    assert not Template.objects.exists()
    assert "Deleted “Old”." in page(browser.get("/templates/"))


def test_a_reader_reads(client_of: SignIn, hannah: Member, ruth: Member) -> None:
    template = templates.save(hannah, None, name="Ours", body="x")
    reader = client_of(ruth)
    shown = page(reader.get(f"/templates/{template.pk}/"))
    assert "Ours" in shown
    assert ">Save<" not in shown
    assert "delete-template" not in shown
    assert reader.post(f"/templates/{template.pk}/", text()).status_code == 403
    assert reader.delete(f"/templates/{template.pk}/").status_code == 403
    assert reader.post("/templates/new/", text()).status_code == 403
    assert Template.objects.count() == 1


def test_the_page_has_an_empty_state(browser: Client) -> None:
    assert "No templates yet" in page(browser.get("/templates/"))
