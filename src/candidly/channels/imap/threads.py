"""Every mail of a thread, in whatever folder: by Gmail's own name for it, or by who answers whom."""

from collections.abc import Iterator
from itertools import batched

from candidly.channels.imap.mails import Found
from candidly.channels.imap.reader import PAGE, Reader
from candidly.envelope import SeenMail

#: Mails that name no more than the one they answer are found step by step, so many at most.
_STEPS = 10
_MOST = 1000


def thread(reader: Reader, thread_id: str) -> tuple[SeenMail, ...]:
    """See OpenMailbox.thread."""
    kind, _, rest = thread_id.partition(".")
    if kind == "g" and reader.is_gmail and rest.isdecimal():
        found = list(_of_gmail(reader, rest))
    elif first := reader.beginnings.first_of(thread_id):
        found = list(_after(reader, first))
    else:
        found = reader.alone(thread_id)
    once = {one.external_id: one for one in sorted(found, key=lambda one: (one.received_at, len(one.ancestors)))}
    return tuple(reader.seen(one, is_new=False, thread_id=thread_id) for one in once.values())


def _of_gmail(reader: Reader, number: str) -> Iterator[Found]:
    for folder in reader.watched():
        for uids in batched(reader.search(folder.name, f"X-GM-THRID {number}"), PAGE, strict=False):
            yield from reader.read(folder.name, uids)


def _after(reader: Reader, first: str) -> Iterator[Found]:
    """The mail that is called so, those that name it among all before them, and those that answer one of these."""
    folders = [folder.name for folder in reader.watched()]
    for folder in folders:
        yield from (one for one in reader.named(folder, "Message-ID", [first]) if one.message_id == first)
    known, fresh = {first}, [first]
    for _ in range(_STEPS):
        found = [one for folder in folders for one in _naming(reader, folder, fresh)]
        yield from found
        fresh = [name for name in dict.fromkeys(one.message_id for one in found) if name and name not in known]
        known.update(fresh)
        if not fresh or len(known) > _MOST:
            return


def _naming(reader: Reader, folder: str, names: list[str]) -> Iterator[Found]:
    """A search finds parts of words, too."""
    for field in ("References", "In-Reply-To"):
        found = reader.named(folder, field, names)
        yield from (one for one in found if not set(names).isdisjoint(one.ancestors))
