"""What compose() writes, the standard library reads back: it is the oracle, never the writer."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from candidly.envelope import Address, File, Outgoing, PermanentFailure
from candidly.mail.compose import compose

ANY = st.characters(exclude_categories=["Cs"])
PEOPLE = st.one_of(
    st.sampled_from(
        [
            "Amara Okafor",
            "Kwame “KB” Boateng, PhD",
            'Hannah "Han" O\'Neill',
            "Priya (she/her)",
            "=?utf-8?q?not=20this?=",
            "محمد بن سلمان",
            "שרה לוי",
            "山田 太郎",
            "Zoë 🦊👩🏽\u200d💻",
            "a" * 300,
            "Ł" * 200,
            "back\\slash",
            "semi;colon <b@x>",
            "",
        ]
    ),
    st.text(ANY, max_size=120),
)
SUBJECTS = st.one_of(
    st.sampled_from(
        ["", "Re: Engineer", "x" * 1500, "=?utf-8?q?raw?=", "word " * 300, "日本語の件名" * 40, " two  spaces "]
    ),
    st.text(ANY, max_size=400),
)
BODIES = st.one_of(
    st.sampled_from(
        [
            ".",
            "..\n.\n.dot\r\n.\r",
            "a\rb\nc\r\nd",
            "x" * 5000,
            "日" * 2000,
            "--=_mixed\n--=_mixed--",
            "From me\n",
            "=3D=\n",
            "trailing space \n\ttab\t\n",
            "ü" * 60000,
            "Dear Amara, " * 5000,
            "",
        ]
    ),
    st.text(ANY, max_size=500),
    st.lists(st.sampled_from([".", "\r", "\n", "\r\n", "=", " ", "é", "word"]), max_size=60).map("".join),
)
NAMES = st.one_of(
    st.sampled_from(
        ["cv.pdf", 'quo"te.pdf', "résumé Amara.pdf", "履歴書" * 40 + ".pdf", "a;b=c'd%20.txt", "x" * 300, ""]
    ),
    st.text(ANY, max_size=60),
)
FILES = st.builds(
    File,
    name=NAMES,
    content_type=st.sampled_from(
        ["application/pdf", "image/png", "text/calendar; method=REQUEST", "message/rfc822", "?"]
    ),
    content=st.binary(max_size=300),
    content_id=st.sampled_from(["", "logo@candidly", "x y"]),
)
IDS = st.from_regex(r"<[a-zA-Z0-9!#.+_=-]{1,80}@[a-z0-9.-]{1,40}>", fullmatch=True)


def mail(**changes: object) -> Outgoing:
    values: dict[str, object] = {
        "delivery_id": 1,
        "sender": Address("hannah@acme.test", "Hannah Weiss"),
        "recipient": Address("amara@example.org", "Amara Okafor"),
        "subject": "Your application",
        "text": "Hello Amara",
        "message_id": "<m1@reply.acme.test>",
        "date": datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=1))),
    }
    return Outgoing(**(values | changes))  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def raw_header(raw: bytes, name: str) -> str:
    return str(message_from_bytes(raw, policy=policy.compat32)[name])


def one_line(text: str) -> str:
    return re.sub("[\r\n\0]", "", text).strip()


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def body_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return lines(part.get_payload(decode=True).decode("utf-8"))  # type: ignore[union-attr]


def assert_fit_for_the_wire(raw: bytes) -> None:
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@given(name=PEOPLE, sender=PEOPLE)
def test_names_in_any_script_come_back_as_they_were_written(name: str, sender: str) -> None:
    raw = compose(mail(recipient=Address("amara@example.org", name), sender=Address("h@acme.test", sender)))
    assert_fit_for_the_wire(raw)
    for field, address, expected in [("To", "amara@example.org", name), ("From", "h@acme.test", sender)]:
        phrase, email = parseaddr(re.sub(r"\r?\n", "", raw_header(raw, field)))
        assert email == address
        assert str(make_header(decode_header(phrase))) == one_line(expected) if phrase else not one_line(expected)
        assert [found.addr_spec for found in read(raw)[field].addresses] == [address]


@given(subject=SUBJECTS)
def test_subjects_come_back_as_they_were_written(subject: str) -> None:
    raw = compose(mail(subject=subject))
    assert_fit_for_the_wire(raw)
    assert str(make_header(decode_header(re.sub(r"\r?\n", "", raw_header(raw, "Subject"))))) == one_line(subject)
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, head)) <= 78
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?[^?]+\?[^?]*\?=", raw.partition(b"\r\n\r\n")[0]))


@settings(max_examples=60)
@given(text=BODIES, html=BODIES)
@example(text=".\r\n.", html="<p>.</p>\n.")
def test_text_and_html_come_back_with_every_dot_and_long_line(text: str, html: str) -> None:
    raw = compose(mail(text=text, html=html))
    assert_fit_for_the_wire(raw)
    message = read(raw)
    assert body_of(message, "plain") == lines(text)
    if html:
        assert message.get_content_type() == "multipart/alternative"
        assert body_of(message, "html") == lines(html)
    else:
        assert message.get_content_type() == "text/plain"


@settings(max_examples=60)
@given(files=st.lists(FILES, max_size=4).map(tuple), html=st.sampled_from(["", "<img src='cid:logo@candidly'>"]))
def test_files_come_back_whole_with_their_names(files: tuple[File, ...], html: str) -> None:
    raw = compose(mail(files=files, html=html))
    assert_fit_for_the_wire(raw)
    message = read(raw)
    found = [part for part in message.walk() if part.get_content_disposition()]
    expected = sorted(files, key=lambda file: not (html and file.content_id))
    assert [part.get_payload(decode=True) for part in found] == [file.content for file in expected]
    assert [part.get_filename() or "" for part in found] == [one_line(file.name) for file in expected]
    assert not any(part.defects for part in message.walk())


@given(parents=st.lists(IDS, max_size=60).map(tuple), own=IDS)
def test_ids_are_folded_at_white_space_and_never_encoded(parents: tuple[str, ...], own: str) -> None:
    raw = compose(mail(message_id=own, in_reply_to=own, references=parents))
    assert_fit_for_the_wire(raw)
    assert raw_header(raw, "Message-ID") == raw_header(raw, "In-Reply-To") == own
    assert raw_header(raw, "References").split() == (list(parents) or ["None"])
    assert b"=?" not in raw


def test_a_very_long_id_stays_whole_and_what_is_no_id_is_left_out() -> None:
    long = f"<{'a' * 800}@example.org>"
    raw = compose(mail(references=(long, "no brackets", "<two words>", "<x\r\nBcc: omar@other.test>", "<ünï@x>")))
    assert raw_header(raw, "References") == long
    assert_fit_for_the_wire(raw)


def test_the_structure_is_mixed_around_alternative_around_related() -> None:
    files = (File("logo.png", "image/png", b"png", "logo"), File("offer.pdf", "application/pdf", b"pdf"))
    message = read(compose(mail(html="<img src='cid:logo'>", files=files)))
    assert [part.get_content_type() for part in message.walk()] == [
        *["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"],
        "application/pdf",
    ]
    assert message.get_body(("related",)) is not None
    assert [part["Content-ID"] for part in message.walk() if part["Content-ID"]] == ["<logo>"]


def test_a_mail_is_attached_as_plain_octets_because_it_may_not_be_base64() -> None:
    (found,) = read(
        compose(mail(files=(File("old.eml", "message/rfc822", b"Subject: x\r\n\r\ny"),)))
    ).iter_attachments()
    assert (found.get_content_type(), found.get_filename()) == ("application/octet-stream", "old.eml")


def test_the_date_list_id_reply_to_and_extra_headers_are_written() -> None:
    reply_to = Address("r.abc@reply.acme.test", "Hannah Weiss")
    unsubscribe = f"<https://acme.test/u/{'x' * 200}>, <mailto:u@acme.test>"
    extra = {"List-Unsubscribe": unsubscribe, "Auto-Submitted": "auto-generated"}
    raw = compose(mail(reply_to=reply_to, list_id="team.acme.test", headers=extra))
    message = read(raw)
    assert parsedate_to_datetime(raw_header(raw, "Date")) == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert message["List-Id"] == "<team.acme.test>"
    assert message["Reply-To"].addresses[0].addr_spec == "r.abc@reply.acme.test"
    assert re.sub(r"\r\n", "", raw_header(raw, "List-Unsubscribe")) == unsubscribe
    assert message["Auto-Submitted"] == "auto-generated"
    assert "=?" not in raw.decode()


@pytest.mark.parametrize("field", ["subject", "name", "header", "file", "id", "list_id"])
def test_no_value_can_start_a_header_of_its_own(field: str) -> None:
    evil = "x\r\nBcc: omar@other.test\r\n\r\nbody\0"
    fields: dict[str, dict[str, object]] = {
        "subject": {"subject": evil},
        "name": {"recipient": Address("amara@example.org", evil)},
        "header": {"headers": {"X-Note": evil}},
        "file": {"files": (File(evil, evil, b"", evil),)},
        "id": {"message_id": f"<{evil}>", "in_reply_to": evil, "references": (evil,)},
        "list_id": {"list_id": evil},
    }
    message = read(compose(mail(**fields[field])))
    assert message["Bcc"] is None
    assert body_of(message, "plain") == "Hello Amara"


def test_a_domain_of_any_script_is_written_in_its_ascii_form() -> None:
    raw = compose(mail(recipient=Address("amara@bücher.example", "Amara")))
    assert read(raw)["To"].addresses[0].addr_spec == "amara@xn--bcher-kva.example"
    raw = compose(mail(recipient=Address("amara@straße.example", "Amara")))
    assert read(raw)["To"].addresses[0].domain == "xn--strae-oqa.example"


@pytest.mark.parametrize("email", ["amära@example.org", "no-at", "", "a b@example.org", "a@b@example.org", "a@-.org"])
def test_an_address_that_cannot_be_mailed_fails_for_good_with_a_plain_reason(email: str) -> None:
    with pytest.raises(PermanentFailure) as failure:
        compose(mail(recipient=Address(email, "Amara")))
    assert failure.value.reason.endswith(".")
    assert len(failure.value.reason) > 20


@pytest.mark.parametrize("name", ["Subject", "bcc", "Bad Name", "X:Y", "X\r\nBcc", ""])
def test_extra_headers_may_not_replace_those_of_the_message(name: str) -> None:
    with pytest.raises(PermanentFailure, match="may not be set"):
        compose(mail(headers={name: "x"}))


def test_lone_surrogates_do_not_stop_a_mail() -> None:
    raw = compose(mail(subject="a\ud800b", text="c\udfffd", recipient=Address("amara@example.org", "A\udc80")))
    assert_fit_for_the_wire(raw)
    assert body_of(read(raw), "plain") == "c?d"
