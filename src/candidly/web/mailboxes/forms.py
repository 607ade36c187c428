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
