"""A text message as its provider hands it in: a form (https://www.twilio.com/docs/messaging/guides/webhook-request)."""

from urllib.parse import parse_qsl

from candidly.envelope import Address, Incoming, IncomingText
from candidly.mail.decoding import clean

PICTURES = "({number} came with this text. Candidly cannot show it: ask for it by e-mail.)"


def read_form(raw: bytes) -> IncomingText:
    """Never raises: what is missing is empty."""
    said = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    pictures = said.get("NumMedia", "")
    return IncomingText(
        external_id=clean(said.get("MessageSid", "")),
        sender=clean(said.get("From", "")),
        recipient=clean(said.get("To", "")),
        text=clean(said.get("Body", "")),
        pictures=int(pictures) if pictures.isascii() and pictures.isdigit() and len(pictures) < 4 else 0,
        answered=clean(said.get("OptOutType", "")).upper(),
    )


def as_incoming(text: IncomingText) -> Incoming:
    """In the form in which all that comes in is filed."""
    words = text.text
    if text.pictures:
        number = "A picture" if text.pictures == 1 else f"{text.pictures} pictures"
        words = f"{words}\n\n{PICTURES.format(number=number)}".strip()
    return Incoming(
        sender=Address(text.sender),
        recipients=(Address(text.recipient),),
        subject="",
        text=words,
        html="",
        reply=words,
        quoted="",
        message_id="",
        in_reply_to="",
        references=(),
        date=None,
        automatic="",
        channel="sms",
    )
