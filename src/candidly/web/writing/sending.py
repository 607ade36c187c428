"""Send pressed: the one way from a composer to the outbox, and what the page is told."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from candidly.actions import composing
from candidly.actions.errors import Refused
from candidly.models import Conversation, Message, Person, ScheduledMessage
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.words import WordsForm


@dataclass(frozen=True)
class Problem:
    """Why it was not sent. `field` as in Refused."""

    sentence: str
    field: str = ""


def press_send(
    form: WordsForm, person: Person, conversation: Conversation | None = None
) -> Message | ScheduledMessage | Problem:
    """What became of it."""
    if not form.is_valid():
        return Problem(form.sentence())
    written = form.cleaned_data
    try:
        return composing.send(
            form.member,
            person,
            form.words,
            conversation=conversation,
            application=written["application"],
            due_at=written["due_at"],
        )
    except Refused as refusal:
        return Problem(str(refusal), refusal.field)


def refused(request: MemberRequest, problem: Problem) -> HttpResponse:
    """For the place that the form keeps for it. What was written stays."""
    return render(request, "writing/problem.html", {"problem": problem}, status=422)
