"""The choice of a time zone, as the settings offer it."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SELECTED = mark_safe(" selected")


@cache
def zone_choices() -> list[tuple[str, str]]:
    """The world's time zones, by the names that people search for. Looked up once: they lie in hundreds of files."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *zones]]


class LongSelect(forms.Select):
    """Hundreds of choices without groups, written in one go: Django draws two templates for each of them."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if key == value else "", label) for key, label in self.choices),
        )
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


def zone_field(help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(label="Time zone", choices=zone_choices, widget=LongSelect, help_text=help_text)
