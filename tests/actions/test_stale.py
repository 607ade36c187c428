"""Sending into a conversation that has gone on meanwhile."""

from datetime import timedelta

import pytest
from django.db import transaction

from candidly.actions import composing, conversations, scheduled
from candidly.actions.errors import Refused
from candidly.actions.hearing import Heard, hear
from candidly.actions.scheduled import Words
from candidly.models import Conversation, Member, Message, Person, ScheduledMessage, clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Interview", text="Tuesday?").conversation


def newest(conversation: Conversation) -> int:
    return conversation.messages.latest("pk").pk


def says(conversation: Conversation, text: str, **more: str) -> Message:
    with transaction.atomic():
        return hear(conversation, Heard(channel="email", text=text, **more))  # type: ignore[arg-type]


def test_a_message_of_the_persons_since_is_told_and_nothing_is_sent(
    hannah: Member, amara: Person, conversation: Conversation
) -> None:
    seen = newest(conversation)
    says(conversation, "I have taken another job")
    words = Words(text="See you on Tuesday", seen=seen)
    with pytest.raises(Refused, match="A new message from Amara Okafor arrived since you opened this") as refusal:
        composing.send(hannah, amara, words, conversation=conversation)
    assert refusal.value.field == "seen"
    assert not conversation.messages.filter(text=words.text).exists()


def test_a_colleagues_answer_since_is_told(
    hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    seen = newest(conversation)
    conversations.answer(priya, conversation, text="I will call you")
    with pytest.raises(Refused, match="Priya Nair answered since you opened this"):
        composing.send(hannah, amara, Words(text="Tuesday", seen=seen), conversation=conversation)


def test_a_colleague_who_is_just_sending_is_told_and_undoes_it_alone(
    hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    seen = newest(conversation)
    Member.objects.filter(pk=priya.pk).update(undo_seconds=10)
    priya.refresh_from_db()
    composing.send(priya, amara, Words(text="I will call you", seen=seen), conversation=conversation)
    words = Words(text="Tuesday", seen=seen)
    with pytest.raises(Refused, match="Priya Nair is sending an answer at this moment") as refusal:
        composing.send(hannah, amara, words, conversation=conversation)
    assert refusal.value.field == "seen"

    coming = ScheduledMessage.objects.get()
    with pytest.raises(Refused, match="Only Priya Nair can undo this"):
        scheduled.cancel(hannah, coming)
    scheduled.cancel(priya, coming)
    composing.send(hannah, amara, words, conversation=conversation)
    assert conversation.messages.filter(text="Tuesday").exists()


def test_ones_own_words_and_a_machines_hold_nothing_up(
    hannah: Member, amara: Person, conversation: Conversation
) -> None:
    seen = newest(conversation)
    conversations.answer(hannah, conversation, text="From my other tab")
    says(conversation, "I am away", automatic="auto-replied")
    composing.send(hannah, amara, Words(text="Tuesday", seen=seen), conversation=conversation)
    composing.send(hannah, amara, Words(text="Whatever was said", seen=None), conversation=conversation)
    assert conversation.messages.filter(text="Tuesday").exists()


def test_what_is_put_off_is_checked_when_it_is_written(
    hannah: Member, amara: Person, conversation: Conversation
) -> None:
    seen = newest(conversation)
    says(conversation, "No")
    later = clock.now() + timedelta(days=1)
    with pytest.raises(Refused, match="arrived since you opened this"):
        composing.send(hannah, amara, Words(text="Yes?", seen=seen), conversation=conversation, due_at=later)
    assert not ScheduledMessage.objects.exists()
