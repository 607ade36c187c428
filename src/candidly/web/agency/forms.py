from typing import Any

from django import forms

from candidly.models import AgencyUser, Opening
from candidly.rules.agency_access import openings_of
from candidly.web.shell.phone import e164
from candidly.web.shell.zones import zone_field


class JoinForm(forms.Form):
    """How an invited person will be known, and what they sign in with."""

    name = forms.CharField(label="Your name", max_length=200)
    password = forms.CharField(
        max_length=200, help_text="At least 10 characters.", widget=forms.PasswordInput(render_value=False)
    )


class PreferencesForm(forms.Form):
    """An agency user's own name and settings; `cleaned_data` fits `actions.agencies.update_profile`."""

    name = forms.CharField(max_length=200, help_text="As the recruiting team sees it.")
    time_zone = zone_field()
    wants_alerts = forms.BooleanField(
        label="Mail me each new message",
        required=False,
        help_text="You can answer such a mail. Without it, the dot beside a candidate tells you.",
    )

    def __init__(self, agency_user: AgencyUser, data: Any = None) -> None:
        initial = {name: getattr(agency_user, name) for name in self.base_fields}
        super().__init__(data, initial=initial)


class SayForm(forms.Form):
    """What an agency user says; the files stand beside it in the request. `drawn` is the mark of the audience that the
    page showed for a message to all, `to` whom it named for a private one, `up_to` the newest message on it."""

    text = forms.CharField(required=False, strip=False)
    private = forms.BooleanField(required=False)
    to = forms.IntegerField(required=False)
    drawn = forms.CharField(required=False)
    send_key = forms.CharField(max_length=64, required=False)
    up_to = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])


class SeenForm(forms.Form):
    """The newest message that stood before the agency user's eyes."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class SubmitForm(forms.Form):
    """A candidate as an agency user submits them. `cleaned_data`, but for the CV, fits `actions.submitting.submit`."""

    field_order = ("opening", "first_name", "last_name", "email", "phone", "location", "cv", "summary")
    first_name = forms.CharField(max_length=100, error_messages={"required": "Write their first name."})
    last_name = forms.CharField(max_length=100, required=False)
    email = forms.CharField(
        label="E-mail", max_length=254, error_messages={"required": "Write the address at which they can be reached."}
    )
    phone = forms.CharField(max_length=40, required=False)
    opening = forms.ModelChoiceField(Opening.objects.none())
    location = forms.CharField(max_length=120, required=False)
    summary = forms.CharField(
        label="Why they fit", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    cv = forms.FileField(label="CV", required=False, help_text="A PDF or a Word file is best.")

    def __init__(self, agency_user: AgencyUser, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        openings = openings_of(agency_user).order_by("title", "location", "pk")
        self.fields["opening"] = forms.ModelChoiceField(
            openings, empty_label="Choose an opening", error_messages={"required": "Choose for which opening."}
        )

    def clean_phone(self) -> str:
        return e164(self.cleaned_data["phone"])

    def point_at_first_error(self) -> None:
        """Whoever is shown the form again goes on there."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True
