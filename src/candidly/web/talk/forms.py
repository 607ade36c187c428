from typing import Any

from django import forms
from django.http import QueryDict

from candidly.actions.agency_talk import Words
from candidly.models import Attachment, Member
from candidly.rules.access import attachments_for

LOST = "A file is no longer there. Remove it from the message and attach it again."


class SayForm(forms.Form):
    """What a member says to an agency user. Files are named by the ids that uploading gave them; the two `drawn` are
    the marks of the audiences that the page showed, with the switch off and on."""

    text = forms.CharField(required=False, strip=False)
    private = forms.BooleanField(required=False)
    drawn = forms.CharField(required=False)
    drawn_private = forms.CharField(required=False)
    send_key = forms.CharField(max_length=64, required=False)
    attachments = forms.ModelMultipleChoiceField(
        Attachment.objects.none(), required=False, error_messages={"invalid_choice": LOST}
    )

    def __init__(self, member: Member, data: QueryDict) -> None:
        super().__init__(data)
        waiting = attachments_for(member).filter(uploaded_by=member, message=None, mailing=None, template=None)
        with_this = Attachment.objects.filter(uploaded_by=member, agency_message__send_key=data.get("send_key") or "-")
        self.fields["attachments"].queryset = waiting if not with_this.exists() else with_this  # type: ignore[attr-defined]

    @property
    def words(self) -> Words:
        """Of a valid form."""
        cleaned: dict[str, Any] = self.cleaned_data
        return Words(
            text=cleaned["text"].replace("\r\n", "\n"),
            drawn=cleaned["drawn_private" if cleaned["private"] else "drawn"],
            attachments=list(cleaned["attachments"]),
            send_key=cleaned["send_key"],
        )

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])


class SeenForm(forms.Form):
    """The newest message that stood before the member's eyes."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1)
