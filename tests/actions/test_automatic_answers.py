"""What answers by itself, and what is never answered: through the door that mail really takes."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from candidly.actions import arrivals, conversations, outgoing, people
from candidly.envelope import Outgoing
from candidly.mail.compose import compose
from candidly.models import (
    Application,
    Conversation,
    Delivery,
    InboundMail,
    Member,
    Notice,
    Opening,
    Organization,
    Participation,
    Person,
    Reminder,
    Stage,
)
from candidly.rules.mail_identity import organization_address, reply_address
from tests.support.door import hand_in as hand_in_at
from tests.support.door import open_door, read_all
from tests.web.letters import write_to

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = "amara@mail.example"
VACATION = "Auto-Submitted: auto-replied\n"
LIST = "List-Id: Nurses <nurses.lists.example>\nPrecedence: list\n"
BOUNCE = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n'

type HandIn = Callable[..., InboundMail]


@pytest.fixture
def hand_in(transactional_db: None) -> Iterator[HandIn]:
    """Gives a mail to the listening server, as any mail server does, and has it read."""

    def send(
        conversation: Conversation, fields: str = "", sender: str = PERSON, path: str | None = None
    ) -> InboundMail:
        to = address_of(conversation)
        number = InboundMail.objects.count()
        raw = (
            f"From: <{sender}>\nTo: <{to}>\nSubject: Re: Interview\nMessage-ID: <{number}@mail.example>\n{fields}\nWhy?"
        )
        hand_in_at(listener, raw.encode(), to, sender if path is None else path)
        return InboundMail.objects.latest("pk")

    with open_door() as listener:
        yield send


def address_of(conversation: Conversation) -> str:
    return reply_address(conversation.reply_addresses.get(person=conversation.person).token)


@pytest.fixture
def conversation(hannah: Member, amara: Person, amaras_application: Application) -> Conversation:
    return write_to(amara, hannah, subject="Interview", application=amaras_application).conversation


@pytest.fixture
def closed(conversation: Conversation, amaras_application: Application) -> Conversation:
    people.move(amaras_application, Stage.DECLINED)
    return conversation


def told() -> list[str]:
    return list(Notice.objects.filter(kind="closed").order_by("pk").values_list("to_address", flat=True))


def test_who_writes_after_being_declined_is_told_politely_and_what_they_wrote_is_kept(
    hand_in: HandIn, closed: Conversation, hannah: Member
) -> None:
    assert hand_in(closed).state == "filed"
    assert closed.messages.get(direction="in").came_after_close
    notice = Notice.objects.get(kind="closed")
    assert (notice.to_address, notice.reply_to) == (PERSON, "")
    assert notice.subject == "Re: Interview"
    assert "Your application with Northlane Care is closed" in notice.text
    (mail,) = outgoing.build([notice.deliveries.get().pk])
    assert isinstance(mail, Outgoing)
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert Participation.objects.get(member=hannah).is_unread


def test_they_are_told_once_however_often_they_write(hand_in: HandIn, closed: Conversation) -> None:
    for _ in range(3):
        hand_in(closed)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=3))
    hand_in(closed)
    assert told() == [PERSON]
    assert closed.messages.filter(direction="in", came_after_close=True).count() == 4


def test_a_correspondent_gets_one_automatic_mail_a_day_whatever_they_write_to(
    hand_in: HandIn, closed: Conversation, hannah: Member, amara: Person, amaras_application: Application
) -> None:
    other = write_to(amara, hannah, subject="Another", application=amaras_application).conversation
    hand_in(closed)
    hand_in(other)
    assert told() == [PERSON]
    Notice.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    hand_in(other)
    assert told() == [PERSON, PERSON]


@pytest.mark.parametrize(
    ("fields", "path"),
    [(VACATION, PERSON), (LIST, PERSON), (BOUNCE, ""), ("", ""), ("", "mailer-daemon@mail.example")],
    ids=["vacation", "list", "bounce", "null path", "daemon"],
)
def test_no_machine_is_answered(hand_in: HandIn, closed: Conversation, fields: str, path: str) -> None:
    assert hand_in(closed, fields, path=path).state == "filed"
    assert closed.messages.get(direction="in").automatic
    assert told() == []


def test_whoever_is_not_the_person_is_not_answered(hand_in: HandIn, closed: Conversation) -> None:
    assert hand_in(closed, sender="mallory@elsewhere.example").state == "review"
    assert told() == []


def test_in_an_open_conversation_nothing_answers_by_itself(hand_in: HandIn, conversation: Conversation) -> None:
    hand_in(conversation)
    assert told() == []
    assert not conversation.messages.get(direction="in").came_after_close


@pytest.mark.parametrize("fields", [VACATION, LIST, BOUNCE], ids=["vacation", "list", "bounce"])
def test_a_machine_ends_no_reminder_and_waits_for_nobody(
    hand_in: HandIn, conversation: Conversation, hannah: Member, amara: Person, fields: str
) -> None:
    conversations.answer(hannah, conversation, text="Still there?", remind_days=3)
    hand_in(conversation, fields)
    assert Reminder.objects.get().state == "waiting"
    assert not Participation.objects.get(member=hannah).is_waiting
    assert not Notice.objects.filter(kind="reply_copy").exists()
    amara.refresh_from_db()
    assert amara.last_reply_at is None
    hand_in(conversation)
    assert Reminder.objects.get().state == "answered"
    assert Participation.objects.get(member=hannah).is_waiting


def test_two_candidlys_that_write_to_each_other_fall_silent(
    hannah: Member, omar: Member, northlane: Organization, harbour: Organization, icu: Opening
) -> None:
    """Each has the other as a candidate whose application was declined, so that each would answer the other."""
    theirs = declined(harbour, "Northlane", organization_address(northlane))
    at_harbour = write_to(theirs.person, omar, application=theirs).conversation
    ours = declined(northlane, "Harbour", address_of(at_harbour), organization_address(harbour))
    at_northlane = write_to(ours.person, hannah, text="Hello", application=ours).conversation
    rounds = carry_until_quiet()
    assert rounds < 10
    assert Notice.objects.filter(kind="closed", organization=harbour).count() == 1
    assert Notice.objects.filter(kind="closed", organization=northlane).count() <= 1
    assert at_harbour.messages.filter(direction="in", automatic="").count() == 1
    assert at_northlane.messages.filter(direction="in", automatic="").count() <= 1


def declined(organization: Organization, name: str, email: str, work_email: str = "") -> Application:
    opening = people.add_opening(organization, "Driver", "Hull")
    person = people.add_candidate(
        organization, first_name=name, last_name="Candidly", private_email=email, work_email=work_email, opening=opening
    )
    application = person.applications.get()
    people.move(application, Stage.DECLINED)
    return application


def carry_until_quiet() -> int:
    """Carries each mail of one Candidly to the other, until none is under way or it has gone on for too long."""
    for rounds in range(10):
        waiting = list(Delivery.objects.waiting().filter(channel="email").values_list("pk", flat=True))
        if not waiting:
            return rounds
        for mail in outgoing.build(waiting):
            assert isinstance(mail, Outgoing)
            if arrivals.places([mail.recipient.email]) != [None]:
                arrivals.store(envelope_from=mail.return_path, recipients=[mail.recipient.email], raw=compose(mail))
        Delivery.objects.filter(pk__in=waiting).update(state="sent")
        read_all()
    return 10
