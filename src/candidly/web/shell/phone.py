"""Phone numbers as people type them."""

import phonenumbers
from django import forms
from django.conf import settings

NOT_A_NUMBER = "This is not a phone number. Write it as 07700 900123 or, abroad, +353 1 234 5678."


def e164(typed: str) -> str:
    """`typed` in E.164; empty stays empty. Raises ValidationError.

    Any number of a possible length is taken: the published lists of numbers in use lag behind the numbers.
    """
    if not typed.strip():
        return ""
    try:
        number = phonenumbers.parse(typed, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise forms.ValidationError(NOT_A_NUMBER) from error
    if not phonenumbers.is_possible_number(number):
        raise forms.ValidationError(NOT_A_NUMBER)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
