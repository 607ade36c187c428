"""Keep what a member has begun to write, so that a closed laptop loses nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from candidly.models import Attachment, Conversation, KeptDraft, Mailing, Member, Message, Person, ScheduledMessage

#: The field of a draft that holds the words which another tab had written there.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: in a conversation, to a person as a new one, or (neither) to many at once."""

    conversation: Conversation | None = None
    person: Person | None = None

    @property
    def row(self) -> dict[str, Any]:
        return {"conversation": self.conversation, "person": None if self.conversation else self.person}


def version_of(draft: KeptDraft | None) -> str:
    """What a page says of the draft it has begun from; "" for none."""
    return f"{draft.updated_at:%Y%m%d%H%M%S%f}" if draft else ""


@transaction.atomic
def keep(
    member: Member,
    place: Place,
    fields: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
    *,
    version: str = "",
    send_key: str = "",
    is_settled: bool = False,
) -> KeptDraft | None:
    """Keep `fields` as they stand on the page; None when nothing is left to keep.

    `version` says from which draft the page began. Where another page has kept something since, the newer words win and
    the other ones stay beside them, under OTHER, until the member has settled what becomes of them; emptiness never
    wins over words. What has been sent meanwhile, by the form named `send_key`, is not kept again.
    """
    if send_key and _was_sent(member, send_key):
        return None
    found = KeptDraft.objects.select_for_update().filter(member=member, **place.row).first()
    is_foreign = found is not None and version_of(found) != version
    if not has_words(fields) and not attachments:
        if found and not is_foreign:
            found.delete()
        return found if is_foreign else None
    if found is None:
        found, _ = KeptDraft.objects.get_or_create(member=member, **place.row)
    known = "" if is_settled else found.fields.get(OTHER, "")
    other = (_words_beside(found, fields) if is_foreign else "") or known
    found.fields = {**fields, **({OTHER: other} if other else {})}
    found.updated_at = timezone.now()
    found.save(update_fields=["fields", "updated_at"])
    _attach(found, attachments)
    return found


@transaction.atomic
def discard(member: Member, place: Place) -> None:
    """It has been sent, or is wanted no more."""
    KeptDraft.objects.filter(member=member, **place.row).delete()


def has_words(fields: Mapping[str, Any]) -> bool:
    """Whether somebody has written something: a choice of channels alone is none."""
    return any(str(fields.get(name, "")).strip() for name in ("text", "body", "subject"))


def _was_sent(member: Member, send_key: str) -> bool:
    here = {"organization": member.organization_id, "send_key": send_key}
    waiting = ScheduledMessage.objects.filter(**here).exclude(state=ScheduledMessage.State.CANCELLED)
    return any(rows.exists() for rows in (Message.objects.filter(**here), waiting, Mailing.objects.filter(**here)))


def _words_beside(found: KeptDraft, fields: Mapping[str, Any]) -> str:
    """What the other page had written, unless the new words go on from it."""
    said = str(found.fields.get("text") or found.fields.get("body") or "")
    now = str(fields.get("text") or fields.get("body") or "")
    return "" if not said.strip() or now.startswith(said) else said


def _attach(draft: KeptDraft, attachments: Sequence[Attachment]) -> None:
    wanted = [attachment.pk for attachment in attachments]
    draft.attachments.exclude(pk__in=wanted).update(draft=None)
    Attachment.objects.filter(pk__in=wanted, message=None, mailing=None).update(draft=draft)
