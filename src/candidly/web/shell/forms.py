from django import forms

from candidly.models import Alerts, Member, Organization, Role
from candidly.rules.pacing import DAYS, FIRST_DAY
from candidly.web.shell.phone import e164
from candidly.web.shell.zones import zone_field


class ProfileForm(forms.Form):
    """A member's own name and settings; `cleaned_data` fits `actions.organizations.update_profile`."""

    name = forms.CharField(label="Name", max_length=200, help_text="As candidates see it on your messages.")
    time_zone = zone_field()
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
    alerts = forms.ChoiceField(
        label="Mail about answers",
        choices=Alerts.choices,
        help_text="What candidates answer you, notes that name you, conversations assigned to you. The daily digest "
        "comes at 08:00. Reminders that you asked for come by mail in any case.",
    )

    @staticmethod
    def values_of(member: Member) -> dict[str, object]:
        settings = ("name", "time_zone", "signature", "press_enter_to_send", "undo_seconds", "alerts")
        return {setting: getattr(member, setting) for setting in settings}


class OrganizationForm(forms.Form):
    """What holds for all members; `cleaned_data` fits `actions.organizations.change`. The number comes out as E.164."""

    name = forms.CharField(label="Name", max_length=200, help_text="As candidates see it.")
    time_zone = zone_field("Counts where a candidate’s own is not known.")
    quiet_from = forms.TimeField(
        label="No text messages from", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="until",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="By the candidate’s clock. Two equal times: any hour will do.",
    )
    sms_number = forms.CharField(
        label="Number of your text messages",
        max_length=40,
        required=False,
        help_text="Empty: the number of this installation.",
    )
    per_minute = forms.IntegerField(
        label="Bulk mails of one sender a minute", min_value=0, max_value=100_000, required=False,
        help_text="Empty or 0: as fast as the mail server takes them.",
    )  # fmt: skip
    domain_per_minute = forms.IntegerField(
        label="Bulk mails to one mail domain a minute", min_value=0, max_value=100_000, required=False,
        help_text="Large mail providers slow down who sends them much at once. Empty or 0: no limit.",
    )  # fmt: skip
    warms_up_since = forms.DateField(
        label="New sending address since", required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=f"From this day on, {FIRST_DAY} bulk mails on the first day and twice as many each day for {DAYS} "
        "days, so that mail providers come to know it. Empty: no warm-up.",
    )  # fmt: skip
    reminders_on_scheduled = forms.BooleanField(
        label="Reminders on scheduled messages",
        required=False,
        help_text="The days count from when the message really leaves.",
    )

    @classmethod
    def values_of(cls, organization: Organization) -> dict[str, object]:
        return {setting: getattr(organization, setting) for setting in cls.base_fields}

    def clean_per_minute(self) -> int:
        return self.cleaned_data["per_minute"] or 0

    def clean_domain_per_minute(self) -> int:
        return self.cleaned_data["domain_per_minute"] or 0

    def clean_sms_number(self) -> str:
        return e164(self.cleaned_data["sms_number"])


class InviteForm(forms.Form):
    name = forms.CharField(max_length=200)
    email = forms.EmailField(label="Work e-mail", max_length=254)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.RECRUITER)
