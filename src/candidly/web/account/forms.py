from django import forms


class SetupForm(forms.Form):
    """The first organization and its first super admin."""

    organization = forms.CharField(max_length=200, help_text="As candidates know it.")
    name = forms.CharField(label="Your name", max_length=200)
    email = forms.EmailField(label="Work e-mail", max_length=254)
    password = forms.CharField(
        max_length=200, help_text="At least 10 characters.", widget=forms.PasswordInput(render_value=False)
    )
