"""Phone numbers as people type them into a form."""

from django import forms

from candidly.rules import phones
from candidly.rules.phones import NOT_A_NUMBER

__all__ = ["NOT_A_NUMBER", "e164"]


def e164(typed: str) -> str:
    """`typed` in E.164; empty stays empty. Raises ValidationError."""
    try:
        return phones.e164(typed)
    except ValueError as error:
        raise forms.ValidationError(NOT_A_NUMBER) from error
