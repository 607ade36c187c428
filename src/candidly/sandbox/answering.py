"""Answering as the person who got the mail would, from a mail program of their own.

It stands for a foreign program, so the answer is built by the standard library and handed in by SMTP: nothing here
knows how Candidly itself writes or reads mail.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from candidly.envelope import Address, Incoming

_SECONDS = 30
_NEWEST_REFERENCES = 20
_QUOTED_WITHIN = 20_000
# Long lines, because the standard library would encode the ids of a folded References, and threads would break.
_UNFOLDED = SMTP.clone(max_line_length=990)

TAKEN = "Sent. The inbound mail server took it."
LATER = "Not taken now. A mail program would try again later, and so can you."
REFUSED = "Refused for good. The sender's mail program would say that it could not be delivered."
AWAY = "The inbound mail server does not answer at {place}. Start it with “candidly inbound”, then send again."


@dataclass(frozen=True)
class Answer:
    """What the form says. `text` holds the quoted original too; `automatic` makes it an out-of-office reply."""

    sender: Address
    to: Address
    subject: str
    text: str
    automatic: bool = False
    file: "UploadedFile[bytes] | None" = None


@dataclass(frozen=True)
class Outcome:
    """What became of an answer: `sentence` in plain words, `reply` as the server said it."""

    taken: bool
    sentence: str
    reply: str = ""


def subject_for(original: Incoming) -> str:
    """The subject of an answer, with one "Re:"."""
    has_prefix = original.subject.lower().startswith("re:")
    return original.subject if has_prefix else f"Re: {original.subject}".strip()


def quoted(original: Incoming) -> str:
    """The original as mail programs quote it: who wrote when, then every line behind a "> "."""
    date = timezone.localtime(original.date or timezone.now())
    who = f"{original.sender.name} <{original.sender.email}>".strip()
    lines = original.text[:_QUOTED_WITHIN].rstrip().splitlines()
    return "\n".join(
        [f"On {date:%a}, {date.day} {date:%b %Y} at {date:%H:%M}, {who} wrote:", *(f"> {line}" for line in lines)]
    )


def build(answer: Answer, original: Incoming) -> EmailMessage:
    """The answer as a mail, tied to the original by In-Reply-To and References (RFC 5322, 3.6.4)."""
    message = EmailMessage(policy=_UNFOLDED)
    message["From"] = _mailbox(answer.sender)
    message["To"] = _mailbox(answer.to)
    message["Subject"] = " ".join(answer.subject.split())
    message["Date"] = format_datetime(timezone.localtime())
    message["Message-ID"] = make_msgid(domain="mail-program.localhost")
    if original.message_id:
        message["In-Reply-To"] = original.message_id
        message["References"] = " ".join([*original.references[-_NEWEST_REFERENCES:], original.message_id])
    if answer.automatic:
        message["Auto-Submitted"] = "auto-replied"  # RFC 3834
    message.set_content(answer.text, cte="quoted-printable")
    if answer.file:
        _attach(message, answer.file)
    return message


def _mailbox(address: Address) -> str:
    return formataddr((" ".join(address.name.split()), address.email))


def _attach(message: EmailMessage, file: "UploadedFile[bytes]") -> None:
    main, _, sub = (file.content_type or "").partition("/")
    if not sub or main in ("multipart", "message", "text"):  # a text file keeps its bytes as they are
        main, sub = "application", "octet-stream"
    message.add_attachment(file.read(), maintype=main, subtype=sub, filename=file.name or "file")


def hand_in(message: EmailMessage, answer: Answer, host: str, port: int) -> Outcome:
    """Hands the mail to the server at `host`:`port` and says what it answered. Raises nothing of SMTP's own."""
    envelope_from = (
        "" if answer.automatic else answer.sender.email
    )  # an automatic reply must not bounce (RFC 3834, 3.3)
    try:
        with smtplib.SMTP(host, port, timeout=_SECONDS) as server:
            server.ehlo()
            return _spoken(server, envelope_from, answer.to.email, message)
    except smtplib.SMTPResponseException as error:
        return _outcome(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException):
        return Outcome(False, AWAY.format(place=f"{host}:{port}"))


def _spoken(server: smtplib.SMTP, envelope_from: str, recipient: str, message: EmailMessage) -> Outcome:
    """The transaction, step by step, up to the first step that is refused."""
    is_ascii = (envelope_from + recipient).isascii()
    policy = _UNFOLDED if is_ascii else _UNFOLDED.clone(utf8=True)
    steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
        lambda: server.mail(envelope_from, [] if is_ascii else ["SMTPUTF8"]),
        lambda: server.rcpt(recipient),
        lambda: server.data(message.as_bytes(policy=policy)),
    )
    code, reply = 0, b""
    for step in steps:
        code, reply = step()
        if code >= 300:
            break
    return _outcome(code, reply)


def _outcome(code: int, reply: bytes | str) -> Outcome:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    sentence = TAKEN if code < 300 else LATER if code < 500 else REFUSED
    return Outcome(code < 300, sentence, f"{code} {text}")
