"""Who has a conversation open."""

from datetime import timedelta

import pytest

from candidly.actions import conversations, presence
from candidly.models import Conversation, LiveEvent, Member, Person, Viewer, clock
from candidly.rules.presence import others_viewing

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Interview", text="Tuesday?").conversation


def told(conversation: Conversation) -> int:
    return LiveEvent.objects.filter(topic=f"conversation:{conversation.pk}", name="presence").count()


def test_colleagues_see_each_other_and_nobody_sees_themselves(
    hannah: Member, priya: Member, conversation: Conversation
) -> None:
    presence.hello(hannah, conversation, is_writing=False)
    presence.hello(priya, conversation, is_writing=True)
    assert [(viewer.member, viewer.is_writing) for viewer in others_viewing(hannah, conversation)] == [(priya, True)]
    presence.leave(priya, conversation)
    assert not others_viewing(hannah, conversation)


def test_only_news_is_told_and_little_is_written(hannah: Member, conversation: Conversation) -> None:
    presence.hello(hannah, conversation, is_writing=False)
    presence.hello(hannah, conversation, is_writing=False)
    assert told(conversation) == 1
    first = Viewer.objects.get().seen_at
    presence.hello(hannah, conversation, is_writing=False)
    assert Viewer.objects.get().seen_at == first
    presence.hello(hannah, conversation, is_writing=True)
    assert told(conversation) == 2


def test_who_was_not_heard_of_for_a_minute_is_gone(hannah: Member, priya: Member, conversation: Conversation) -> None:
    presence.hello(hannah, conversation, is_writing=False)
    presence.hello(priya, conversation, is_writing=False)
    Viewer.objects.filter(member=hannah).update(seen_at=clock.now() - timedelta(seconds=61))
    assert not others_viewing(priya, conversation)
    presence.forget_gone()
    assert [viewer.member for viewer in Viewer.objects.all()] == [priya]
