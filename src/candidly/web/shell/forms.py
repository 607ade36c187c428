from zoneinfo import available_timezones

from django import forms

from candidly.models import Member, Role


class ProfileForm(forms.Form):
    """A member's own name and settings; `cleaned_data` fits `actions.organizations.update_profile`."""

    name = forms.CharField(label="Name", max_length=200, help_text="As candidates see it on your messages.")
    time_zone = forms.ChoiceField(label="Time zone")
    signature = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The merge field Sender signature puts it into a text.",
    )
    press_enter_to_send = forms.BooleanField(
        label="Press Enter to send",
        required=False,
        help_text="Shift Enter starts a new line. Ctrl Enter sends either way.",
    )
    undo_seconds = forms.TypedChoiceField(
        label="Undo sending",
        coerce=int,
        choices=[(0, "Off: messages leave at once"), *((n, f"{n} seconds") for n in (5, 10, 20, 30))],
        help_text="How long a message waits after Send, so that you can take it back.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.fields["time_zone"] = forms.ChoiceField(
            label="Time zone", choices=[(zone, zone.replace("_", " ")) for zone in ["UTC", *zones]]
        )

    @staticmethod
    def values_of(member: Member) -> dict[str, object]:
        settings = ("name", "time_zone", "signature", "press_enter_to_send", "undo_seconds")
        return {setting: getattr(member, setting) for setting in settings}


class OrganizationForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200, help_text="As candidates see it.")


class InviteForm(forms.Form):
    name = forms.CharField(max_length=200)
    email = forms.EmailField(label="Work e-mail", max_length=254)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.RECRUITER)
