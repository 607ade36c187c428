from typing import Any

from django import forms

from candidly.models import Member, Opening
from candidly.rules.access import members_for, open_openings_for


class OpeningForm(forms.Form):
    """`cleaned_data` fits `actions.openings.add` and `change`."""

    title = forms.CharField(max_length=200)
    location = forms.CharField(max_length=120, required=False)
    team = forms.ModelMultipleChoiceField(
        Member.objects.none(),
        required=False,
        label="Hiring team",
        error_messages={"invalid_choice": "Somebody of the team is no longer a member. Choose the team again."},
    )

    def __init__(self, member: Member, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        members = members_for(member).filter(user__is_active=True)
        if initial:  # who has left since stays on the team until somebody takes them off
            members |= members_for(member).filter(pk__in=initial["team"])
        self.fields["team"].queryset = members.select_related("user").order_by("user__name", "pk")  # type: ignore[attr-defined]

    @classmethod
    def of(cls, member: Member, opening: Opening, data: Any = None) -> "OpeningForm":
        team = list(opening.team.values_list("pk", flat=True))
        return cls(member, data, {"title": opening.title, "location": opening.location, "team": team})

    @property
    def chosen(self) -> set[str]:
        """Ids of the team, as posted or as it is."""
        return {str(key) for key in self["team"].value() or ()}


class EnterForm(forms.Form):
    """For which opening a candidate is entered."""

    opening = forms.ModelChoiceField(Opening.objects.none(), empty_label="Choose an opening")

    def __init__(self, member: Member, data: Any = None) -> None:
        super().__init__(data)
        self.fields["opening"].queryset = open_openings_for(member)  # type: ignore[attr-defined]
