"""A text as one real person would get it, with what is missing or unknown marked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from candidly.actions.fan_out import Content
from candidly.actions.merge_html import sanitized
from candidly.models import Application, Mailing, Member, Person
from candidly.rules import portal_links
from candidly.rules.addressing import kind_of
from candidly.rules.channels import chosen
from candidly.rules.merge_fields import (
    CUSTOM,
    FIELDS,
    RESPONSE_LINKS,
    Field,
    MergeText,
    compile_text,
    custom_keys,
    values_for,
)
from candidly.rules.preflight import USUALLY_OUT, told
from candidly.rules.response_links import links_of
from candidly.rules.subjects import first_subject
from candidly.rules.texting import said


@dataclass(frozen=True)
class Preview:
    """`addresses` are those where it would go, by channel. `reason` says why this person would be left out; it is empty
    when they would get the message, and while the text cannot be sent at all. `text_message` is what a text message
    says of it, empty where none goes.

    `body` is safe to show in the page; where `is_html`, it is a document for a sandboxed frame instead, and `plain`
    is what readers of plain text get.
    """

    person: Person
    sender: Member
    subject: SafeString
    body: SafeString
    plain: SafeString
    is_html: bool
    addresses: Mapping[str, str]
    reason: str
    text_message: str

    @property
    def address(self) -> str:
        """Where it goes, in one line; empty for nowhere."""
        return ", ".join(filter(None, self.addresses.values()))

    @property
    def address_kind(self) -> str:
        """Private or work, where the person has both kinds of address."""
        return kind_of(self.person, self.addresses.get("email", "")).lower() if len(self.person.emails) > 1 else ""


@dataclass(frozen=True)
class Text:
    """What is being written, whether or not it may be sent yet."""

    member: Member
    subject: str
    body: str
    is_html: bool = False
    channels: Sequence[str] = ("email",)
    left_out: tuple[str, ...] = USUALLY_OUT
    in_campaign: bool = True

    @property
    def compiled(self) -> tuple[MergeText, MergeText]:
        return compile_text(self.subject), compile_text(self.body)

    @cached_property
    def custom_keys(self) -> list[str]:
        return custom_keys(self.member.organization_id)

    @cached_property
    def content(self) -> Content:
        """As the fan-out would have it, were this sent."""
        body = sanitized(self.body) if self.is_html else self.body
        needs_subject = any(channel.has_subject for channel in chosen(self.channels))
        subject = self.subject if needs_subject else first_subject(self.subject, self.member.organization)
        mailing = Mailing(
            sender=self.member,
            subject=subject,
            body=body,
            is_html=self.is_html,
            channels=list(self.channels),
            left_out=list(self.left_out),
        )
        return Content.of(mailing, [])

    def problems(self) -> dict[str, list[str]]:
        """Sentences about merge fields, by form field."""
        keys = self.custom_keys
        found = {
            name: text.problems(keys, in_campaign=self.in_campaign)
            for name, text in zip(("subject", "body"), self.compiled, strict=True)
        }
        return {field: problems for field, problems in found.items() if problems}

    @property
    def unknown(self) -> list[str]:
        """Names in the message that are no field."""
        return self.compiled[1].unknown(self.custom_keys)

    def preview(self, person: Person, application: Application | None) -> Preview:
        """For a person with what rules.preflight says of them: `used_address`, `used_phone` and the `obstacle` for
        which they would be left out."""
        values = values_for(person, application, self.member) | links_of(None)
        known = {*FIELDS, *RESPONSE_LINKS, *(CUSTOM + key for key in self.custom_keys)}
        content = self.content
        plain = _paragraphs(content.text, values, known)
        found = {way.name: getattr(person, f"used_{way.frozen_in}", way.address(person)) for way in content.ways}
        closed = content.problems(found)
        addresses = {name: found[name] for name, problem in closed.items() if not problem}
        obstacle = getattr(person, "obstacle", "")
        return Preview(
            person=person,
            sender=self.member,
            subject=marked(content.subject, values, known),
            body=marked_html(content.body, values, known) if self.is_html else plain,
            plain=plain,
            is_html=self.is_html,
            addresses=addresses,
            reason="" if self.problems() else content.reason_to_skip(closed, values) or told(obstacle),
            text_message=self._text_message(values, addresses),
        )

    def _text_message(self, values: Mapping[str, str], addresses: Mapping[str, str]) -> str:
        if "sms" not in addresses or not self.body.strip() or self.problems():
            return ""
        link = portal_links.address_of(portal_links.ANY_SEED)
        return said(self.content.text.render(values), link, is_alone=len(addresses) == 1)


def marked(text: MergeText, values: Mapping[str, str], known: Collection[str]) -> SafeString:
    """Plain text as HTML: values filled in, fields without a value or without a meaning marked."""
    pieces = [
        escape(piece) if isinstance(piece, str) else _mark(piece, values, known) or escape(piece.value(values) or "")
        for piece in text.pieces
    ]
    return mark_safe("".join(pieces))  # noqa: S308  each piece is escaped or made by format_html


def marked_html(text: MergeText, values: Mapping[str, str], known: Collection[str]) -> SafeString:
    """HTML with values filled in and the same marks, except inside a tag, where a mark would break it."""
    shown: list[str] = []
    is_in_tag = False
    for piece in text.pieces:
        if isinstance(piece, str):
            is_in_tag = piece.rfind("<") > piece.rfind(">") or (is_in_tag and ">" not in piece)
            shown.append(piece)
        else:
            mark = None if is_in_tag else _mark(piece, values, known)
            shown.append(mark or piece.render(values, html=True))
    return mark_safe("".join(shown))  # noqa: S308  the text around the fields is sanitised, the values are escaped


def _paragraphs(text: MergeText, values: Mapping[str, str], known: Collection[str]) -> SafeString:
    if not text.pieces:
        return mark_safe("")
    return mark_safe(linebreaks(marked(text, values, known)))  # noqa: S308  as safe as what it parts into paragraphs


def _mark(field: Field, values: Mapping[str, str], known: Collection[str]) -> SafeString | None:
    """The field itself where it cannot be filled in; None where it can."""
    if field.name not in known:
        return format_html('<span class="merge-field" aria-invalid="true">{}</span>', field.raw)
    if field.value(values) is None:
        return format_html('<span class="merge-field" data-empty title="No value for this person">{}</span>', field.raw)
    return None
