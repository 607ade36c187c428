"""What arrives, mail and texts: whether it has a place here, and kept whole before anybody says that it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from candidly.actions.errors import Refused
from candidly.mail.fingerprint import fingerprint
from candidly.mail.text_form import read_form
from candidly.models import Delivery, InboundMail, Organization, ReplyAddress
from candidly.models.bulk import insert_missing
from candidly.rules import mail_identity
from candidly.rules.agency_mail import agency_address_at, agency_address_of
from candidly.rules.returned import answers_to, delivery_at
from candidly.rules.text_matching import organization_of
from candidly.rules.unsubscribing import delivery_of

DOOR = "smtp"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it was handed in. `envelope_from` is empty for a bounce; `places` are those of the recipients; `raw`
    may hold any bytes."""

    envelope_from: str
    recipients: Sequence[str]
    places: "Sequence[Place]"
    raw: bytes


class Place(NamedTuple):
    """Where mail to an address belongs; without one of the two it is the organization's own."""

    organization_id: int
    reply_address_id: int | None = None
    agency_address_id: int | None = None


def places(addresses: Sequence[str]) -> list[Place | None]:
    """The place here of each: a reply address that was not revoked, one that our mails carry for machines, or an
    organization's own. What most mail comes to, reply addresses, is looked up in one query."""
    tokens = {address: mail_identity.token_in(address) for address in addresses}
    wanted = sorted({token for token in tokens.values() if token})
    open_now = ReplyAddress.objects.filter(token__among=wanted, revoked_at=None)
    replies = {
        token: Place(organization, pk)
        for token, organization, pk in open_now.values_list("token", "organization", "pk")
    }
    return [replies.get(tokens[address]) or _other(address) for address in addresses]


@transaction.atomic
def keep(letters: Sequence[Letter]) -> None:
    """Keep each, once for each recipient.

    When this returns, they are safe to acknowledge; with an error nothing was kept: an IntegrityError where one's place
    is gone since. The same mail handed in again, as after an acknowledgement that was lost, is kept once.
    """
    insert_missing(InboundMail, STORED, [row for letter in letters for row in _rows(letter)])


def store(*, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[InboundMail]:
    """Keep this one and return what is kept of it. Raises Refused where it has no place."""
    found = [place for place in places(recipients) if place]
    if len(found) < len(recipients):
        raise Refused("No such address.")
    keep([Letter(envelope_from, recipients, found, raw)])
    mark = fingerprint(raw)
    names = [_name(mark, recipient) for recipient in recipients]
    return list(InboundMail.objects.filter(door=DOOR, external_id__in=names).order_by("pk"))


@transaction.atomic
def store_text(raw: bytes) -> InboundMail:
    """Keep the text that a provider hands in as this form. When this returns, it is safe to acknowledge.

    The same text handed in again is kept once. Raises Refused for one that is nobody's.
    """
    text = read_form(raw)
    if not text.external_id or not text.sender:
        raise Refused("The form says neither who texted nor what the text is called.")
    organization = organization_of(text.sender, text.recipient)
    if organization is None:
        raise Refused("No organization texts from this number, and none knows who texted.")
    mail, _ = InboundMail.objects.get_or_create(
        door="sms",
        external_id=text.external_id[:200],
        defaults={
            "organization": organization,
            "envelope_from": text.sender[:320],
            "envelope_to": text.recipient[:320],
            "raw": raw,
            "size": len(raw),
        },
    )
    return mail


STORED = ("door", "external_id", *Place._fields, "envelope_from", "envelope_to", "raw", "size", "received_at")


def _rows(letter: Letter) -> Iterator[tuple[Any, ...]]:
    """As STORED names its values."""
    mark, now = fingerprint(letter.raw), timezone.now()
    for recipient, place in zip(letter.recipients, letter.places, strict=True):
        name = _name(mark, recipient)
        yield DOOR, name, *place, letter.envelope_from[:320], recipient[:320], letter.raw, len(letter.raw), now


def _name(mark: str, recipient: str) -> str:
    return f"{mark}:{mail_identity.local_part(recipient)}"[:200]


def _other(address: str) -> Place | None:
    if mail_identity.token_in(address):
        agency_address = agency_address_at(address)
        return Place(agency_address.thread.organization_id, None, agency_address.pk) if agency_address else None
    if delivery := delivery_at(address):
        return _to_return_path(delivery)
    if token := mail_identity.unsubscribe_token_in(address):
        campaign_mail = delivery_of(token)
        return _of_organization(campaign_mail.organization_id) if campaign_mail else None
    organization = Organization.objects.filter(slug=mail_identity.local_part(address)).first()
    return _of_organization(organization.pk) if organization else None


def _of_organization(organization_id: int | None) -> Place | None:
    return Place(organization_id) if organization_id else None


def _to_return_path(delivery: Delivery) -> Place | None:
    if not delivery.organization_id:
        return None
    reply_address, agency_address = answers_to(delivery), agency_address_of(delivery)
    return Place(
        delivery.organization_id,
        reply_address.pk if reply_address else None,
        agency_address.pk if agency_address else None,
    )
