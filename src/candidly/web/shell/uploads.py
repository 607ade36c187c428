"""Files that come with a form."""

from collections.abc import Sequence
from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile

from candidly.actions.attachments import read_upload
from candidly.envelope import File


def read(upload: UploadedFile) -> File:  # type: ignore[type-arg]
    """Raises Refused for a file that is refused."""
    return read_upload(upload.name or "", upload.content_type or "", cast(BinaryIO, upload.file))


def read_all(uploads: Sequence[UploadedFile], most: int) -> list[File]:  # type: ignore[type-arg]
    """Of more than `most` one more, so that whoever takes them can say that they are too many. Raises Refused."""
    return [read(upload) for upload in uploads[: most + 1]]
