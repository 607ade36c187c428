"""What a member says of a campaign, and whom they put into one."""

from typing import Any

from django import forms

from candidly.models import Campaign, CampaignMember, Member, Person
from candidly.rules.access import campaigns_for
from candidly.rules.numbers import number_in


def _date(label: str, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, **kwargs)


class CampaignForm(forms.Form):
    name = forms.CharField(max_length=200)
    purpose = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For your colleagues: what it is for. Who is written to does not see it.",
    )
    starts_on = _date("Begins")
    ends_on = _date("Ends")

    @staticmethod
    def values_of(campaign: Campaign) -> dict[str, object]:
        return {name: getattr(campaign, name) for name in ("name", "purpose", "starts_on", "ends_on")}


class AddForm(forms.Form):
    """An audience on its way into a campaign that is there, or into a new one."""

    audience = forms.JSONField()
    kind = forms.ChoiceField(choices=Person.Kind.choices)
    campaign = forms.CharField(required=False)
    name = forms.CharField(required=False, max_length=200, strip=True)

    def __init__(self, member: Member, data: Any) -> None:
        super().__init__(data)
        self.member = member

    def clean_audience(self) -> dict[str, Any]:
        match self.cleaned_data["audience"]:
            case {"ids": list(ids), **rest} if ids and not rest and all(isinstance(pk, int) for pk in ids):
                return {"ids": ids}
            case {"filter": dict(chosen), **rest} if not rest:
                return {"filter": chosen}
        raise forms.ValidationError("Nobody is selected any more. Close this and choose them again.")

    def clean_campaign(self) -> Campaign | None:
        """None: a new one."""
        chosen = number_in(self.cleaned_data["campaign"])
        if not chosen:
            return None
        if found := campaigns_for(self.member).filter(pk=chosen).first():
            return found
        raise forms.ValidationError("This campaign is no longer there. Choose another.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "campaign" in data and not data["campaign"] and not data.get("name"):
            self.add_error("name", "Choose a campaign, or name a new one.")
        return data


class ResponseForm(forms.Form):
    response = forms.ChoiceField(choices=CampaignMember.Response.choices)
