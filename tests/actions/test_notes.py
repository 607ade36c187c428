"""Notes stay with the team, and reach whom they name."""

from datetime import timedelta
from io import BytesIO

import pytest

from candidly.actions import conversations, deliveries, drafts, hearing, notes, outgoing, people
from candidly.actions.attachments import keep
from candidly.actions.errors import Refused
from candidly.models import (
    Alerts,
    Conversation,
    Delivery,
    LiveEvent,
    Member,
    Message,
    Notice,
    Opening,
    Person,
    Role,
    Unindexed,
    User,
)
from candidly.rules import access
from tests.conftest import join
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db

SECRET = "CRRT unsupervised?"


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return write_to(amara, hannah, application=amara.applications.get()).conversation


def everything_that_leaves() -> str:
    """All mails that a worker would hand over by now, as one text."""
    claimed = deliveries.claim("w1", 500, timedelta(minutes=5))
    return "\n".join(str(mail) for mail in outgoing.build(claimed))


def test_a_note_is_kept_and_found_by_search_and_has_no_delivery(hannah: Member, conversation: Conversation) -> None:
    note = notes.note(hannah, conversation, SECRET)
    assert (note.direction, note.channel, note.text) == ("own", "note", SECRET)
    assert not note.deliveries.exists()
    assert Unindexed.objects.filter(message=note).exists()


def test_no_door_sends_a_note_outside(hannah: Member, amara: Person, conversation: Conversation) -> None:
    hears_from(amara, conversation, "Yes")
    notes.note(hannah, conversation, SECRET)
    conversations.answer(hannah, conversation, text="Thank you", channels=("email", "app"))
    hears_from(amara, conversation, "And one more thing")
    assert SECRET not in everything_that_leaves()
    texts = Delivery.objects.filter(message__direction=Message.Direction.OWN)
    assert not texts.exists()


def test_a_note_is_no_answer_but_the_newest_line(hannah: Member, amara: Person, conversation: Conversation) -> None:
    hears_from(amara, conversation, "May I come?")
    notes.note(hannah, conversation, "Ask  the\nward first")
    conversation.refresh_from_db()
    mine = hannah.participations.get()
    assert (conversation.snippet, conversation.last_channel, conversation.last_direction) == (
        "Ask the ward first", "note", "own",
    )  # fmt: skip
    assert mine.is_waiting
    assert mine.is_unread  # what came before the note was not read by writing it
    amara.refresh_from_db()
    assert amara.last_channel == "email"


