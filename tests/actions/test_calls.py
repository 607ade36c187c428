"""Telephone calls are written down, and answer nobody."""

import pytest

from candidly.actions import calls, conversations
from candidly.actions.errors import Refused
from candidly.models import Conversation, Member, Message, Opening, Person, Unindexed
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db

SPOKE = Message.CallOutcome.SPOKE
VOICEMAIL = Message.CallOutcome.VOICEMAIL


def test_a_call_stands_in_the_open_conversation(hannah: Member, amara: Person) -> None:
    open_one = write_to(amara, hannah).conversation
    write_to(amara, hannah, subject="A newer one")
    call = calls.log(hannah, amara, outcome=SPOKE, note="Free from May", they_called=True, conversation=open_one)
    assert (call.conversation, call.direction, call.channel) == (open_one, "own", "call")
    assert (call.call_outcome, call.text, call.person, call.member) == ("spoke", "Free from May", amara, hannah)
    assert not call.deliveries.exists()
    assert Unindexed.objects.filter(message=call).exists()
    open_one.refresh_from_db()
    assert open_one.snippet == "Spoke: Free from May"


def test_without_one_it_goes_to_the_members_newest_with_the_person(
    hannah: Member, priya: Member, amara: Person
) -> None:
    write_to(amara, hannah, subject="Older")
    newest = write_to(amara, hannah, subject="Newer").conversation
    write_to(amara, priya, subject="Priya’s")
    assert calls.log(hannah, amara, outcome=VOICEMAIL).conversation == newest


def test_without_any_it_begins_one_in_which_one_can_go_on(hannah: Member, amara: Person, icu: Opening) -> None:
    call = calls.log(hannah, amara, outcome=VOICEMAIL)
    conversation = Conversation.objects.get()
    assert (conversation.owner, conversation.subject) == (hannah, str(icu))
    assert conversation.application == amara.applications.get()
    assert (conversation.snippet, conversation.last_direction) == ("Left a voicemail", "own")
    mine = hannah.participations.get()
    assert (mine.role, mine.is_unread, mine.read_up_to) == ("owner", False, call.pk)
    conversations.answer(hannah, conversation, text="I tried to call you")
    assert hears_from(amara, conversation, "Call again").conversation == conversation


def test_a_call_answers_nobody(hannah: Member, amara: Person) -> None:
    conversation = write_to(amara, hannah).conversation
    hears_from(amara, conversation, "Please call me")
    calls.log(hannah, amara, outcome=Message.CallOutcome.NO_ANSWER, conversation=conversation)
    assert hannah.participations.get().is_waiting


def test_a_double_click_logs_one_call(hannah: Member, amara: Person) -> None:
    first = calls.log(hannah, amara, outcome=SPOKE, send_key="k1")
    assert calls.log(hannah, amara, outcome=SPOKE, send_key="k1") == first
    assert Conversation.objects.count() == 1


def test_who_may_not_write_there_logs_nothing(
    ruth: Member, marcus: Member, hannah: Member, amara: Person, kwame: Person
) -> None:
    with pytest.raises(Refused, match="read-only"):
        calls.log(ruth, amara, outcome=SPOKE)
    with pytest.raises(Refused, match="cannot see this candidate"):
        calls.log(marcus, kwame, outcome=SPOKE)
    with pytest.raises(Refused, match="only those who may answer"):
        calls.log(marcus, amara, outcome=SPOKE, conversation=write_to(amara, hannah).conversation)
    assert not Message.objects.filter(channel="call").exists()
