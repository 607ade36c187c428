"""Lists of people that come in as a file: upload, say which column is what, take in, cancel."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string

from candidly.actions import audit, live
from candidly.actions.attachments import safe_name
from candidly.actions.errors import Refused
from candidly.models import Member, PeopleImport, clock
from candidly.models.literals import literals
from candidly.rules import access
from candidly.rules.list_columns import COLUMNS, Kind, usable
from candidly.rules.merge_fields import CUSTOM

State = PeopleImport.State
UNDER_WAY = (State.CHECKING, State.IMPORTING)

MAX_BYTES = 50_000_000
FOLDER = "imports"
#: A worker that was killed holds an import up for so long.
LEASE = timedelta(seconds=30)
NOT_YOURS = "Lists of people are taken in by recruiters and super admins: ask one of them."
#: What an import has counted, before it has counted anything.
NOTHING = {"position": 0, "total": 0, "new": 0, "changed": 0, "unchanged": 0, "wrong": 0}


def upload(member: Member, kind: str, name: str, stream: BinaryIO, size: int) -> PeopleImport:
    """Keep the file, and have it looked through; nothing is changed yet. Raises Refused."""
    if not access.may_keep_contacts(member):
        raise Refused(NOT_YOURS)
    if size > MAX_BYTES:
        raise Refused(f"{name} is larger than {MAX_BYTES // 1_000_000} MB. Part it into several files.", field="file")
    if not size:
        raise Refused(f"{name} is empty. Choose another file.", field="file")
    kept = PeopleImport(organization_id=member.organization_id, member=member, kind=Kind(kind), name=safe_name(name))
    suffix = PurePath(kept.name).suffix.lower()
    kept.file.save(f"{FOLDER}/{get_random_string(32)}{suffix if suffix in ('.csv', '.xlsx') else ''}", File(stream))
    return kept


@transaction.atomic
def name_columns(found: PeopleImport, fields: Mapping[str, int]) -> None:
    """`fields` says which column holds which field; the file is looked through again with these. Raises Refused."""
    known = {column.field for column in COLUMNS[Kind(found.kind)]}
    if any(field not in known and not field.startswith(CUSTOM) for field in fields):
        raise Refused("One of the fields does not exist. Choose again.")
    if problem := usable(found.kind, fields):
        raise Refused(problem)
    columns = {**found.columns, "fields": dict(fields)}
    waiting = PeopleImport.objects.filter(pk=found.pk, state__in=(State.CHECKED, State.FAILED)).exclude(file="")
    if not waiting.update(state=State.CHECKING, columns=columns, reason="", lease_until=None, **NOTHING):
        raise Refused("This list is being taken in already. Load the page again to see how far it is.")
    found.problems.all().delete()
    tell(found)


@transaction.atomic
def begin(member: Member, found: PeopleImport) -> bool:
    """Take in what was checked. False where that has begun already, or nothing is there to take in."""
    ready = PeopleImport.objects.filter(Q(new__gt=0) | Q(changed__gt=0), pk=found.pk, state=State.CHECKED)
    counts = {name: 0 for name in NOTHING if name != "total"}
    if not ready.update(state=State.IMPORTING, lease_until=None, **counts):
        return False
    audit.note(member, "import.started", f"import {found.pk}", name=found.name)
    tell(found)
    return True


def cancel(found: PeopleImport) -> bool:
    """Nothing more is taken in; what was, stays. False where it had ended."""
    return end(found, State.CANCELLED, (*UNDER_WAY, State.CHECKED))


@transaction.atomic
def end(found: PeopleImport, state: State, before: Collection[State], reason: str = "") -> bool:
    """Let it be over, if it is in one of the states `before`. The file goes, unless other columns may yet help."""
    going = PeopleImport.objects.filter(pk=found.pk, state__in=before)
    if not going.update(state=state, reason=reason[:500], lease_until=None, finished_at=timezone.now()):
        return False
    if state != State.FAILED:
        _drop_file(found)
    tell(found)
    return True


def claim() -> PeopleImport | None:
    """Lease the oldest list that is to be looked through or taken in to the caller; None when there is none."""
    now = clock.now()
    waiting = PeopleImport.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), state__in=literals(*UNDER_WAY))
    if not waiting.exists():  # without a transaction: an idle worker must not keep taking SQLite's one write lock
        return None
    with transaction.atomic():
        found = waiting.select_for_update(skip_locked=True).order_by("pk").first()
        if found:
            found.lease_until = now + LEASE
            found.save(update_fields=["lease_until"])
        return found


def discard_forgotten(older_than: timedelta = timedelta(days=7)) -> None:
    """Remove the files of lists that nobody took in, some at a time. They hold people's data."""
    since = timezone.now() - older_than
    idle = PeopleImport.objects.filter(created_at__lt=since).exclude(state__in=UNDER_WAY).exclude(file="")
    for found in idle.order_by("pk")[:100]:
        end(found, State.CANCELLED, (State.CHECKED, State.FAILED))


def tell(found: PeopleImport) -> None:
    """Tell the pages that show it."""
    live.publish(f"import:{found.pk}", "import")


def _drop_file(found: PeopleImport) -> None:
    """A worker that reads it at this moment keeps it open until it notices."""
    PeopleImport.objects.filter(pk=found.pk).update(file="")
    transaction.on_commit(partial(found.file.storage.delete, found.file.name or ""))
