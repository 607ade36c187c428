"""The form of an answer."""

from typing import cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from candidly.envelope import Address
from candidly.sandbox.answering import Answer, quoted, subject_for
from candidly.sandbox.reading import OpenMail


class AnswerForm(forms.Form):
    """What the recipient writes back, beginning with the quoted original."""

    subject = forms.CharField(max_length=998, required=False)
    text = forms.CharField(
        strip=False,
        max_length=200_000,
        widget=forms.Textarea,
        error_messages={"required": "An answer needs some text. Write it, then send again."},
    )
    file = forms.FileField(
        label="Attach a file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput,
    )
    automatic = forms.BooleanField(label="As an out-of-office reply", required=False)
    other_address = forms.EmailField(
        label="From a different address",
        required=False,
        error_messages={"invalid": "This is not a whole address. Write one like amara@example.com, or leave it empty."},
    )

    def answer(self, opened: OpenMail) -> Answer:
        """What to send, once the form is valid."""
        data = self.cleaned_data
        return Answer(
            sender=Address(data["other_address"] or opened.owner.email, opened.owner.name),
            to=opened.reply_to,
            subject=data["subject"],
            text=data["text"],
            automatic=data["automatic"],
            file=cast("UploadedFile[bytes] | None", data["file"]),
        )


def blank_answer(opened: OpenMail) -> AnswerForm:
    """A form to begin with: the subject, and the quoted original beneath room to write."""
    return AnswerForm(
        initial={"subject": subject_for(opened.content), "text": f"\n\n{quoted(opened.content)}"}, auto_id="answer-%s"
    )
