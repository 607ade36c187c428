"""What a member writes to start from later."""

from django import forms

from candidly.models import Template


class TemplateForm(forms.Form):
    """The editor. What is wrong with the text is said by the action, in the same words for every way to save."""

    name = forms.CharField(max_length=120, required=False)
    subject = forms.CharField(max_length=300, required=False)
    body = forms.CharField(max_length=200_000, required=False, strip=False)
    is_html = forms.BooleanField(required=False)
    is_shared = forms.BooleanField(required=False, initial=True)
    for_candidates = forms.BooleanField(required=False, initial=True)

    @classmethod
    def of(cls, template: Template | None) -> "TemplateForm":
        """The editor as it opens."""
        return cls(initial={name: getattr(template, name) for name in cls.base_fields} if template else None)

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")
