"""What a member puts on the suppression list by hand."""

from typing import Any

from django import forms

from candidly.mail import addresses
from candidly.rules.channels import CARRIED, CHANNELS
from candidly.web.shell.phone import e164

#: How each channel's addresses are read as people type them; each raises ValidationError.
READERS = {"sms": e164}


class SuppressForm(forms.Form):
    channel = forms.ChoiceField(label="Channel", choices=[(name, CHANNELS[name].label) for name in CARRIED])
    address = forms.CharField(label="Address or number", max_length=254)
    reason = forms.CharField(
        label="Why", required=False, max_length=300, help_text="For whoever wonders later: “Asked by phone on 3 March”."
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("address") and data.get("channel"):
            try:
                data["address"] = READERS.get(data["channel"], _mail_address)(data["address"])
            except forms.ValidationError as error:
                self.add_error("address", error)
        return data


def _mail_address(typed: str) -> str:
    if problem := addresses.problem(typed.strip()):
        raise forms.ValidationError(problem)
    return typed.strip()
