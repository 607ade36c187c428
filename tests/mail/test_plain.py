"""What readers of plain text get."""

import pytest

from candidly.mail.plain import lost_as_text, text_of
from candidly.mail.sanitize import sanitize


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>See <a href='https://a.example/map'>the map</a>.</p>", "See the map (https://a.example/map)."),
        ("<p><a href='https://a.example/'>https://a.example</a></p>", "https://a.example"),
        ("<p><a href='https://a.example/'>a.example</a></p>", "a.example"),
        ("<p><a href='mailto:hr@a.example'>hr@a.example</a></p>", "hr@a.example"),
        ("<p><a href='https://a.example/?a=1&amp;b=2'><b>Here</b></a></p>", "Here (https://a.example/?a=1&b=2)"),
        ("<ul><li>One</li><li>Two</li></ul>", "  * One\n  * Two"),
    ],
)
def test_links_show_their_address_unless_their_words_do(html: str, text: str) -> None:
    assert text_of(sanitize(html)) == text


def test_an_address_that_is_a_merge_field_is_shown_too() -> None:
    assert text_of('<p><a href="{{custom.page}}">Your page</a></p>') == "Your page ({{custom.page}})"


def test_what_gets_lost_is_named() -> None:
    html = "<h2>A</h2><p><em>b</em> <strong>c</strong></p><p style='color:red'>d</p><table><tr><td>e</td></tr></table>"
    assert lost_as_text(sanitize(html)) == ["bold", "italics", "headings", "tables", "colours and sizes"]
    assert lost_as_text(sanitize("<p>Dear you,</p><ul><li>a</li></ul>")) == []
