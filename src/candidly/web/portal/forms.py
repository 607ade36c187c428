from collections.abc import Sequence
from typing import BinaryIO, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from candidly.actions.attachments import read_upload
from candidly.actions.portal import LONGEST_TEXT, MOST_FILES
from candidly.envelope import File


class ReplyForm(forms.Form):
    """What the person answers; the files stand beside it in the request."""

    text = forms.CharField(
        required=False, max_length=LONGEST_TEXT,
        error_messages={"max_length": f"Your reply is longer than {LONGEST_TEXT:,} characters. Attach it as a file."},
    )  # fmt: skip
    send_key = forms.CharField(max_length=64, required=False)

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])


class SeenForm(forms.Form):
    """The newest message that stood before the person's eyes."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1)


def read_files(uploads: Sequence[UploadedFile]) -> list[File]:  # type: ignore[type-arg]
    """The files that came with the form. Raises Refused for one that is refused."""
    return [
        read_upload(file.name or "", file.content_type or "", cast(BinaryIO, file.file))
        for file in uploads[: MOST_FILES + 1]
    ]
