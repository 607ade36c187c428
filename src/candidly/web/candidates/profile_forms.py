"""The contact details of a person."""

from typing import Any

from django import forms

from candidly.models import Person
from candidly.web.shell.phone import e164


class PersonForm(forms.Form):
    """Names, addresses, phone and location. The phone number comes out as E.164."""

    first_name = forms.CharField(max_length=100, required=False)
    last_name = forms.CharField(max_length=100, required=False)
    private_email = forms.CharField(label="Private e-mail", max_length=254, required=False)
    work_email = forms.CharField(label="Work e-mail", max_length=254, required=False)
    phone = forms.CharField(max_length=40, required=False)
    location = forms.CharField(max_length=120, required=False)

    @classmethod
    def of(cls, person: Person) -> "PersonForm":
        return cls(initial={name: getattr(person, name) for name in cls.base_fields})

    def clean_phone(self) -> str:
        return e164(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        names = ("first_name", "last_name", "private_email", "work_email")
        if not any(cleaned.get(name) for name in names) and not self.errors:
            raise forms.ValidationError("Give at least a name or an e-mail address.")
        return cleaned


class ContactDetailsForm(PersonForm):
    """Those of a contact: with whom they work, and as what."""

    company = forms.CharField(max_length=200, required=False)
    job_title = forms.CharField(max_length=200, required=False)


def details_form(kind: str) -> type[PersonForm]:
    return ContactDetailsForm if kind == Person.Kind.CONTACT else PersonForm
