"""How many parts a text message is sent in, which is what it costs (3GPP TS 23.038, 23.040).

The composer counts the same in `segments.js`; the tests hold both against one table.
"""

from dataclasses import dataclass

#: GSM 03.38, the alphabet of text messages: one septet each, and, behind an escape, two.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")

#: How much fits into a single part, and into each of several: there a header takes its place.
SEPTETS = (160, 153)
UNITS = (70, 67)


@dataclass(frozen=True, slots=True)
class Segments:
    """`left`: how many more plain letters fit into the last part."""

    segments: int
    encoding: str
    left: int


def segments(text: str) -> Segments:
    """In how many parts `text` goes: "GSM-7" where its alphabet has every letter, otherwise "UCS-2"."""
    if all(letter in BASIC or letter in EXTENDED for letter in text):
        return _packed([2 if letter in EXTENDED else 1 for letter in text], "GSM-7", *SEPTETS)
    return _packed([2 if ord(letter) > 0xFFFF else 1 for letter in text], "UCS-2", *UNITS)


def _packed(sizes: list[int], encoding: str, single: int, each: int) -> Segments:
    """No letter is torn in two: one of two units that does not fit goes into the next part whole."""
    total = sum(sizes)
    if total <= single:
        return Segments(1 if total else 0, encoding, single - total)
    parts, room = 1, each
    for size in sizes:
        if size > room:
            parts, room = parts + 1, each
        room -= size
    return Segments(parts, encoding, room)
