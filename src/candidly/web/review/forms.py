"""The decision that a reviewer makes."""

from django import forms

from candidly.models import Conversation, Member
from candidly.rules.access import conversations_for


class FileForm(forms.Form):
    """The conversation that the mail belongs to: one of those the member may see."""

    conversation = forms.ModelChoiceField(Conversation.objects.none())

    def __init__(self, member: Member, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["conversation"].queryset = conversations_for(member).select_related("person")  # type: ignore[attr-defined]
