from django import forms

from candidly.actions.portal import LONGEST_TEXT


class ReplyForm(forms.Form):
    """What the person answers; the files stand beside it in the request."""

    text = forms.CharField(
        required=False, max_length=LONGEST_TEXT,
        error_messages={"max_length": f"Your reply is longer than {LONGEST_TEXT:,} characters. Attach it as a file."},
    )  # fmt: skip
    send_key = forms.CharField(max_length=64, required=False)

    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])


class SeenForm(forms.Form):
    """The newest message that stood before the person's eyes."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1)
