"""Let full-text search know the messages: behind their backs, so that nothing that is written or heard waits for it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC

from django.db import transaction

from candidly.models import Attachment, Delivery, Message, MessageDocument, Person, Unindexed
from candidly.rules.search_document import Subject, document


def index_new(limit: int) -> int:
    """Read at most `limit` messages that search does not know, the newest first. Returns how many there were."""
    if not Unindexed.objects.exists():  # without a transaction: an idle worker must not take SQLite's one write lock
        return 0
    with transaction.atomic():
        waiting = Unindexed.objects.select_for_update(skip_locked=True).order_by("-message")
        keys = list(waiting.values_list("message", flat=True)[:limit])
        _write(subjects(keys))
        Unindexed.objects.filter(message__in=keys).delete()
    return len(keys)


def _write(read: Iterable[Subject]) -> None:
    MessageDocument.objects.bulk_create(
        [MessageDocument(message_id=subject.message, document=document(subject)) for subject in read],
        update_conflicts=True,
        unique_fields=["message"],
        update_fields=["document"],
    )


def index_again(*people: Person) -> None:
    """What search knows of these people's messages has changed, as their names have. The caller holds the
    transaction."""
    messages = Message.objects.filter(conversation__person__in=people)
    waiting = (Unindexed(message_id=pk) for pk in messages.values_list("pk", flat=True).iterator())
    Unindexed.objects.bulk_create(waiting, ignore_conflicts=True, batch_size=1000)


def forget(message_ids: Iterable[int]) -> None:
    """Search finds them no more, though they are still there. The caller holds the transaction."""
    keys = list(message_ids)
    Unindexed.objects.filter(message__in=keys).delete()
    MessageDocument.objects.filter(message__in=keys).delete()


def subjects(message_ids: Iterable[int]) -> list[Subject]:
    """The messages as the index sees them; the number of queries does not grow with theirs."""
    found = Message.objects.filter(pk__in=message_ids).defer("html", "quoted", "references")
    messages = list(found.select_related("conversation__person", "conversation__application", "member__user"))
    files = _names_of_files(messages)
    channels = defaultdict(set)
    for message, channel in Delivery.objects.filter(message__in=messages).values_list("message", "channel"):
        channels[message].add(channel)
    return [_subject(message, channels[message.pk], files[message.pk]) for message in messages]


def _subject(message: Message, channels: set[str], files: list[str]) -> Subject:
    conversation = message.conversation
    person, application = conversation.person, conversation.application
    sender = message.member.name if message.member else ""
    return Subject(
        message=message.pk,
        organization=message.organization_id,
        person=person.pk,
        opening=application.opening_id if application else None,
        channels=sorted({message.channel, *channels}),
        has_file=bool(files),
        written_at=message.created_at.astimezone(UTC),
        texts=[message.subject, message.text, person.full_name, sender, *files],
    )


def _names_of_files(messages: Sequence[Message]) -> defaultdict[int, list[str]]:
    """By message; those of its mailing are its own too."""
    mailings = {message.mailing_id for message in messages if message.mailing_id}
    names: defaultdict[int, list[str]] = defaultdict(list)
    of_mailing: defaultdict[int, list[str]] = defaultdict(list)
    for key, name in Attachment.objects.filter(message__in=messages).values_list("message", "name"):
        names[key or 0].append(name)
    for key, name in Attachment.objects.filter(mailing__in=mailings).values_list("mailing", "name"):
        of_mailing[key or 0].append(name)
    for message in messages:
        names[message.pk] += of_mailing[message.mailing_id or 0]
    return names
