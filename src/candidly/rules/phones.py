"""Phone numbers as people write them."""

import phonenumbers
from django.conf import settings

NOT_A_NUMBER = "This is not a phone number. Write it as 07700 900123 or, abroad, +353 1 234 5678."


def e164(written: str) -> str:
    """`written` in E.164; empty stays empty. ValueError with a sentence.

    Any number of a possible length is taken: the published lists of numbers in use lag behind the numbers.
    """
    if not written.strip():
        return ""
    try:
        number = phonenumbers.parse(written, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError(NOT_A_NUMBER) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(NOT_A_NUMBER)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
