"""Keep files that members attach and that mails bring."""

import mimetypes
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO

from django.core.files.base import File as DjangoFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from candidly.actions.errors import Refused
from candidly.config import config
from candidly.envelope import File
from candidly.models import AgencyMessage, Application, Attachment, Member, Message, Template

#: Programs and shortcuts that mail providers refuse, so that a mail carrying one would bounce.
REFUSED_SUFFIXES = frozenset(
    [
        ".exe",
        ".bat",
        ".cmd",
        ".com",
        ".scr",
        ".pif",
        ".msi",
        ".js",
        ".jse",
        ".vbs",
        ".vbe",
        ".wsf",
        ".wsh",
        ".ps1",
        ".jar",
        ".lnk",
        ".hta",
        ".cpl",
        ".reg",
        ".iso",
    ]
)


def keep(member: Member, name: str, content_type: str, stream: BinaryIO) -> Attachment:
    """Store a file that the member attaches; it belongs to no message until one is sent. Raises Refused."""
    file = read_upload(name, content_type, stream)
    attachment = Attachment(organization_id=member.organization_id, uploaded_by=member)
    return _store(attachment, file.name, file.content_type, file.content)


def read_upload(name: str, content_type: str, stream: BinaryIO) -> File:
    """The file that somebody attaches. Raises Refused for what is too large, empty, or a program."""
    name = safe_name(name)
    if PurePath(name).suffix.lower() in REFUSED_SUFFIXES:
        raise Refused(f"{name} is a program; mail providers refuse these. Send a PDF or a picture instead.")
    limit = config().attachment_max_bytes
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise Refused(f"{name} is larger than {limit // 1_000_000} MB. Make it smaller, or send a link to it.")
    if not content:
        raise Refused(f"{name} is empty.")
    return File(name, content_type, content)


def attach(member: Member, file: File) -> Attachment:
    """`keep`, for a file that came with the member's own mail."""
    return keep(member, file.name, file.content_type, BytesIO(file.content))


def keep_received(message: Message, file: File) -> Attachment:
    """Store a file that came with a mail, whatever it is: it is served as a download only."""
    attachment = Attachment(
        organization_id=message.organization_id,
        message=message,
        content_id=file.content_id[:255],
    )
    return _store(attachment, safe_name(file.name), file.content_type, file.content)


def keep_said(message: AgencyMessage, file: File) -> Attachment:
    """Store a file that came with an agency's message."""
    attachment = Attachment(organization_id=message.thread.organization_id, agency_message=message)
    return _store(attachment, safe_name(file.name), file.content_type, file.content)


def keep_submitted(application: Application, file: File) -> Attachment:
    """Store a file that an agency submitted with its candidate."""
    attachment = Attachment(organization_id=application.organization_id, application=application)
    return _store(attachment, safe_name(file.name), file.content_type, file.content)


def discard_forgotten(older_than: timedelta = timedelta(days=7)) -> None:
    """Remove files that were attached and never sent, some at a time."""
    since = timezone.now() - older_than
    nowhere = ("message", "mailing", "template", "draft", "scheduled", "agency_message", "application")
    unsent = Attachment.objects.filter(created_at__lt=since, **dict.fromkeys(nowhere))
    for attachment in unsent.order_by("pk")[:100]:
        discard(unsent, attachment)


@transaction.atomic
def discard(among: QuerySet[Attachment], attachment: Attachment) -> bool:
    """Remove the row, if it is still `among` those, and its bytes when no other row shares them."""
    if not among.filter(pk=attachment.pk).delete()[0]:
        return False
    if not Attachment.objects.filter(file=attachment.file.name).exists():
        transaction.on_commit(partial(attachment.file.delete, save=False))
    return True


@transaction.atomic
def copies_of(member: Member, template: Template) -> list[Attachment]:
    """The template's files, as files that the member attaches: rows of their own that share the bytes."""
    Template.objects.select_for_update().filter(pk=template.pk).first()  # nobody takes a file off it meanwhile
    copies = list(template.attachments.order_by("pk"))
    for copy in copies:
        copy.pk, copy.template, copy.uploaded_by, copy.created_at = None, None, member, timezone.now()
    return Attachment.objects.bulk_create(copies)


def safe_name(name: str) -> str:
    """The file's name without folders, control characters and quotes; never empty, at most 255 characters."""
    name = PurePath(name.replace("\\", "/")).name
    name = "".join(character for character in name if character.isprintable() and character not in '"<>:|?*')
    stem, suffix = PurePath(name).stem, PurePath(name).suffix
    return f"{stem[: 255 - len(suffix)]}{suffix}"[:255] or "attachment"


def _store(attachment: Attachment, name: str, content_type: str, content: bytes) -> Attachment:
    attachment.name = name
    attachment.content_type = (content_type or mimetypes.guess_type(name)[0] or "application/octet-stream")[:100]
    attachment.size = len(content)
    path = f"{attachment.organization_id}/{get_random_string(32)}"
    attachment.file.save(path, DjangoFile(BytesIO(content)), save=True)
    return attachment
