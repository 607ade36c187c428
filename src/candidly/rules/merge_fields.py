"""Merge fields: `{{first_name}}`, `{{opening_name|your application}}`. Names and defaults, and nothing else.

A text is compiled once and rendered for many people. A value is only ever inserted, never read for fields
again, so that nothing a candidate types can be expanded.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from html import escape, unescape

from candidly.models import Application, CustomField, Member, Opening, Person

#: Every field there is, with the words that the menu shows; `custom.<key>` comes on top.
FIELDS = {
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Full name",
    "opening_name": "Opening",
    "opening_location": "Location of the opening",
    "sender_name": "My name",
    "sender_first_name": "My first name",
    "sender_signature": "My signature",
    "organization_name": "Organization",
    "agency": "Agency",
}
#: These have a value in the mailings of a campaign alone.
RESPONSE_LINKS = {"accept_link": "Link to accept", "decline_link": "Link to decline"}
CUSTOM = "custom."

_FIELD = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[a-z_]+|custom\.\w[\w -]*")
_STRAY = re.compile(r"\{\{\s{0,8}[\w.]{0,60}|\{?[\w.]{0,60}\s{0,8}\}\}")
_IN_LINK = re.compile(r"href\s*=\s*[\"']?\s*\Z", re.IGNORECASE)
_LINK = re.compile(r"\s*(https?://|mailto:)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One `{{name|default}}` of a text. `default` is None where none was written; an empty one means "nothing".

    `in_link`: the value becomes the start of a link's address, where only web and mail addresses are let in.
    """

    raw: str
    name: str
    default: str | None
    in_link: bool

    def value(self, values: Mapping[str, str]) -> str | None:
        """The person's value or the author's default; None where there is neither."""
        value = values.get(self.name, "")
        return value if value.strip() else self.default

    def render(self, values: Mapping[str, str], html: bool) -> str:
        value = self.value(values) or ""
        return self._as_html(value, is_default=value is self.default) if html else value

    def _as_html(self, value: str, is_default: bool) -> str:
        # A default stands in HTML source, where "R&D" is written "R&amp;D": read it as such before escaping.
        value = unescape(value) if is_default else value
        if self.in_link:
            return escape(value) if _LINK.match(value) else ""
        return escape(value).replace("\n", "<br>\n")


@dataclass(frozen=True, slots=True)
class MergeText:
    """A compiled text: literal strings and fields in turn, and the pieces that look like fields but are none."""

    pieces: tuple[str | Field, ...]
    malformed: tuple[str, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Field))

    @property
    def names(self) -> tuple[str, ...]:
        """Each field's name once, in the order of the text."""
        return tuple(dict.fromkeys(field.name for field in self.fields))

    def unknown(self, custom_keys: Collection[str]) -> list[str]:
        """Names that are no field; `custom_keys` are the organization's own ones, without `custom.`."""
        known = _known(custom_keys)
        return [name for name in self.names if name not in known]

    def problems(self, custom_keys: Collection[str], *, in_campaign: bool = True) -> list[str]:
        """Why this text must not be saved or sent: one sentence each, empty when all is well."""
        known = _known(custom_keys)
        alone = [] if in_campaign else [name for name in self.names if name in RESPONSE_LINKS]
        unknown = [f"Unknown field {_braced(name)}.{_hint(name, known)}" for name in self.unknown(custom_keys)]
        unknown += [f"{_braced(name)} works only in the e-mails of a campaign. Take it out." for name in alone]
        return unknown + [_malformed_sentence(raw, known) for raw in dict.fromkeys(self.malformed)]

    def empty(self, values: Mapping[str, str]) -> list[str]:
        """Names for which this person has no value and the author wrote no default."""
        return list(dict.fromkeys(field.name for field in self.fields if field.value(values) is None))

    def render(self, values: Mapping[str, str], html: bool = False) -> str:
        """The text for one person. With `html`, values and defaults are escaped; the text around them is HTML."""
        return "".join(piece if isinstance(piece, str) else piece.render(values, html) for piece in self.pieces)

    def render_header(self, values: Mapping[str, str]) -> str:
        """The text for one person as one line: control characters, CR and LF among them, become a space."""
        return _CONTROL.sub(" ", self.render(values)).strip()


