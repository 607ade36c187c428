"""A mail as bad as mails get is read as well as can be, within bounds, and never raises."""

import subprocess
import sys
import time
from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.envelope import Address, File, Outgoing
from candidly.mail.compose import compose
from candidly.mail.parse import parse
from tests.mail import hostile
from tests.mail.hostile import HEAD, multipart, part, plain


def test_an_ordinary_answer_is_read_whole() -> None:
    mail = parse(
        plain(
            b"Yes, Tuesday is fine.\r\n-- \r\nAmara\r\n\r\n"
            b"On Mon, 5 May 2026, Hannah <h@acme.test> wrote:\r\n> Tuesday?\r\n",
            fields=b"Date: Mon, 5 May 2026 10:00:00 +0200\r\nMessage-ID: <a@example.org>\r\n"
            b"In-Reply-To: <m1@acme.test>\r\nReferences: <m0@acme.test>\r\n <m1@acme.test>\r\n",
        )
    )
    assert mail.sender == Address("amara@example.org", "Amara")
    assert mail.recipients == (Address("r.x@reply.acme.test"),)
    assert (mail.subject, mail.reply) == ("Hello", "Yes, Tuesday is fine.\n-- \nAmara")
    assert mail.quoted.endswith("> Tuesday?")
    assert mail.quoted in mail.text
    assert (mail.message_id, mail.in_reply_to) == ("<a@example.org>", "<m1@acme.test>")
    assert mail.references == ("<m0@acme.test>", "<m1@acme.test>")
    assert mail.date == datetime(2026, 5, 5, 8, tzinfo=UTC)
    assert (mail.automatic, mail.files, mail.html, mail.defects) == ("", (), "", ())


def test_what_compose_writes_parse_reads() -> None:
    files = (File("résumé “Amara”.pdf", "application/pdf", b"%PDF\x00"), File("logo.png", "image/png", b"png", "logo"))
    outgoing = Outgoing(
        delivery_id=1,
        sender=Address("hannah@acme.test", "Hannah, the recruiter 🦊"),
        recipient=Address("amara@example.org", "أمارا"),
        subject="Grüße an “Amara”",
        text="Line one\n.\n.dot",
        message_id="<m1@acme.test>",
        date=datetime(2026, 5, 5, 8, tzinfo=UTC),
        html='<p>Line <b>one</b></p><img src="cid:logo">',
        references=("<m0@acme.test>",),
        files=files,
    )
    mail = parse(compose(outgoing))
    assert (mail.sender, mail.recipients) == (outgoing.sender, (outgoing.recipient,))
    assert (mail.subject, mail.text, mail.html) == (outgoing.subject, outgoing.text, outgoing.html)
    assert (mail.message_id, mail.references, mail.date) == (outgoing.message_id, outgoing.references, outgoing.date)
    assert sorted(mail.files, key=lambda file: file.name) == sorted(files, key=lambda file: file.name)
    assert mail.defects == ()


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=300))
def test_texts_written_by_the_standard_library_are_read_the_same(text: str) -> None:
    message = EmailMessage()
    message["From"] = "amara@example.org"
    message.set_content(text + "\n")
    assert parse(message.as_bytes()).text == text.strip("\n")


@given(raw=st.binary(max_size=400))
def test_any_octets_are_read(raw: bytes) -> None:
    hostile.assert_storable(parse(raw))


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                b"From: ",
                b"Content-Type: multipart/mixed; boundary=b",
                b"\r\n",
                b"\r\n\r\n",
                b"--b",
                b"--b--",
                b"\n",
                b"\r",
                b"Content-Transfer-Encoding: base64",
                b"Content-Type: text/html; charset=utf-7",
                b"=?utf-8?b?/w==?=",
                b"\xed\xa0\x80",
                b"Content-Disposition: attachment; filename*0*=utf-16''%ff%fe",
                b"Date: ",
                b"a@b",
                b"<",
                b">",
                b"\x00",
                b" ",
                b"+2AA-",
            ]
        ),
        max_size=40,
    )
)
def test_any_mixture_of_mail_like_pieces_is_read(pieces: list[bytes]) -> None:
    hostile.assert_storable(parse(b"".join(pieces)))


MEASURED = """
import sys, time
sys.path[:0] = sys.argv[2:]
from candidly.mail.parse import parse
from tests.mail.hostile import FLOODS, assert_storable
raw = FLOODS[sys.argv[1]]()
start = time.process_time()
mail = parse(raw)
seconds = time.process_time() - start
# Not ru_maxrss: that one begins with what the process had that started this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
assert_storable(mail)
print(seconds, int(peak.split()[1]) / 1024)
"""


