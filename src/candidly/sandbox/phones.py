"""The phones that the sandbox plays: each number's texts, both ways."""

from dataclasses import dataclass

from candidly.config import config
from candidly.models import SandboxText

#: Phones are those of the newest texts; an older one opens by its number.
NEWEST = 1000
LISTED = 50
SHOWN = 100


@dataclass(frozen=True)
class Phone:
    """One number and its newest text."""

    number: str
    newest: SandboxText


def phones() -> list[Phone]:
    """Those that had or wrote a text lately, the latest first."""
    found: dict[str, Phone] = {}
    for text in SandboxText.objects.order_by("-pk")[:NEWEST]:
        owner = owner_of(text)
        found.setdefault(owner, Phone(owner, text))
    return list(found.values())[:LISTED]


def owner_of(text: SandboxText) -> str:
    """The number of the phone that shows it."""
    return text.sender if text.is_answer else text.recipient


def texts_of(number: str) -> list[SandboxText]:
    """The newest SHOWN, in their order."""
    had = SandboxText.objects.filter(recipient=number, is_answer=False).order_by("-pk")[:SHOWN]
    wrote = SandboxText.objects.filter(sender=number, is_answer=True).order_by("-pk")[:SHOWN]
    return sorted([*had, *wrote], key=lambda text: text.pk)[-SHOWN:]


def correspondent_of(number: str) -> str:
    """Whom the phone's owner answers: the number that texted last, or the installation's."""
    last = SandboxText.objects.filter(recipient=number, is_answer=False).order_by("-pk").first()
    return last.sender if last else config().text_number
