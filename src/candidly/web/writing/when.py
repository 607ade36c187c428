"""A day and an hour, as a form gives them."""

from datetime import date, datetime, time

from django import forms
from django.utils import timezone

from candidly.rules import moments

DAY = {"invalid": "Choose the day from the calendar."}
HOUR = {"invalid": "Write the hour as 08:30."}


def chosen_moment(day: date | None, hour: time | None) -> datetime | None:
    """When the member's clock shows them; None where neither is given. Raises ValidationError."""
    if not day and not hour:
        return None
    if not day or not hour:
        raise forms.ValidationError("Choose both a day and an hour, or send it now.")
    chosen = moments.moment(day, hour, timezone.get_current_timezone())
    if chosen.at is None:
        raise forms.ValidationError(chosen.says)
    return chosen.at
