"""The templates page, through a browser without scripts."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from candidly.actions import attachments, templates
from candidly.models import CustomField, Member, Person, Place, Template
from candidly.rules.access import templates_offered

ROW = 'class="list-row template-row"'

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
        "places": "for_candidates",
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
    template = templates.save(hannah, None, templates.Content(name="Ward visit", body="Old"))
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
    templates.save(hannah, None, templates.Content(name="Keep in touch", body="Hello"))
    response = browser.post("/templates/new/", text(**fields))
    assert response.status_code == 422
    assert sentence in page(response)
    assert text(**fields)["subject"] in page(response)
    assert Template.objects.count() == 1


def test_a_template_keeps_its_own_name(browser: Client, hannah: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Ward visit", body="x"))
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
    CustomField.objects.create(organization=Member.objects.get().organization, key="page")
    assert browser.post("/templates/new/", text(body=body, is_html="on")).status_code == 302
    kept = Template.objects.get().body
    assert "script" not in kept
    assert "onclick" not in kept
    assert "Dear {{first_name|friend}}" in kept
    assert 'href="{{custom.page|https://a.example/?a=1&amp;b=2}}"' in kept
    assert 'href="https://a.example/{{first_name}}"' in kept


def test_an_own_template_is_nobody_elses(client_of: SignIn, hannah: Member, priya: Member, omar: Member) -> None:
    own = templates.save(hannah, None, templates.Content(name="Mine", body="x", is_shared=False))
    shared = templates.save(hannah, None, templates.Content(name="Ours", body="x"))
    teammate, stranger = client_of(priya), client_of(omar)
    assert teammate.get(f"/templates/{own.pk}/").status_code == 404
    assert teammate.get(f"/templates/{shared.pk}/").status_code == 200
    assert stranger.get(f"/templates/{shared.pk}/").status_code == 404
    assert stranger.delete(f"/templates/{shared.pk}/").status_code == 404
    assert "Ours" in page(teammate.get("/templates/"))
    assert "Mine" not in page(teammate.get("/templates/"))


def test_a_template_is_deleted(browser: Client, hannah: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Old", body="x"))
    response = browser.delete(f"/templates/{template.pk}/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/templates/"
    shown = page(browser.get("/templates/"))
    assert "Deleted “Old”." in shown
    assert f'hx-delete="/templates/{template.pk}/deleted/"' in shown
    assert browser.get(f"/templates/{template.pk}/").status_code == 404
    browser.delete(f"/templates/{template.pk}/deleted/", headers={"HX-Request": "true"})
    assert "Old" in page(browser.get(f"/templates/{template.pk}/"))


def test_a_name_that_is_taken_meanwhile_is_said_on_undo(browser: Client, hannah: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Old", body="x"))
    templates.delete(hannah, template)
    templates.save(hannah, None, templates.Content(name="Old", body="y"))
    answer = browser.delete(f"/templates/{template.pk}/deleted/", headers={"HX-Request": "true"})
    assert "There is already a template called" in answer.headers["HX-Trigger"]


def test_a_template_is_offered_where_it_is_ticked_and_nowhere_else(hannah: Member, browser: Client) -> None:
    for place in Place:
        browser.post("/templates/new/", text(name=place.label, places=place.value))
    for place in Place:
        assert [template.name for template in templates_offered(hannah, place)] == [place.label]
    shown = page(browser.get("/templates/", {"place": Place.CONTACTS.value}, headers={"HX-Request": "true"}))
    assert shown.count(ROW) == 1
    assert "No template fits the filter." in page(
        browser.get("/templates/", {"whose": "own"}, headers={"HX-Request": "true"})
    )


def test_the_list_goes_on_page_by_page(hannah: Member, browser: Client) -> None:
    Template.objects.bulk_create(
        Template(organization=hannah.organization, owner=hannah, name=f"Letter {number:03}") for number in range(60)
    )
    first = page(browser.get("/templates/"))
    address = unescape(re.findall(r'hx-get="(/templates/\?[^"]+)"', first)[-1])
    rest = page(browser.get(address, headers={"HX-Request": "true"}))
    assert (first.count(ROW), rest.count(ROW)) == (50, 10)
    assert "Letter 050" in rest


def test_every_text_is_kept_and_can_be_brought_back(browser: Client, hannah: Member, priya: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Ward visit", body="First"))
    templates.save(priya, template, templates.Content(name="Ward visit", body="Second"))
    templates.save(priya, template, templates.Content(name="Visit", body="Second"))  # the text is the same: no version
    shown = page(browser.get(f"/templates/{template.pk}/versions/"))
    assert (shown.count("<li>"), "Priya Nair" in shown, "Hannah Whitlock" in shown) == (2, True, True)
    first = template.versions.earliest("pk")
    assert "First" in page(browser.get(f"/templates/{template.pk}/versions/{first.pk}/"))
    back = browser.post(f"/templates/{template.pk}/versions/{first.pk}/", follow=True)
    assert "Restored." in page(back)
    template.refresh_from_db()
    assert (template.name, template.body) == ("Visit", "First")
    assert list(template.versions.order_by("pk").values_list("body", flat=True)) == ["First", "Second", "First"]


def test_a_version_belongs_to_its_template(browser: Client, hannah: Member) -> None:
    one, other = (templates.save(hannah, None, templates.Content(name=name, body=name)) for name in ("One", "Other"))
    assert browser.get(f"/templates/{one.pk}/versions/{other.versions.get().pk}/").status_code == 404


def test_who_saves_second_is_told_and_loses_nothing(browser: Client, hannah: Member, priya: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Ward visit", body="Old"))
    seen = template.updated_at.isoformat()
    templates.save(priya, template, templates.Content(name="Ward visit", body="Priya’s"))
    response = browser.post(f"/templates/{template.pk}/", text(body="Hannah’s", seen=seen))
    assert response.status_code == 422
    assert re.search(r"Priya changed this template at \d\d:\d\d while you were editing\.", page(response))
    assert "Hannah’s</textarea>" in page(response)
    template.refresh_from_db()
    assert template.body == "Priya’s"
    anyway = re.findall(r'name="seen" value="([^"]+)"', page(response))[-1]
    assert browser.post(f"/templates/{template.pk}/", text(body="Hannah’s", seen=[seen, anyway])).status_code == 302
    template.refresh_from_db()
    assert template.body == "Hannah’s"
    assert list(template.versions.order_by("pk").values_list("body", flat=True)) == ["Old", "Priya’s", "Hannah’s"]


def test_who_saves_what_was_deleted_meanwhile_can_bring_it_back(browser: Client, hannah: Member, priya: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Ward visit", body="Old"))
    seen = template.updated_at.isoformat()
    templates.delete(priya, template)
    shown = page(browser.post(f"/templates/{template.pk}/", text(seen=seen)))
    assert "Priya deleted this template at" in shown
    anyway = re.findall(r'name="seen" value="([^"]+)"', shown)[-1]
    browser.post(f"/templates/{template.pk}/", text(seen=anyway))
    assert "Ward visit" in page(browser.get("/templates/"))


def test_files_are_attached_kept_and_taken_off(browser: Client, hannah: Member, priya: Member) -> None:
    file = attachments.keep(hannah, "map.pdf", "application/pdf", BytesIO(b"%PDF"))
    browser.post("/templates/new/", text(attachments=file.pk))
    template = Template.objects.get()
    assert "map.pdf" in page(browser.get(f"/templates/{template.pk}/"))
    templates_file = template.attachments.get()
    browser.post(f"/templates/{template.pk}/", text(body="Other", detached=templates_file.pk))
    assert not template.attachments.exists()


def test_nobody_attaches_anothers_file(browser: Client, priya: Member) -> None:
    file = attachments.keep(priya, "secret.pdf", "application/pdf", BytesIO(b"%PDF"))
    browser.post("/templates/new/", text(attachments=file.pk))
    assert not Template.objects.get().attachments.exists()


def test_a_copy_is_ones_own_with_its_files(client_of: SignIn, hannah: Member, priya: Member) -> None:
    file = attachments.keep(hannah, "map.pdf", "application/pdf", BytesIO(b"%PDF"))
    template = templates.save(hannah, None, templates.Content(name="Ward visit", body="x"), attached=[file])
    browser = client_of(priya)
    for _ in range(2):
        browser.post(f"/templates/{template.pk}/copy/")
    copies = Template.objects.exclude(pk=template.pk).order_by("pk")
    assert [(copy.name, copy.owner) for copy in copies] == [
        ("Ward visit (copy)", priya),
        ("Ward visit (copy 2)", priya),
    ]
    assert {copy.attachments.get().file.name for copy in copies} == {file.file.name}


def test_text_and_html_are_turned_into_each_other(browser: Client) -> None:
    html = browser.post("/templates/convert/", {"body": "Dear {{first_name}},\n\nR&D", "to": "html"}).json()
    assert html == {"body": "<p>Dear {{first_name}},</p>\n<p>R&amp;D</p>", "lost": []}
    written = "<p>Dear <b>{{first_name}}</b>, see <a href='https://a.example/map'>the map</a></p>"
    plain = browser.post("/templates/convert/", {"body": written, "to": "text"}).json()
    assert plain == {"body": "Dear {{first_name}}, see the map (https://a.example/map)", "lost": ["bold"]}


def test_the_preview_shows_what_readers_of_plain_text_get(browser: Client, amara: Person) -> None:
    written = text(body="<ul><li>Dear {{first_name}}</li></ul>", is_html="on", view="text")
    assert "* Dear Amara" in page(browser.post("/templates/preview/", written))


def test_the_preview_is_for_whoever_is_chosen(browser: Client, amara: Person, kwame: Person, leila: Person) -> None:
    found = page(browser.get("/templates/people/", {"q": "okaf"}))
    assert ("Okafor" in found, "Mensah" in found) == (True, False)
    assert "Nobody is called so." in page(browser.get("/templates/people/", {"q": "farouk"}))
    assert "Come and see us, Amara" in page(browser.post("/templates/preview/", text(person=amara.pk)))


def test_a_style_sheet_of_the_authors_moves_into_the_elements(browser: Client) -> None:
    body = "<style>p { color: red; position: fixed } @import 'https://x.example/'</style><p>Dear {{first_name}}</p>"
    browser.post("/templates/new/", text(body=body, is_html="on"))
    assert Template.objects.get().body == '<p style="color:red">Dear {{first_name}}</p>'


def test_a_reader_reads(client_of: SignIn, hannah: Member, ruth: Member) -> None:
    template = templates.save(hannah, None, templates.Content(name="Ours", body="x"))
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
