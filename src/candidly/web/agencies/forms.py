from django import forms


class AgencyForm(forms.Form):
    name = forms.CharField(label="Name of the agency", max_length=200)


class InviteForm(forms.Form):
    """`cleaned_data` fits `actions.agencies.invite`."""

    name = forms.CharField(max_length=200)
    email = forms.EmailField(label="Work e-mail", max_length=254)
