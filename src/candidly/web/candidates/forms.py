from typing import Any

from django import forms

from candidly.models import Member, Opening
from candidly.rules.access import open_openings_for, sees_own_only
from candidly.web.candidates.profile_forms import ContactDetailsForm, PersonForm


class TagsForm(forms.Form):
    tags = forms.CharField(max_length=300, required=False, help_text="Several are parted by commas.")

    def clean_tags(self) -> list[str]:
        names = (name.strip()[:60] for name in str(self.cleaned_data["tags"]).split(","))
        return list(dict.fromkeys(filter(None, names)))


class ContactForm(ContactDetailsForm, TagsForm):
    """A contact as a member writes them down. `cleaned_data` fits `actions.people.add_contact`."""


class CandidateForm(PersonForm, TagsForm):
    """A candidate as a member writes them down. `cleaned_data` fits `actions.people.add_candidate`."""

    opening = forms.ModelChoiceField(Opening.objects.none(), required=False, empty_label="None yet")

    def __init__(self, member: Member, data: Any = None) -> None:
        super().__init__(data)
        # A hiring manager who named no opening would not see the candidate afterwards.
        is_required = sees_own_only(member)
        self.fields["opening"] = forms.ModelChoiceField(
            open_openings_for(member), required=is_required, empty_label="None yet"
        )
