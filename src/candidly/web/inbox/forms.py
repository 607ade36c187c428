"""What a member writes: an answer, or the first mail of a conversation."""

from uuid import uuid4

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from candidly.models import Application, Attachment, Member
from candidly.rules.access import attachments_for


def new_send_key() -> str:
    """A name for one filled-in form, so that sending it twice sends once."""
    return uuid4().hex


def files_to_send(member: Member, send_key: str) -> QuerySet[Attachment]:
    """The member's own files that wait for a message, or went with this very form when it was sent before."""
    waiting = Q(message=None, mailing=None)
    if send_key:
        waiting |= Q(message__send_key=send_key)
    return attachments_for(member).filter(waiting, uploaded_by=member)


class MessageForm(forms.Form):
    """An answer by e-mail. Files are named by the ids that uploading gave them."""

    subject = forms.CharField(max_length=998, required=False)
    text = forms.CharField(max_length=1_000_000, required=False, strip=False)
    send_key = forms.CharField(max_length=64, required=False)
    attachments = forms.ModelMultipleChoiceField(
        Attachment.objects.none(),
        required=False,
        error_messages={"invalid_choice": "A file is no longer there. Remove it from the message and attach it again."},
    )

    def __init__(self, member: Member, data: QueryDict) -> None:
        super().__init__(data)
        files = files_to_send(member, data.get("send_key", ""))
        self.fields["attachments"].queryset = files  # type: ignore[attr-defined]

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])


class ConversationForm(MessageForm):
    """The first e-mail of a conversation, about one of the person's applications or none."""

    application = forms.ModelChoiceField(Application.objects.none(), required=False)

    def __init__(self, member: Member, applications: QuerySet[Application], data: QueryDict) -> None:
        super().__init__(member, data)
        self.fields["application"].queryset = applications  # type: ignore[attr-defined]
