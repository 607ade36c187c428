"""What a member writes down for the team: a note, a call."""

from django import forms
from django.http import QueryDict

from candidly.models import Attachment, Member, Message, Person
from candidly.web.writing.words import files_to_send, new_send_key


class NoteForm(forms.Form):
    """A note as the composer sends it; `cleaned_data` fits `actions.notes.note`."""

    text = forms.CharField(max_length=1_000_000, required=False, strip=False)
    attachments = forms.ModelMultipleChoiceField(Attachment.objects.none(), required=False)
    send_key = forms.CharField(max_length=64, required=False)

    def __init__(self, member: Member, data: QueryDict) -> None:
        super().__init__(data)
        files = files_to_send(member, data.get("send_key", ""))
        self.fields["attachments"].queryset = files  # type: ignore[attr-defined]


class CallForm(forms.Form):
    """A telephone call; `cleaned_data` fits `actions.calls.log`."""

    they_called = forms.ChoiceField(label="Who called")
    outcome = forms.ChoiceField(choices=Message.CallOutcome.choices)
    note = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}))
    send_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, person: Person, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="call-%s", initial={"send_key": new_send_key()})
        who = self.fields["they_called"]
        assert isinstance(who, forms.ChoiceField)
        who.choices = [("no", f"I called {person.full_name}"), ("yes", f"{person.full_name} called me")]

    def clean_they_called(self) -> bool:
        return str(self.cleaned_data["they_called"]) == "yes"

    def clean_outcome(self) -> Message.CallOutcome:
        return Message.CallOutcome(self.cleaned_data["outcome"])
