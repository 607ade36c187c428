"""A day and an hour, as a form gives them."""

from datetime import date, datetime, time

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time

from candidly.rules import moments
from candidly.rules.moments import Moment

DAY = {"invalid": "Choose the day from the calendar."}
HOUR = {"invalid": "Write the hour as 08:30."}


def read_moment(day: str, hour: str) -> Moment | None:
    """What two fields say on the member's clock, as far as they are filled in; None where that is no day and hour."""
    try:
        read = parse_date(day), parse_time(hour)
    except ValueError:
        return None
    return moments.moment(read[0], read[1], timezone.get_current_timezone()) if read[0] and read[1] else None


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
