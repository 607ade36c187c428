"""What a member writes to start from later."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from candidly.actions.templates import Content
from candidly.models import AddressRule, Attachment, Member, Place, Template
from candidly.rules.access import attachments_for
from candidly.rules.numbers import numbers_in

TEXT = ("name", "subject", "body", "is_html", "is_shared", "address_rule", "falls_back")


class TemplateForm(forms.Form):
    """The editor. What is wrong with the text is said by the action, in the same words for every way to save.

    `seen` is when the template had last changed as the editor opened; files are named by the ids of their rows.
    """

    name = forms.CharField(max_length=120, required=False)
    subject = forms.CharField(max_length=300, required=False)
    body = forms.CharField(max_length=200_000, required=False, strip=False)
    is_html = forms.BooleanField(required=False)
    is_shared = forms.BooleanField(required=False, initial=True)
    places = forms.MultipleChoiceField(choices=Place, required=False, initial=[Place.CANDIDATES.value])
    address_rule = forms.ChoiceField(choices=AddressRule.choices, required=False)
    falls_back = forms.BooleanField(required=False, initial=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, template: Template | None) -> "TemplateForm":
        """The editor as it opens."""
        if template is None:
            return cls()
        places = [place.value for place in template.places]
        initial = {name: getattr(template, name) for name in TEXT}
        return cls(initial={**initial, "places": places, "seen": template.updated_at.isoformat()})

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def clean_seen(self) -> datetime | None:
        """A time that cannot be read is that of no save there ever was: it is told as a change."""
        written = self.cleaned_data["seen"]
        return (parse_datetime(written) or timezone.now()) if written else None

    @property
    def content(self) -> Content:
        return Content(**{field.name: self.cleaned_data[field.name] for field in fields(Content)})

    def clean_places(self) -> list[Place]:
        return [Place(place) for place in self.cleaned_data["places"]]

    @property
    def written(self) -> dict[str, Any]:
        """What stands in the fields, whether it came from the browser or from the template."""
        return {name: self[name].value() for name in ("subject", "body", "is_html")}


def named_files(member: Member, ids: list[str]) -> list[Attachment]:
    """Of the files of these ids those that the member may see."""
    numbers = numbers_in(ids[:100])
    return list(attachments_for(member).filter(pk__in=numbers)) if numbers else []
