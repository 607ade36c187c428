"""A mail made ready for the wire."""

from typing import NamedTuple

from candidly.channels.smtp.replies import Parties
from candidly.envelope import Outgoing
from candidly.mail.addresses import domain_of, to_ascii
from candidly.mail.compose import compose


class Parcel(NamedTuple):
    """`commands` are MAIL, RCPT and DATA; `content` is transparent and ends with the final dot."""

    message: Outgoing
    commands: tuple[bytes, bytes, bytes]
    content: bytes

    def parties(self, gateway: str) -> Parties:
        return Parties(gateway, domain_of(self.message.recipient.email))


def pack(message: Outgoing) -> Parcel:
    """Raises PermanentFailure when the mail cannot be written or addressed."""
    sender = to_ascii(message.return_path or message.sender.email).encode()
    recipient = to_ascii(message.recipient.email).encode()
    commands = b"MAIL FROM:<%b>\r\n" % sender, b"RCPT TO:<%b>\r\n" % recipient, b"DATA\r\n"
    return Parcel(message, commands, transparent(compose(message)))


def transparent(content: bytes) -> bytes:
    """RFC 5321, 4.5.2: leading dots doubled, and the final dot on a line of its own."""
    if b"\n." in content:
        content = content.replace(b"\n.", b"\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
