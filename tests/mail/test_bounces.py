"""What mail systems send back, read: for each program a mail in its own style."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.mail.bounces import Kind, read
from candidly.mail.status_codes import meant_by

MAILS = Path(__file__).parent / "bounces"
HARD, SOFT, LATE = Kind.HARD, Kind.SOFT, Kind.DELAYED

NO_BOX = "says there is no such mailbox"
NO_DOMAIN = "There is no mail domain"
FULL = "says the mailbox is full"
NOT_YET = "has not taken the mail yet"
A, CLINIC, NOWHERE = "amara@mail.example", "amara@clinic.example", "amara@no-such.example"

REPORTS = {
    "postfix-unknown": (A, HARD, NO_BOX),
    "postfix-words": (A, HARD, NO_BOX),
    "postfix-full": (A, SOFT, FULL),
    "postfix-delayed": (A, LATE, NOT_YET),
    "postfix-expired": (A, SOFT, "did not take the mail in time"),
    "postfix-no-domain": (NOWHERE, HARD, NO_DOMAIN),
    "gmail-not-found": ("amara@gmail.example", HARD, NO_BOX),
    "gmail-old-words": (A, HARD, NO_BOX),
    "gmail-delayed": (A, LATE, NOT_YET),
    "gmail-policy": (A, SOFT, "could not authenticate our mail"),
    "exchange-online-unknown": (CLINIC, HARD, NO_BOX),
    "exchange-online-denied": (CLINIC, HARD, NO_BOX),
    "exchange-2003": (CLINIC, HARD, NO_BOX),
    "exchange-2013-words": (CLINIC, HARD, NO_BOX),
    "outlook-com-blocked": ("amara@hotmail.example", SOFT, "refuses the mail by its own rules"),
    "sendmail-unknown": (A, HARD, NO_BOX),
    "sendmail-words": (A, HARD, NO_BOX),
    "sendmail-warning": (A, LATE, NOT_YET),
    "qmail-unknown": (A, HARD, NO_BOX),
    "qmail-full": (A, SOFT, FULL),
    "exim-unknown": (A, HARD, NO_BOX),
    "exim-unrouteable": (NOWHERE, HARD, NO_BOX),
    "exim-delayed": (A, LATE, NOT_YET),
    "yahoo-no-account": ("amara@yahoo.example", HARD, NO_BOX),
    "aol-full": ("amara@aol.example", SOFT, FULL),
    "vague-disabled": (A, HARD, "says the mailbox is switched off"),
    "arf-abuse": (A, Kind.COMPLAINT, "marked one of our mails as spam"),
}
NO_REPORTS = {
    *("postfix-delivered", "arf-not-spam", "read-receipt", "vacation", "challenge", "question-about-a-bounce"),
}


#: These send nothing of the mail back.
NAMELESS = {"exim-delayed", "exchange-2003", "sendmail-warning"}


def raw_of(name: str) -> bytes:
    return (MAILS / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize(("name", "expected"), REPORTS.items(), ids=str)
def test_each_programs_report_is_understood(name: str, expected: tuple[str, Kind, str]) -> None:
    report = read(raw_of(name))
    assert report
    assert (report.recipient, report.kind) == expected[:2]
    assert expected[2] in report.reason
    assert report.recipient.rpartition("@")[2] in report.reason or report.kind == Kind.COMPLAINT
    assert "{" not in report.reason


@pytest.mark.parametrize("name", sorted(NO_REPORTS))
def test_what_is_no_bounce_is_taken_for_none(name: str) -> None:
    assert read(raw_of(name)) is None


def test_every_mail_in_the_folder_is_looked_at() -> None:
    assert {path.stem for path in MAILS.glob("*.eml")} == REPORTS.keys() | NO_REPORTS


@pytest.mark.parametrize(
    "name", [name for name in REPORTS if name not in ("exim-delayed", "exchange-2003", "sendmail-warning")]
)
def test_the_mail_that_came_back_is_named(name: str) -> None:
    report = read(raw_of(name))
    assert report
    assert report.message_ids == ("<abc123@reply.example>",)


def test_a_complaint_tells_the_return_path_of_the_mail() -> None:
    report = read(raw_of("arf-abuse"))
    assert report
    assert report.return_path == "b.1z-aaaa@reply.example"


def test_the_answer_is_kept_in_the_servers_own_words() -> None:
    report = read(raw_of("postfix-full"))
    assert report
    assert report.said == "552 5.2.2 <amara@mail.example>: Mailbox is full / quota exceeded"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("550 No such user here", "1.1"),
        ("550 user unknown", "1.1"),
        ("The mailbox does not exist", "1.1"),
        ("552 over quota", "2.2"),
        ("554 Message rejected as spam", "7.1"),
        ("550 blocked by our policy: unknown user of the list", "7.1"),
        ("Host not found", "1.2"),
        ("account disabled", "2.1"),
        ("hello", ""),
    ],
)
def test_words_without_a_code_are_understood(said: str, code: str) -> None:
    assert meant_by(said) == code


@given(st.binary(max_size=2000))
def test_any_octets_are_read_without_an_error(raw: bytes) -> None:
    read(raw)


@given(st.data())
def test_a_report_that_was_cut_or_damaged_is_read_without_an_error(data: st.DataObject) -> None:
    raw = raw_of(data.draw(st.sampled_from(sorted(REPORTS))))
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    read(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:])
