"""Days as people call them."""

from datetime import date, timedelta

from django.utils import timezone


def day_name(day: date) -> str:
    """Today, Yesterday, Thursday 5 March, Thursday 5 March 2024: in the zone of whoever looks."""
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"
