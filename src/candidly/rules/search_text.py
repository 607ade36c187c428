"""The text that the candidates list searches, and the words it is searched for: both folded the same way."""

import unicodedata
from collections.abc import Iterable

import phonenumbers

from candidly.models import Person

# Letters whose stroke or ligature Unicode does not take apart.
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


class _Bare(dict[int, int | str | None]):
    """For str.translate: letters as they are, without strokes, and no accents."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = None if unicodedata.combining(chr(code)) else _STROKES.get(code, code)
        return self[code]


_BARE = _Bare()


def search_text(person: Person, openings: Iterable[str], tags: Iterable[str]) -> str:
    """Names, addresses, phone, company, openings and tags of a person, folded; for `PersonSearch.text`."""
    parts = [
        f"{person.first_name} {person.last_name}",
        *person.emails,
        *_phone_forms(person.phone),
        person.company,
        person.job_title,
        *openings,
        *tags,
    ]
    return " \n".join(fold(part) for part in parts if part)


def search_words(query: str) -> list[str]:
    """What a person typed, as the folded words that must all occur in the text."""
    return [bare for word in fold(query).split() if (bare := word.strip("+()\"'"))]


def fold(text: str) -> str:
    """Lower case without accents: Siobhán and SIOBHAN fold alike; vowel signs of other scripts stay."""
    text = text.replace("\x00", "")
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).casefold().translate(_BARE)


def _phone_forms(phone: str) -> list[str]:
    """The digits as stored (E.164) and as dialled at home, so that both +44 7700 … and 07700 … are found."""
    if not phone:
        return []
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return [_digits(phone)]
    return [_digits(phone), _digits(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))]


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
