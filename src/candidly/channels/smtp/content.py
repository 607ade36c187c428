"""The content of an incoming mail, out of packets cut anywhere (RFC 5321, 4.1.1.4 and 4.5.2)."""

_LINE_END = b"\r\n"
_END = b"\r\n.\r\n"  # and nothing else: whoever takes less for the end lets mails be smuggled past the server before


class IncomingContent:
    """Takes packets until the line with nothing but a dot, and never holds much more than `max_bytes`.

    What grows larger is read to its end, where the sender listens for an answer, but not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray(_LINE_END)  # the one behind DATA: the dot may come at once
        self.too_large = False

    def feed(self, packet: bytes) -> bytes | None:
        """What follows the content in this packet; None while its end is still to come."""
        searched = max(0, len(self._held) - len(_END) + 1)
        self._held += packet
        end = self._held.find(_END, searched)
        size = end if end >= 0 else len(self._held) - len(_LINE_END + b".\r")  # of an end that may be on its way
        self.too_large |= size > self._max_bytes
        if end >= 0:
            behind = bytes(self._held[end + len(_END) :])
            del self._held[end + len(_LINE_END) :]
            return behind
        if self.too_large:
            del self._held[: 1 - len(_END)]
        return None

    def take(self) -> bytes:
        """The whole content, without the dots that were added for the way. It is not kept here: it may be large."""
        held, self._held = self._held, bytearray()
        held = held.replace(_LINE_END + b".", _LINE_END)
        del held[: len(_LINE_END)]
        return bytes(held)
