"""HTML from outside is safe to show, loads nothing from elsewhere unasked, and costs little to read."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.mail.sanitize import block_remote_images, html_to_text, sanitize, text_to_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    '<iframe src="https://evil.test"></iframe>',
    '<object data="https://evil.test"></object><embed src="https://evil.test">',
    '<form action="https://evil.test"><input name=password><button>Go</button></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.test">',
    '<base href="https://evil.test/">',
    '<link rel="stylesheet" href="https://evil.test/x.css">',
    "<style>*{background:url(https://evil.test)}</style>",
    '<p style="position:fixed;top:0;behavior:url(x);background-image:url(https://evil.test)">x</p>',
    '<p style="width:expression(alert(1));background:url(https://evil.test)">x</p>',
    '<p style="background:\\75rl(https://evil.test)">x</p>',
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    '<a title="><img src=x onerror=alert(1)>">x</a>',
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<p id=location class=modal name=x>x</p>",
    "<table background='https://evil.test/x.png'><tr><td background=//evil.test>x</table>",
    "<img src=x onerror=alert(1)//",
]


@pytest.mark.parametrize("html", ATTACKS)
def test_nothing_that_acts_survives(html: str) -> None:
    safe = sanitize(html)
    tags = "".join(piece.partition(">")[0] for piece in safe.split("<")[1:]).lower()
    words = [
        "script",
        "onerror",
        "onload",
        "evil.test",
        "expression",
        "position",
        "form",
        "input",
        "iframe",
        "meta",
        "id=",
    ]
    assert [word for word in words if word in tags] == []
    assert sanitize(safe) == safe


def test_links_open_apart_and_say_nothing_of_where_they_came_from() -> None:
    assert sanitize('<a href="https://acme.test/?a=1&b=2" target="_top">x</a>') == (
        '<a href="https://acme.test/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    )


def test_the_looks_of_an_ordinary_mail_are_kept() -> None:
    html = (
        '<table width="600" cellpadding="0"><tbody><tr><td bgcolor="#eeeeee" style="padding:4px;color:rgb(1, 2, 3)">'
        '<p style="margin:0;text-align:center"><b>Hello</b> <font color="red">Amara</font></p>'
        '<ul><li>one</li><li>two</li></ul><img src="cid:logo" alt="a > b" width="10"><br></td></tr></tbody></table>'
    )
    safe = sanitize(html)
    for kept in ['width="600"', 'bgcolor="#eeeeee"', "padding:4px", "rgb(1, 2, 3)", "text-align:center", 'color="red"']:
        assert kept in safe
    assert safe.count("<li>") == 2
    assert 'src="cid:logo"' in safe


def test_unclosed_and_crossed_tags_are_put_right() -> None:
    assert sanitize("<p>one<p>two<ul><li>a<li>b</ul><b><i>c</b>d</i>") == (
        "<p>one</p><p>two</p><ul><li>a</li><li>b</li></ul><b><i>c</i></b>d<p></p>"
    )
    assert sanitize("1 < 2 & 3 > 2 <3 <unknown>x</unknown>") == "1 &lt; 2 &amp; 3 &gt; 2 &lt;3 x"


@given(html=st.text(st.sampled_from("<>/\"'=ab pd!-&;:()\n"), max_size=120))
def test_what_is_safe_stays_as_it_is(html: str) -> None:
    safe = sanitize(html)
    assert sanitize(safe) == safe


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<img src="https://t.test/p.png" width="1">', 1),
        ('<img src="//t.test/p.png">', 1),
        ("<img src=' HTTP://t.test/p.png'>", 1),
        ('<img srcset="https://t.test/p.png 2x">', 1),
        ('<table background="http://t.test/p.png"><tr><td>x</td></tr></table>', 1),
        ('<p style="background-image:url(https://t.test/p.png)">x</p>', 1),
        ("<p style=\"background:red url('//t.test/p.png')\">x</p>", 1),
        ('<img src="https://t.test/1.png"><img src="https://t.test/2.png">', 2),
        ('<img src="cid:logo"><img src="data:image/png;base64,AAAA">', 0),
        ("<p>no images</p>", 0),
    ],
)
def test_remote_images_are_blocked_and_counted(html: str, count: int) -> None:
    for given_html in (html, sanitize(html)) if "img src=" in html else (html,):
        blocked, found = block_remote_images(given_html)
        assert found == count
        assert ' src="http' not in blocked.lower()
        assert ' src="//' not in blocked
        assert "url(" not in blocked
        assert "srcset" not in blocked
        assert "background=" not in blocked


def test_a_blocked_image_remembers_where_it_was() -> None:
    blocked, _ = block_remote_images('<img src="https://t.test/p.png?a=1&b=2" alt="logo">')
    assert blocked == '<img data-remote-src="https://t.test/p.png?a=1&amp;b=2" alt="logo">'


def test_images_in_the_mail_stay_when_others_are_blocked() -> None:
    html = '<img src="cid:logo"><img src="data:image/webp;base64,AAAA">'
    assert block_remote_images(html) == (html, 0)
    assert block_remote_images('<a href="https://acme.test/x.png">x</a>')[1] == 0


def test_html_gives_the_text_that_is_seen() -> None:
    html = "<style>p{}</style><p>Hello <b>Amara</b> &amp; all</p><script>x()</script><ul><li>one<li>two</ul>a<br>b"
    assert [line.strip(" *") for line in html_to_text(html).split("\n") if line.strip()] == [
        *["Hello Amara & all", "one", "two", "a", "b"]
    ]


def test_text_of_very_long_html_keeps_its_lines() -> None:
    text = html_to_text("<div>line</div>" * 6_000)
    assert text.split() == ["line"] * 6_000


def test_text_becomes_paragraphs_with_links() -> None:
    text = "Dear <Amara> & all,\r\n\r\nsee https://acme.test/a?b=1&c=2 (or https://acme.test/x).\nHannah\n"
    rel = 'target="_blank" rel="noopener noreferrer nofollow"'
    assert text_to_html(text) == (
        "<p>Dear &lt;Amara&gt; &amp; all,</p>\n"
        f'<p>see <a href="https://acme.test/a?b=1&amp;c=2" {rel}>https://acme.test/a?b=1&amp;c=2</a> '
        f'(or <a href="https://acme.test/x" {rel}>https://acme.test/x</a>).<br>\nHannah</p>'
    )


@given(text=st.text(st.sampled_from("<>\"'&ahttps:/.) \n"), max_size=80))
def test_html_of_a_text_is_safe_already(text: str) -> None:
    html = text_to_html(f"https://{text}")
    assert html_to_text(html).split() == html_to_text(sanitize(html)).split()
    assert set(re.findall(r"<[^ >]*", html)) <= {"<p", "</p", "<br", "<a", "</a"}


BOMBS = {
    "deep": "<div>" * 50_000,
    "lists": "<ul><li>" * 30_000,
    "formatting left open": "<div>" + "".join(f"<b id={n}>" for n in range(5_000)) + "</div>" + "<div>x</div>" * 20_000,
    "formatting in paragraphs": "<p><b><i><u><s><em><code>" + "<div>x</div>" * 20_000,
    "crossed": "<b><div></b>" * 20_000,
    "tables": "<table><tr><td>" * 20_000,
    "attributes": "<a " + " ".join(f"a{n}=1" for n in range(40_000)) + ">",
    "a name without end": "<a " + "a" * 250_000,
    "quotes": "<a " + '="' * 120_000 + ">",
    "ampersands": "&" * 250_000,
    "declarations": "<!" * 120_000,
    "comments": "<!--" * 60_000,
    "angles": "<" * 250_000,
    "scripts": "<script>" * 30_000,
    "columns": "<table><tr>" + "<td colspan=99999 rowspan=99999>a" * 8_000,
    "styles": "<p style='" + "color:rgb(" * 20_000 + "'>",
    "line breaks": "<br>" * 60_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_html_takes_little_time(bomb: str) -> None:
    start = time.process_time()
    html_to_text(BOMBS[bomb])
    block_remote_images(BOMBS[bomb])
    assert time.process_time() - start < 5


@pytest.mark.parametrize("unit", ["https://", "\n \n", "http://a).", "<", "&", ")"])
def test_a_megabyte_of_text_becomes_html_in_no_time(unit: str) -> None:
    start = time.process_time()
    text_to_html(unit * (1_000_000 // len(unit)))
    assert time.process_time() - start < 3