def test_who_is_named_follows_has_it_unread_and_is_told(
    hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    hears_from(amara, conversation, "May I come?")
    note = notes.note(hannah, conversation, "@Priya Nair, can you look? Mail me@priya.example or @hannah.")
    hers = priya.participations.get()
    assert (hers.role, hers.is_unread, hers.is_waiting, hers.read_up_to) == ("follower", True, True, note.pk - 1)
    assert list(note.mentions.all()) == [priya]
    mail = Notice.objects.get(kind=Notice.Kind.MENTION)
    assert (mail.to_address, mail.reply_to, mail.message_id) == (priya.email, "", None)
    assert "can you look?" in mail.text
    assert f"/conversations/{conversation.pk}/" in mail.text
    assert LiveEvent.objects.filter(topic=f"member:{priya.pk}", name="inbox").exists()
    assert "can you look?" not in str(
        outgoing.build(list(Delivery.objects.filter(notice=None).values_list("pk", flat=True)))
    )


@pytest.mark.parametrize(("alerts", "mails"), [("each", 1), ("hourly", 0), ("daily", 0), ("never", 0)])
def test_a_mail_at_once_goes_to_who_wants_each(
    hannah: Member, priya: Member, conversation: Conversation, alerts: Alerts, mails: int
) -> None:
    Member.objects.filter(pk=priya.pk).update(alerts=alerts)
    notes.note(hannah, conversation, "@Priya look")
    assert Notice.objects.filter(kind=Notice.Kind.MENTION).count() == mails
    assert priya.participations.get().is_unread


def test_an_archived_conversation_comes_back_to_who_is_named(
    hannah: Member, priya: Member, conversation: Conversation
) -> None:
    notes.note(hannah, conversation, "@Priya look")
    priya.participations.update(is_unread=False, archived_at=conversation.created_at)
    notes.note(hannah, conversation, "@Priya and again")
    assert priya.participations.get().archived_at is None


def test_who_cannot_see_the_conversation_is_not_named(hannah: Member, marcus: Member, kwame: Person) -> None:
    elsewhere = write_to(kwame, hannah).conversation
    with pytest.raises(Refused, match="Marcus Bell cannot see this conversation"):
        notes.note(hannah, elsewhere, "@Marcus look")
    assert not elsewhere.messages.filter(channel="note").exists()


def test_the_longest_name_counts_and_a_name_of_two_is_asked_about(hannah: Member, conversation: Conversation) -> None:
    ann = join(hannah.organization, "Ann", Role.RECRUITER)
    ann_lee = _called(join(hannah.organization, "Anna Lee", Role.RECRUITER), "Ann Lee")
    join(hannah.organization, "Tom One", Role.RECRUITER)
    _called(join(hannah.organization, "Thomas Two", Role.RECRUITER), "Tom Two")
    assert list(notes.note(hannah, conversation, "@Ann Lee").mentions.all()) == [ann_lee]
    assert list(notes.note(hannah, conversation, "@ANN, hello").mentions.all()) == [ann]
    assert not notes.note(hannah, conversation, "@Annabel and @Nobody").mentions.exists()
    with pytest.raises(Refused, match="Several members are called Tom"):
        notes.note(hannah, conversation, "@Tom look")


def _called(member: Member, name: str) -> Member:
    User.objects.filter(pk=member.user_id).update(name=name)
    return member


def test_who_left_is_told_nothing(hannah: Member, priya: Member, conversation: Conversation) -> None:
    User.objects.filter(pk=priya.user_id).update(is_active=False)
    assert not notes.note(hannah, conversation, "@Priya look").mentions.exists()


def test_its_files_go_with_it_and_the_draft_has_done_its_work(hannah: Member, conversation: Conversation) -> None:
    file = keep(hannah, "rota.pdf", "application/pdf", BytesIO(b"%PDF-1.7 rota"))
    drafts.keep(hannah, drafts.Place(conversation), {"text": "See the rota", "note": "1"}, [file])
    note = notes.note(hannah, conversation, "See the rota", attachments=[file])
    assert note.attachments.get() == file
    assert not hannah.drafts.exists()


def test_a_double_click_writes_one_note(hannah: Member, priya: Member, conversation: Conversation) -> None:
    first = notes.note(hannah, conversation, "@Priya look", send_key="k1")
    assert notes.note(hannah, conversation, "@Priya look", send_key="k1") == first
    assert Notice.objects.filter(kind=Notice.Kind.MENTION).count() == 1


def test_who_may_only_read_writes_no_note(
    hannah: Member, ruth: Member, marcus: Member, amara: Person, nights: Opening, conversation: Conversation
) -> None:
    elsewhere = write_to(amara, hannah, application=people.apply(amara, nights)).conversation
    for reader, place in ((ruth, conversation), (marcus, elsewhere)):
        with pytest.raises(Refused, match="only those who may answer"):
            notes.note(reader, place, "Hello")
    with pytest.raises(Refused, match="Write the note first"):
        notes.note(hannah, conversation, "  ")


def test_the_readers_of_a_conversation_are_those_whose_it_is_to_read(
    hannah: Member,
    priya: Member,
    ruth: Member,
    sofia: Member,
    marcus: Member,
    omar: Member,
    amara: Person,
    kwame: Person,
) -> None:
    """`readers_of` asks the other way round what `conversations_for` says."""
    for person in (amara, kwame):
        conversation = write_to(person, hannah).conversation
        everybody = (hannah, priya, ruth, sofia, marcus, omar)
        may = {one for one in everybody if access.conversations_for(one).filter(pk=conversation.pk).exists()}
        assert set(access.readers_of(conversation)) == may
        assert set(access.leaders_of(conversation)) == may - {ruth}
    hearing.participants(conversation).create(conversation=conversation, member=marcus)
    assert marcus in access.readers_of(conversation)
