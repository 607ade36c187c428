from typing import Any

from django import forms

from candidly.models import Organization


class LabelForm(forms.Form):
    """By which label a thread of a mailbox is brought in."""

    mailbox_label = forms.CharField(
        label="Label",
        max_length=200,
        help_text="It is looked up in each mailbox, and made where there is none. Renaming it in the mailbox does no "
        "harm. The label Recruiterbox is heeded too.",
    )

    @classmethod
    def of(cls, organization: Organization) -> "LabelForm":
        return cls(initial={"mailbox_label": organization.mailbox_label})


SECURITY = [("tls", "TLS from the start"), ("starttls", "STARTTLS")]


class ImapForm(forms.Form):
    """What opens a mailbox at any mail server."""

    username = forms.CharField(
        label="User name", max_length=254, help_text="As your mail program has it: mostly your address."
    )
    password = forms.CharField(
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=False),
        help_text="Some providers want an app password here instead of your usual one.",
    )
    refresh_token = forms.CharField(
        max_length=5_000,
        required=False,
        widget=forms.PasswordInput(render_value=False),
        help_text="In place of a password, where your administrator gave you one.",
    )
    imap_host = forms.CharField(label="IMAP server", max_length=253)
    imap_port = forms.IntegerField(label="IMAP port", min_value=1, max_value=65_535)
    imap_security = forms.ChoiceField(label="IMAP security", choices=SECURITY)
    smtp_host = forms.CharField(label="SMTP server", max_length=253)
    smtp_port = forms.IntegerField(label="SMTP port", min_value=1, max_value=65_535)
    smtp_security = forms.ChoiceField(label="SMTP security", choices=SECURITY)

    def __init__(self, *args: Any, takes_token: bool, **options: Any) -> None:
        """`takes_token`: this installation can open mailboxes without a password."""
        super().__init__(*args, **options)
        if not takes_token:
            del self.fields["refresh_token"]
            self.fields["password"].required = True

    @classmethod
    def refused(cls, entered: dict[str, str], sentence: str, field: str | None, *, takes_token: bool) -> "ImapForm":
        """What was entered, and why it came to nothing: at the field, or above all of them. A secret is asked anew."""
        form = cls(entered, takes_token=takes_token)
        form.errors.clear()
        form.add_error(field, sentence)
        return form

    @staticmethod
    def usual(address: str) -> dict[str, str]:
        """What mostly opens the mailbox of this address."""
        domain = address.rpartition("@")[2]
        return {
            "username": address,
            "imap_host": f"imap.{domain}",
            "imap_port": "993",
            "imap_security": "tls",
            "smtp_host": f"smtp.{domain}",
            "smtp_port": "465",
            "smtp_security": "tls",
        }

    def entered(self) -> dict[str, str]:
        """All of it, secrets too."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def shown_again(self) -> dict[str, str]:
        """What may be kept to be shown again: no secret."""
        return {name: value for name, value in self.entered().items() if name not in ("password", "refresh_token")}
