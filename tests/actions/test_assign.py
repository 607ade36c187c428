"""Who leads a conversation, and who is told of its answers."""

import pytest

from candidly.actions import assign
from candidly.actions.errors import Refused
from candidly.models import Conversation, LiveEvent, Member, Notice, Person
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return write_to(amara, hannah, application=amara.applications.get()).conversation


def test_the_new_leader_has_it_unread_and_is_told_and_the_former_follows(
    hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    hears_from(amara, conversation, "May I come?")
    assert assign.assign(hannah, conversation, priya)
    conversation.refresh_from_db()
    hers = priya.participations.get()
    assert conversation.owner == priya
    assert (hers.role, hers.is_unread, hers.is_waiting) == ("owner", True, True)
    assert hannah.participations.get().role == "follower"
    assert Notice.objects.get(kind=Notice.Kind.ASSIGNED).to_address == priya.email
    assert LiveEvent.objects.filter(topic=f"conversation:{conversation.pk}", name="assigned").exists()


def test_the_timeline_says_so_and_lists_do_not(hannah: Member, priya: Member, conversation: Conversation) -> None:
    before = Conversation.objects.get(pk=conversation.pk)
    assign.assign(hannah, conversation, priya)
    event = conversation.messages.get(channel="event")
    assert (event.member, event.text) == (hannah, "assigned this to Priya Nair")
    assert not event.deliveries.exists()
    conversation.refresh_from_db()
    same = ("snippet", "last_message_at", "last_direction", "last_channel")
    assert [getattr(conversation, name) for name in same] == [getattr(before, name) for name in same]


def test_answers_are_copied_to_whoever_leads(
    hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    assign.assign(hannah, conversation, priya)
    hears_from(amara, conversation, "May I come?")
    assert [copy.to_address for copy in Notice.objects.filter(kind=Notice.Kind.REPLY_COPY)] == [priya.email]
    assert hannah.participations.get().is_unread


def test_taking_it_over_oneself_is_read_and_told_to_nobody(priya: Member, conversation: Conversation) -> None:
    assert assign.assign(priya, conversation, priya)
    assert not priya.participations.get().is_unread
    assert not Notice.objects.filter(kind=Notice.Kind.ASSIGNED).exists()
    conversation.refresh_from_db()
    assert not assign.assign(priya, conversation, priya)


def test_it_is_not_given_to_who_could_not_lead_it(
    hannah: Member, ruth: Member, marcus: Member, omar: Member, amara: Person, kwame: Person, conversation: Conversation
) -> None:
    with pytest.raises(Refused, match="Ruth Adeyemi has a read-only role"):
        assign.assign(hannah, conversation, ruth)
    with pytest.raises(Refused, match="Omar Haddad cannot see"):
        assign.assign(hannah, conversation, omar)
    with pytest.raises(Refused, match="Marcus Bell cannot see"):
        assign.assign(hannah, write_to(kwame, hannah).conversation, marcus)
    with pytest.raises(Refused, match="only those who may answer"):
        assign.assign(ruth, conversation, hannah)


def test_the_second_of_two_who_assign_at_once_is_told(
    hannah: Member, priya: Member, sofia: Member, conversation: Conversation
) -> None:
    as_seen_before = Conversation.objects.get(pk=conversation.pk)
    assign.assign(hannah, conversation, priya)
    with pytest.raises(Refused, match="Somebody else assigned"):
        assign.assign(sofia, as_seen_before, sofia)
    assert Conversation.objects.get().owner == priya
    assert conversation.messages.filter(channel="event").count() == 1
