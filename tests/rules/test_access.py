"""Who sees what: the table of roles, on real rows."""

import pytest

from candidly.actions import conversations
from candidly.models import Conversation, InboundMail, Member, Message, Person, Role
from candidly.rules import access

pytestmark = pytest.mark.django_db


@pytest.fixture
def about_amara(hannah: Member, amara: Person) -> Conversation:
    application = amara.applications.get()
    return conversations.start(hannah, amara, subject="ICU", text="Hello", application=application).conversation


@pytest.fixture
def about_kwame(hannah: Member, kwame: Person) -> Conversation:
    return conversations.start(hannah, kwame, subject="Nights", text="Hello").conversation


def test_recruiters_readers_and_super_admins_see_the_whole_organization(
    hannah: Member, ruth: Member, sofia: Member, amara: Person, kwame: Person, about_kwame: Conversation
) -> None:
    for member in (hannah, ruth, sofia):
        assert set(access.candidates_for(member)) == {amara, kwame}
        assert set(access.conversations_for(member)) == {about_kwame}


def test_a_hiring_manager_sees_who_applied_to_their_openings_and_their_own_conversations(
    marcus: Member, amara: Person, kwame: Person, about_amara: Conversation, about_kwame: Conversation
) -> None:
    assert list(access.candidates_for(marcus)) == [amara]
    assert list(access.conversations_for(marcus)) == [about_amara]
    assert list(access.messages_for(marcus)) == list(about_amara.messages.all())


def test_who_may_answer_one_conversation_is_who_may_answer_it_among_all(
    hannah: Member, ruth: Member, sofia: Member, marcus: Member, about_amara: Conversation, about_kwame: Conversation
) -> None:
    elsewhere = conversations.start(hannah, about_amara.person, subject="Another job", text="Hello").conversation
    said = {
        (member.user.name.split()[0], conversation.subject): access.may_answer(member, conversation)
        for member in (hannah, ruth, sofia, marcus)
        for conversation in access.conversations_for(member)
    }
    among_all = {
        (name, conversation.subject)
        for member in (hannah, ruth, sofia, marcus)
        for name in [member.user.name.split()[0]]
        for conversation in access.answerable_for(member)
    }
    assert {place for place, may in said.items() if may} == among_all
    assert not said["Marcus", elsewhere.subject]
    assert said["Marcus", about_amara.subject]
    assert not said["Ruth", about_kwame.subject]


def test_another_organization_sees_nothing(
    omar: Member, amara: Person, about_amara: Conversation, leila: Person
) -> None:
    assert list(access.people_for(omar)) == [leila]
    assert not access.conversations_for(omar).exists()
    assert not access.messages_for(omar).exists()
    assert not access.openings_for(omar).exists()
    assert not access.applications_for(omar).filter(person=amara).exists()


def test_only_recruiters_and_super_admins_open_the_review_tray(
    hannah: Member, marcus: Member, ruth: Member, sofia: Member, omar: Member
) -> None:
    InboundMail.objects.create(
        organization=hannah.organization, external_id="1", envelope_to="", raw=b"", size=0, state="review"
    )
    seen = {member.name: access.review_for(member).count() for member in (hannah, marcus, ruth, sofia, omar)}
    assert [name for name, number in seen.items() if number] == [hannah.name, sofia.name]


@pytest.mark.parametrize(
    ("role", "writes"),
    [(Role.SUPER_ADMIN, True), (Role.RECRUITER, True), (Role.HIRING_MANAGER, True), (Role.READ_ONLY, False)],
)
def test_who_may_write(hannah: Member, role: Role, writes: bool) -> None:
    hannah.role = role
    assert access.may_write(hannah) is writes


def test_no_foreign_key_crosses_organizations(about_amara: Conversation) -> None:
    message = Message.objects.get()
    owners = {
        about_amara.organization,
        about_amara.person.organization,
        message.organization,
        message.deliveries.get().organization,
        about_amara.reply_addresses.get().organization,
    }
    assert owners == {about_amara.organization}