@pytest.mark.parametrize("flood", hostile.FLOODS)
def test_30_megabytes_of_anything_give_a_mail_that_can_be_stored_within_time_and_memory(flood: str) -> None:
    command = [sys.executable, "-c", MEASURED, flood, *sys.path]
    ended = subprocess.run(command, capture_output=True, check=False, text=True)
    assert ended.returncode == 0, ended.stderr
    seconds, megabytes = map(float, ended.stdout.split())
    assert seconds < 4
    assert megabytes < 300


@pytest.mark.parametrize("field", hostile.FIELDS)
def test_a_hostile_field_takes_no_time_and_hides_nothing_else(field: str) -> None:
    start = time.process_time()
    mail = parse(plain(b"the words", fields=hostile.FIELDS[field] + b"\r\n"))
    assert time.process_time() - start < 2
    hostile.assert_storable(mail)
    assert (mail.text, mail.subject) == ("the words", "Hello")


def test_a_30_megabyte_attachment_is_kept_whole() -> None:
    mail = parse(hostile.huge(30))
    assert (mail.text, [file.name for file in mail.files]) == ("see the file", ["big.pdf"])
    assert len(mail.files[0].content) > 20_000_000
    assert mail.files[0].content[:3] == b"\x00\xff\x10"


def test_sixty_levels_are_read_to_the_innermost_words() -> None:
    mail = parse(hostile.nested(60))
    assert mail.text == "the innermost words"


def test_two_hundred_levels_are_shown_as_far_as_they_are_read() -> None:
    mail = parse(hostile.nested(200))
    assert "the innermost words" in mail.text
    assert any("nested more than" in defect for defect in mail.defects)


def test_fifty_thousand_recipients_are_cut_and_the_mail_says_so() -> None:
    everyone = b", ".join(b"Person %d <p%d@example.org>" % (n, n) for n in range(50_000))
    mail = parse(b"To: " + everyone + b"\r\n" + HEAD + b"\r\nwords")
    assert len(mail.recipients) == 100
    assert mail.recipients[1] == Address("p1@example.org", "Person 1")
    assert (mail.subject, mail.text) == ("Hello", "words")
    assert any("recipients" in defect for defect in mail.defects)


def test_of_very_many_references_the_first_and_the_last_fifty_are_kept() -> None:
    ids = [f"<m{n}@x.test>" for n in range(1_000)]
    mail = parse(plain(b"words", fields=b"References: " + "\r\n ".join(ids).encode() + b"\r\n"))
    assert mail.references == (ids[0], *ids[-50:])


@pytest.mark.parametrize(
    ("charset", "octets", "expected"),
    [
        ("iso-2022-jp", "日本語のメール".encode("iso2022_jp"), "日本語のメール"),
        ("gb2312", "镕基和简体中文".encode("gb18030"), "镕基和简体中文"),
        ("GB18030", "你好，世界".encode("gb18030"), "你好，世界"),
        ("iso-8859-1", "“quoted” – €5".encode("cp1252"), "“quoted” – €5"),
        ("us-ascii", "café".encode("cp1252"), "café"),
        ("us-ascii", "café".encode(), "café"),
        ("utf-8", "café naïve".encode("cp1252"), "café naïve"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("ks_c_5601-1987", "안녕하세요".encode("cp949"), "안녕하세요"),
        ("utf-16", "Hello ü".encode("utf-16"), "Hello ü"),
        ("x-no-such-charset", "café".encode(), "café"),
        ("punycode", b"plain", "plain"),
    ],
)
def test_charsets_are_read_as_they_are_used(charset: str, octets: bytes, expected: str) -> None:
    fields = f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: base64\r\n'.encode()
    assert parse(plain(b64encode(octets), fields=fields)).text == expected


def test_an_unknown_charset_is_a_defect_in_plain_words() -> None:
    mail = parse(plain(b"words", fields=b"Content-Type: text/plain; charset=x-klingon\r\n"))
    assert mail.text == "words"
    assert any("x-klingon" in defect for defect in mail.defects)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("cp1252"), "Grüße"),
        ("日本語".encode("iso2022_jp"), "日本語"),
        (b"=?iso-8859-1?q?Gr=FC=DFe?= =?iso-8859-1?q?_you?=", "Grüße you"),
        (b"=?utf-8?b?w6k=?=\r\n =?utf-8?b?w6k=?=", "éé"),
        (b"=?utf-8?b?ww==?= =?utf-8?b?qQ==?=", "é"),
        (b"=?no-such?q?caf=C3=A9?= bar", "café bar"),
        (b"=?utf-8?b?w6k?= bad padding", "é bad padding"),
        (b"=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        (b"a\0b", "ab"),
    ],
)
def test_subjects_are_read_whatever_their_encoding(field: bytes, expected: str) -> None:
    assert parse(b"Subject: " + field + b"\r\n\r\n").subject == expected


