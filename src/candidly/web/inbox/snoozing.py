"""Until when a member puts a conversation off: a choice of the menu, or a date and time in their zone."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from candidly.rules import snoozing

LABELS = {"later": "Later today", "tomorrow": "Tomorrow, 08:30", "monday": "Monday, 08:30"}


def offered() -> list[tuple[str, str]]:
    """The menu's choices at this time of the member's day, with what they say."""
    return [(name, LABELS[name]) for name in snoozing.offered(timezone.localtime())]


class SnoozeForm(forms.Form):
    """`choice` is a name of `rules.snoozing.CHOICES`; without one, `until` is a time in the member's zone."""

    choice = forms.ChoiceField(choices=LABELS, required=False)
    until = forms.DateTimeField(
        required=False,
        error_messages={"invalid": "This is no date and time. Write it as 2026-03-12 08:30."},
    )

    def clean(self) -> dict[str, Any]:
        """Leaves the time in `until`, whichever way it was chosen."""
        given: dict[str, Any] = self.cleaned_data
        if choice := given.get("choice"):
            given["until"] = snoozing.CHOICES[choice](timezone.localtime())
        elif not given.get("until") and not self.errors:
            self.add_error("until", "Choose a date and a time.")
        return given

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])

    def chosen(self) -> datetime:
        """Aware; of a valid form."""
        until: datetime = self.cleaned_data["until"]
        return until
