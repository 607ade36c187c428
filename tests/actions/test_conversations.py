import pytest

from candidly.actions import conversations, participations
from candidly.actions.errors import Refused
from candidly.models import (
    Conversation,
    Delivery,
    Member,
    Participation,
    Person,
    ReplyAddress,
)

pytestmark = pytest.mark.django_db


def begin(member: Member, person: Person, **changes: str) -> Conversation:
    fields = {
        "subject": "Your application",
        "text": "Dear Amara,\ncould you send your CV?",
        **changes,
    }
    return conversations.start(member, person, **fields).conversation  # type: ignore[arg-type]


def test_a_first_message_brings_a_conversation_a_delivery_and_a_reply_address(hannah: Member, amara: Person) -> None:
    conversation = begin(hannah, amara)
    delivery = Delivery.objects.get()
    assert (delivery.address, delivery.state) == ("amara@mail.example", "queued")
    assert ReplyAddress.objects.get(conversation=conversation).person == amara
    assert Participation.objects.get(conversation=conversation, member=hannah).role == "owner"
    assert conversation.snippet == "Dear Amara, could you send your CV?"


def test_an_answer_threads_under_the_message_before_it(hannah: Member, amara: Person) -> None:
    conversation = begin(hannah, amara)
    first = conversation.messages.get()
    second = conversations.answer(hannah, conversation, text="And your NMC pin, please.")
    third = conversations.answer(hannah, conversation, text="Thank you.")
    assert second.subject == "Re: Your application"
    assert second.in_reply_to == first.rfc_message_id
    assert third.references.split() == [first.rfc_message_id, second.rfc_message_id]
    assert ReplyAddress.objects.filter(conversation=conversation).count() == 1


def test_a_colleague_who_answers_takes_part_without_becoming_the_owner(
    hannah: Member, priya: Member, amara: Person
) -> None:
    conversation = begin(hannah, amara)
    conversations.answer(priya, conversation, text="I can call you on Monday.")
    assert dict(conversation.participations.values_list("member", "role")) == {
        hannah.pk: "owner",
        priya.pk: "follower",
    }


def test_a_double_click_sends_once(hannah: Member, amara: Person) -> None:
    one = conversations.start(hannah, amara, subject="Hello", text="Hello", send_key="a1b2")
    two = conversations.start(hannah, amara, subject="Hello", text="Hello", send_key="a1b2")
    assert one == two
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("", "has no e-mail address"), ("amara at mail", "Correct it on the profile")],
)
def test_a_person_without_a_usable_address_is_refused_in_plain_words(
    hannah: Member, amara: Person, address: str, sentence: str
) -> None:
    amara.private_email = address
    with pytest.raises(Refused, match=sentence) as refusal:
        begin(hannah, amara)
    assert refusal.value.field == "address"
    assert not Conversation.objects.exists()


def test_an_empty_message_and_an_empty_subject_are_refused_at_their_field(hannah: Member, amara: Person) -> None:
    with pytest.raises(Refused) as no_text:
        begin(hannah, amara, text="  \n ")
    with pytest.raises(Refused) as no_subject:
        begin(hannah, amara, subject=" ")
    assert (no_text.value.field, no_subject.value.field) == ("text", "subject")


def test_a_read_only_member_writes_to_nobody(ruth: Member, amara: Person) -> None:
    with pytest.raises(Refused, match="read-only"):
        begin(ruth, amara)


def test_reading_is_each_members_own(hannah: Member, priya: Member, amara: Person) -> None:
    conversation = begin(hannah, amara)
    conversations.answer(priya, conversation, text="Me too.")
    Participation.objects.update(is_unread=True)
    participations.mark_read(hannah, [conversation.pk])
    assert dict(Participation.objects.values_list("member", "is_unread")) == {
        hannah.pk: False,
        priya.pk: True,
    }