def test_a_multipart_without_a_boundary_is_guessed() -> None:
    raw = HEAD + multipart(part("text/plain", b"words")).replace(b'; boundary="b1"', b"")
    mail = parse(raw)
    assert mail.text == "words"
    assert any("guessed" in defect for defect in mail.defects)


def test_a_multipart_that_cannot_be_divided_is_shown_as_text() -> None:
    mail = parse(plain(b"just words", fields=b"Content-Type: multipart/mixed; boundary=nowhere\r\n"))
    assert mail.text == "just words"
    assert len(mail.defects) == 2


def test_a_mail_without_its_closing_boundary_is_read_to_the_end() -> None:
    mail = parse(HEAD + multipart(part("text/plain", b"one"), part("text/plain", b"two"), closed=False))
    assert mail.text == "one\n\ntwo"
    assert any("incomplete" in defect for defect in mail.defects)


def test_a_mail_without_header_is_shown_as_text() -> None:
    mail = parse(b"no header at all\nonly words")
    assert mail.text == "no header at all\nonly words"
    assert mail.sender == Address("")


def test_bad_base64_is_read_as_far_as_it_goes() -> None:
    field = b"Content-Transfer-Encoding: base64\r\n"
    assert parse(plain(b"aGVsbG8gd29ybGQ", fields=field)).text == "hello world"
    assert parse(plain(b"aGVs*bG8g\nd29ybGQ=A", fields=field)).text == "hello world"


def test_flowed_text_is_joined() -> None:
    body = b"This is a \r\nlong line\r\n> quoted \r\n> line\r\n-- \r\n From the top"
    fields = b"Content-Type: text/plain; format=flowed\r\n"
    assert parse(plain(body, fields=fields)).text == "This is a long line\n> quoted line\n-- \nFrom the top"
    mail = parse(
        plain(
            b"\xe6\x97\xa5 \r\n\xe6\x9c\xac",
            fields=b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n",
        )
    )
    assert mail.text == "日本"


def test_html_alone_is_sanitised_and_gives_the_text() -> None:
    mail = parse(plain(b"<p>Hello</p><script>x()</script><p>you</p>", fields=b"Content-Type: text/html\r\n"))
    assert mail.html == "<p>Hello</p><p>you</p>"
    assert mail.text.split() == ["Hello", "you"]


def test_text_around_html_is_shown_in_both() -> None:
    parts = (part("text/plain", b"one"), part("text/html", b"<b>two</b>"), part("text/plain", b"three"))
    mail = parse(HEAD + multipart(*parts))
    assert mail.text.split() == ["one", "two", "three"]
    assert "<b>two</b>" in mail.html
    assert "one" in mail.html
    assert "three" in mail.html


def test_files_of_every_kind_are_kept() -> None:
    parts = [
        part("text/plain", b"see files"),
        part("message/rfc822", b"Subject: =?utf-8?q?Alt=C3=A9?=\r\n\r\nold words"),
        part("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR"),
        part("application/pdf", b"pdf"),
        part("application/ms-tnef", b"tnef"),
        part("text/plain; name=notes.txt", b"notes"),
        part("image/png", b"png", "Content-ID: <logo@x>", 'Content-Disposition: inline; filename="logo.png"'),
        part(
            "application/pdf", b"x", "Content-Disposition: attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9.pdf"
        ),
        part("application/pdf", b"x", 'Content-Disposition: attachment; filename="=?utf-8?b?Y2Fmw6kucGRm?="'),
        part("application/pdf", b"x", 'Content-Disposition: attachment; filename="../../etc/pass\u202efdp.exe"'),
        part("application/pdf", b"x", "Content-Disposition: attachment; filename=" + "n" * 500 + ".pdf"),
    ]
    mail = parse(HEAD + multipart(*parts))
    assert mail.text == "see files"
    assert [file.name for file in mail.files] == [
        *["Alté.eml", "attachment-2.ics", "attachment-3.pdf", "winmail.dat", "notes.txt", "logo.png", "café.pdf"],
        *["café.pdf", "pass fdp.exe", "n" * 130 + ".pdf"],
    ]
    assert mail.files[0].content.endswith(b"old words")
    assert mail.files[0].content_type == "message/rfc822"
    assert mail.files[5].content_id == "logo@x"