@lru_cache(maxsize=256)
def compile_text(text: str) -> MergeText:
    """Read the fields of `text`. Never fails: what cannot be read is kept as text and told by `problems`."""
    pieces: list[str | Field] = []
    malformed: list[str] = []
    for piece in _pieces(text):
        pieces.append(piece)
        if isinstance(piece, str):
            malformed += _malformed(piece)
    return MergeText(tuple(pieces), tuple(malformed))


def _pieces(text: str) -> Iterator[str | Field]:
    literal_from = 0
    for match in _FIELD.finditer(text):
        name, bar, default = (part.strip() for part in match[1].partition("|"))
        if not _NAME.fullmatch(name):
            continue
        if literal := text[literal_from : match.start()]:
            yield literal
        in_link = bool(_IN_LINK.search(text[max(0, match.start() - 20) : match.start()]))
        yield Field(match[0], name, default if bar else None, in_link)
        literal_from = match.end()
    if literal := text[literal_from:]:
        yield literal


def _malformed(literal: str) -> list[str]:
    """What is left in a literal that was surely meant as a field: `{{first name}}`, `{{}}`, `{{first_name`."""
    whole = [match[0] for match in _FIELD.finditer(literal)]
    return whole + [match[0] for match in _STRAY.finditer(_FIELD.sub(" ", literal))]


def _malformed_sentence(raw: str, known: Collection[str]) -> str:
    inner = raw.strip("{} ").partition("|")[0].strip()
    if not inner:
        return f"{raw} names no field. Choose one from the Merge field menu, such as {_braced('first_name')}."
    if raw.startswith("{{") and raw.endswith("}}"):
        return f"{raw} is not a merge field.{_hint(inner, known)}"
    return f"{raw} needs two braces on either side.{_hint(inner, known)}"


def _hint(name: str, known: Collection[str]) -> str:
    wanted = re.sub(r"[\s-]+", "_", name.strip().lower())
    close = get_close_matches(wanted, known, n=1) or get_close_matches(name, known, n=1)
    if close:
        return f" Did you mean {_braced(close[0])}?"
    return " Choose one from the Merge field menu."


def _known(custom_keys: Collection[str]) -> list[str]:
    return [*FIELDS, *RESPONSE_LINKS, *(CUSTOM + key for key in custom_keys)]


def _braced(name: str) -> str:
    return "{{" + name + "}}"


def values_for(person: Person, application: Application | None, sender: Member) -> dict[str, str]:
    """Every field's value for one person. The caller loads `application.opening`, `sender.user` and
    `sender.organization` along, so that this asks the database nothing."""
    return {**sender_values(sender), **person_values(person, application.opening if application else None)}


def sender_values(sender: Member) -> dict[str, str]:
    """The part of `values_for` that is the same for all of a mailing."""
    return {
        "sender_name": sender.name,
        "sender_first_name": sender.name.partition(" ")[0],
        "sender_signature": sender.signature,
        "organization_name": sender.organization.name,
    }


def person_values(person: Person, opening: Opening | None) -> dict[str, str]:
    """The part of `values_for` that differs from person to person."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "full_name": f"{person.first_name} {person.last_name}".strip(),
        "opening_name": opening.title if opening else "",
        "opening_location": opening.location if opening else "",
        "agency": person.source,
        **{CUSTOM + key: "" if value is None else str(value) for key, value in person.custom_fields.items()},
    }


def custom_keys(organization_id: int) -> list[str]:
    """The organization's own fields."""
    found = CustomField.objects.filter(organization=organization_id)
    return sorted(found.values_list("key", flat=True))
