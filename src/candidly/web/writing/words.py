"""What a member writes to one person: the words, how they go, and when."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from candidly.actions.reminders import LONGEST
from candidly.actions.scheduled import Words
from candidly.models import Application, Attachment, Member, ScheduledMessage
from candidly.rules import moments
from candidly.rules.access import attachments_for
from candidly.rules.channels import CHANNELS
from candidly.rules.merge_fields import compile_text, custom_keys
from candidly.web.writing.when import DAY, HOUR, chosen_moment

PAST = "That time is past. Choose a later one, or send it now."


def new_send_key() -> str:
    """A name for one filled-in form, so that sending it twice sends once."""
    return uuid4().hex


def files_to_send(member: Member, send_key: str, changed: ScheduledMessage | None = None) -> QuerySet[Attachment]:
    """The member's own files that wait for a message, or went with this very form when it was sent before; and those
    of the scheduled message that is `changed`, whoever attached them."""
    waiting = Q(message=None, mailing=None)
    if send_key:
        waiting |= Q(message__send_key=send_key)
    own = Q(waiting, uploaded_by=member)
    return attachments_for(member).filter(own | Q(scheduled=changed) if changed else own)


class WordsForm(forms.Form):
    """The composer. Files are named by the ids that uploading gave them; without a time it goes now."""

    channels = forms.MultipleChoiceField(
        choices=[(name, channel.label) for name, channel in CHANNELS.items()], required=False
    )
    subject = forms.CharField(max_length=998, required=False)
    text = forms.CharField(max_length=1_000_000, required=False, strip=False)
    send_key = forms.CharField(max_length=64, required=False)
    attachments = forms.ModelMultipleChoiceField(
        Attachment.objects.none(),
        required=False,
        error_messages={"invalid_choice": "A file is no longer there. Remove it from the message and attach it again."},
    )
    application = forms.ModelChoiceField(Application.objects.none(), required=False)
    remind_days = forms.IntegerField(
        required=False,
        error_messages={"invalid": f"Write the reminder as a number of days, 1 to {LONGEST}."},
    )
    when = forms.ChoiceField(
        choices=[(name, name) for name in ("afternoon", "tomorrow", "monday")], required=False,
        error_messages={"invalid_choice": PAST},
    )  # fmt: skip
    date = forms.DateField(required=False, error_messages=DAY)
    time = forms.TimeField(required=False, error_messages=HOUR)
    seen = forms.IntegerField(required=False)
    anyway = forms.BooleanField(required=False)

    def __init__(
        self,
        member: Member,
        data: QueryDict,
        applications: QuerySet[Application] | None = None,
        changed: ScheduledMessage | None = None,
    ) -> None:
        """`applications` are those it may be about, `changed` the scheduled message that it changes."""
        super().__init__(data)
        self.member = member
        files = files_to_send(member, data.get("send_key", ""), changed)
        self.fields["attachments"].queryset = files  # type: ignore[attr-defined]
        if applications is not None:
            self.fields["application"].queryset = applications  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """A merge field that was not filled in must not reach the person."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        written = compile_text(text)
        unknown = written.unknown(custom_keys(self.member.organization_id)) if written.names else []
        if left := next((name for name in written.names if name not in unknown), None):
            raise forms.ValidationError(
                "%(field)s has no value here. Replace it with your own words.", params={"field": "{{" + left + "}}"}
            )
        return text

    def clean(self) -> dict[str, Any]:
        """`due_at` is the time that was chosen; None for now."""
        cleaned = self.cleaned_data
        cleaned["due_at"] = self._chosen_time()
        return cleaned

    def _chosen_time(self) -> datetime | None:
        cleaned = self.cleaned_data
        if when := cleaned.get("when"):
            offered = {choice.name: choice.at for choice in moments.choices(timezone.localtime())}
            if when not in offered:
                raise forms.ValidationError(PAST)
            return offered[when]
        if "date" in self.data and not (cleaned.get("date") or cleaned.get("time")) and not self.errors:
            raise forms.ValidationError("Choose the day and the hour, or send it without a time.")
        return chosen_moment(cleaned.get("date"), cleaned.get("time"))

    @property
    def words(self) -> Words:
        """Of a valid form."""
        cleaned = self.cleaned_data
        return Words(
            text=cleaned["text"],
            subject=cleaned["subject"],
            channels=cleaned["channels"],
            attachments=list(cleaned["attachments"]),
            remind_days=cleaned["remind_days"],
            send_key=cleaned["send_key"],
            seen=None if cleaned["anyway"] else cleaned["seen"],
        )

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])
