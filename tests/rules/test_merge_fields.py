"""Merge fields: what is expanded, what is refused, and that no value is ever read as a text."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.rules.merge_fields import FIELDS, compile_text

AMARA = {"first_name": "Amara", "opening_name": "Staff Nurse, ICU", "custom.shift": "Nights"}


def test_a_field_becomes_the_persons_value() -> None:
    assert compile_text("Dear {{first_name}},").render(AMARA) == "Dear Amara,"


def test_white_space_inside_the_braces_does_not_matter() -> None:
    assert compile_text("{{ first_name }} {{ last_name | there }}").render(AMARA) == "Amara there"


def test_the_default_stands_in_for_a_missing_value() -> None:
    text = compile_text("about {{opening_name|your application}}")
    assert text.render({}) == "about your application"
    assert text.render({"opening_name": "  "}) == "about your application"
    assert text.empty({}) == []


def test_a_field_without_value_and_default_is_reported_once() -> None:
    assert compile_text("{{last_name}} {{first_name}} {{last_name}}").empty(AMARA) == ["last_name"]


def test_an_empty_default_says_that_nothing_is_fine() -> None:
    text = compile_text("Dear {{last_name|}}")
    assert text.empty(AMARA) == []
    assert text.render(AMARA) == "Dear "


def test_own_fields_are_known_by_the_organizations_keys() -> None:
    text = compile_text("You prefer {{custom.shift}}")
    assert text.render(AMARA) == "You prefer Nights"
    assert text.problems(["shift"]) == []
    assert text.unknown([]) == ["custom.shift"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{frist_name}}", "Unknown field {{frist_name}}. Did you mean {{first_name}}?"),
        ("{{xyzzy}}", "Unknown field {{xyzzy}}. Choose one from the Merge field menu."),
        ("{{first name}}", "{{first name}} is not a merge field. Did you mean {{first_name}}?"),
        ("{{First_Name}}", "{{First_Name}} is not a merge field. Did you mean {{first_name}}?"),
        ("{{}}", "{{}} names no field. Choose one from the Merge field menu, such as {{first_name}}."),
        ("Dear {{first_name, hello", "{{first_name needs two braces on either side. Did you mean {{first_name}}?"),
        ("Dear {first_name}}, hello", "{first_name}} needs two braces on either side. Did you mean {{first_name}}?"),
    ],
)
def test_what_is_no_field_is_told_with_the_field_that_was_meant(text: str, sentence: str) -> None:
    assert compile_text(text).problems([]) == [sentence]


def test_html_values_are_escaped_and_keep_their_lines() -> None:
    text = compile_text("<p>{{first_name}}</p><p>{{opening_name|R&amp;D <x>}}</p>")
    assert text.render({"first_name": "<script>\n&"}, html=True) == (
        "<p>&lt;script&gt;<br>\n&amp;</p><p>R&amp;D &lt;x&gt;</p>"
    )


def test_a_link_takes_only_web_and_mail_addresses() -> None:
    text = compile_text('<a href="{{custom.link}}">x</a>')
    assert text.render({"custom.link": "https://a.example/?a&b"}, html=True) == (
        '<a href="https://a.example/?a&amp;b">x</a>'
    )
    assert text.render({"custom.link": "javascript:alert(1)"}, html=True) == '<a href="">x</a>'


def test_a_header_is_one_line() -> None:
    assert compile_text("Hi {{first_name}}").render_header({"first_name": "A\r\nBcc: x@y.example"}) == (
        "Hi A Bcc: x@y.example"
    )


values = st.dictionaries(st.sampled_from([*FIELDS, "custom.shift"]), st.text())
texts = st.lists(
    st.one_of(st.text(), st.sampled_from(["{{", "}}", "{", "|", "{{first_name}}", "{{last_name|you}}", "{{ x y }}"]))
).map("".join)


@given(texts, values)
def test_any_text_compiles_and_renders(text: str, values: dict[str, str]) -> None:
    compiled = compile_text(text)
    compiled.problems([])
    compiled.empty(values)
    compiled.render(values, html=True)
    assert "\n" not in compiled.render_header(values)
    assert "".join(piece if isinstance(piece, str) else piece.raw for piece in compiled.pieces) == text


@given(values)
def test_a_value_is_never_read_for_fields(values: dict[str, str]) -> None:
    values = {**values, "first_name": "{{last_name}}{{first_name}}", "last_name": "SECRET"}
    assert compile_text("Dear {{first_name}}").render(values) == "Dear {{last_name}}{{first_name}}"
    assert "SECRET" not in compile_text("Dear {{first_name}}").render(values, html=True)


@given(st.text())
def test_a_value_in_html_reads_as_it_was_and_opens_no_tag(value: str) -> None:
    shown = compile_text("{{first_name|}}").render({"first_name": value}, html=True).replace("<br>\n", "\n")
    assert not set("<>\"'") & set(shown)
    assert unescape(shown) == (value if value.strip() else "")