def test_text_over_a_megabyte_is_cut_and_the_mail_says_so() -> None:
    mail = parse(plain("é".encode() * 1_500_000))
    assert mail.text == "é" * 1_000_000
    assert any("longer than 1,000,000" in defect for defect in mail.defects)


def test_of_repeated_fields_the_first_counts() -> None:
    mail = parse(plain(b"words", fields=b"Subject: Other\r\nFrom: omar@other.test\r\n"))
    assert (mail.sender.email, mail.subject) == ("amara@example.org", "Hello")
    assert sum("more than one" in defect for defect in mail.defects) == 2


@pytest.mark.parametrize(
    ("field", "sender"),
    [
        (b"Amara Okafor <amara@example.org>", Address("amara@example.org", "Amara Okafor")),
        (b'"Okafor, Amara" <amara@example.org>', Address("amara@example.org", "Okafor, Amara")),
        (b"=?utf-8?q?=C3=81mara?= <amara@example.org>", Address("amara@example.org", "Ámara")),
        ("Ámara <amara@example.org>".encode(), Address("amara@example.org", "Ámara")),
        (b"amara@example.org (Amara)", Address("amara@example.org", "Amara")),
        (b"=?utf-8?q?Amara_=3Camara=40example=2Eorg=3E?=", Address("amara@example.org")),
        (b"Amara <<amara@example.org>", Address("amara@example.org")),
        (b"nobody at all", Address("")),
        (b"", Address("")),
    ],
)
def test_the_sender_is_found_in_what_people_send(field: bytes, sender: Address) -> None:
    assert parse(b"From: " + field + b"\r\n\r\nx").sender == sender


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 1 May 1899 10:00:00 +1400", "Mon, 99 May 2026 10:00:00", "1 " * 90]
)
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    mail = parse(plain(b"x", fields=f"Date: {date}\r\n".encode()))
    assert mail.date is None
    assert "The mail has no date that can be read." in mail.defects


@pytest.mark.parametrize(
    ("fields", "envelope_from", "expected"),
    [
        (b"", None, ""),
        (b"", "amara@example.org", ""),
        (b"", "", "null return path"),
        (b"Auto-Submitted: auto-replied; owner=x\r\n", None, "Auto-Submitted: auto-replied"),
        (b"Auto-Submitted: no\r\n", None, ""),
        (b"X-Autoreply: yes\r\n", None, "X-Autoreply"),
        (b"X-Autorespond: Out of office\r\n", None, "X-Autorespond"),
        (b"X-Autoreply: no\r\n", None, ""),
        (b"Precedence: auto_reply\r\n", None, "Precedence: auto_reply"),
        (b"Precedence: Bulk\r\n", None, "Precedence: bulk"),
        (b"Precedence: junk\r\n", None, "Precedence: junk"),
        (b"Precedence: list\r\n", None, "Precedence: list"),
        (b"Precedence: first-class\r\n", None, ""),
        (b"X-Auto-Response-Suppress: All\r\n", None, ""),
        (
            b'Content-Type: multipart/report; report-type="delivery-status"; boundary=b\r\n',
            "",
            "delivery status notification",
        ),
        (b"Content-Type: multipart/report; report-type=disposition-notification\r\n", None, "read receipt"),
    ],
)
def test_machine_made_mail_is_named(fields: bytes, envelope_from: str | None, expected: str) -> None:
    assert parse(plain(b"x", fields=fields), envelope_from=envelope_from).automatic == expected


def test_a_delivery_report_shows_its_words_and_keeps_its_parts() -> None:
    parts = (
        part("text/plain", b"could not be delivered"),
        part("message/delivery-status", b"Action: failed"),
        part("text/rfc822-headers", b"Subject: x"),
    )
    mail = parse(HEAD + multipart(*parts, subtype="report; report-type=delivery-status"))
    assert (mail.text, mail.automatic) == ("could not be delivered", "delivery status notification")
    assert [file.name for file in mail.files] == ["delivery-status.txt", "headers.txt"]


def test_line_ends_of_every_kind_are_read() -> None:
    raw = HEAD + b"Content-Type: text/plain\r\n\r\none\r\ntwo"
    assert {parse(raw.replace(b"\r\n", end)).text for end in (b"\r\n", b"\n", b"\r")} == {"one\ntwo"}
