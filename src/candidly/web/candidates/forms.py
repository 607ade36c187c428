from django import forms
from phonenumber_field.formfields import PhoneNumberField

from candidly.models import Member, Role
from candidly.rules.access import openings_for


class CandidateForm(forms.Form):
    """A candidate as a member writes them down. `cleaned_data` fits `actions.people.add_candidate`."""

    first_name = forms.CharField(max_length=100)
    last_name = forms.CharField(max_length=100, required=False)
    private_email = forms.CharField(label="Private e-mail", max_length=254, required=False)
    work_email = forms.CharField(label="Work e-mail", max_length=254, required=False)
    phone = PhoneNumberField(
        required=False,
        region="GB",
        error_messages={"invalid": "This is not a phone number. Write it as 07700 900123 or, abroad, +353 1 234 5678."},
    )
    location = forms.CharField(max_length=120, required=False)
    tags = forms.CharField(max_length=300, required=False, help_text="Several are parted by commas.")
    opening = forms.ModelChoiceField(queryset=None, required=False, empty_label="None yet")

    def __init__(self, member: Member, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        opening = self.fields["opening"]
        assert isinstance(opening, forms.ModelChoiceField)
        opening.queryset = openings_for(member).filter(is_open=True).order_by("title", "location")
        opening.required = member.role == Role.HIRING_MANAGER

    def clean_phone(self) -> str:
        """In E.164."""
        phone = self.cleaned_data["phone"]
        return str(phone.as_e164) if phone else ""

    def clean_tags(self) -> list[str]:
        names = (name.strip()[:60] for name in str(self.cleaned_data["tags"]).split(","))
        return list(dict.fromkeys(filter(None, names)))
