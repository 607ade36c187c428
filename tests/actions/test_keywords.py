"""STOP, START and HELP: what they change, and what is texted back."""

from email.message import EmailMessage

import pytest

from candidly.actions import arrivals, conversations, deliveries, hand_off, outgoing
from candidly.actions.errors import Refused
from candidly.envelope import OutgoingText
from candidly.models import ConsentEvent, Conversation, Delivery, Member, Notice, Organization, Person, Suppression
from candidly.worker.sending import LEASE
from tests.support.texts import AMARAS, read_all, text_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    found = conversations.start(hannah, amara, subject="Hi", text="Can you come?", channels=["sms"]).conversation
    Delivery.objects.update(state="sent")
    return found


def texts_out() -> list[OutgoingText]:
    """What the worker would hand to the provider now."""
    return outgoing.build_texts(hand_off.allowed("sms", deliveries.claim("w1", 10, LEASE, "sms")))


def test_stop_is_kept_obeyed_and_confirmed_once(
    conversation: Conversation, amara: Person, northlane: Organization
) -> None:
    text_in("Stop!")
    text_in("STOP")
    assert conversation.messages.filter(direction="in").count() == 2
    listed = Suppression.objects.get()
    assert (listed.channel, listed.address, listed.cause) == ("sms", AMARAS, "opted_out")
    assert listed.reason == "Answered “Stop!” by text message."
    event = ConsentEvent.objects.order_by("pk")[0]
    assert (event.agreed, event.source, event.said, event.person) == (False, "text", "Stop!", amara)
    (confirmation,) = texts_out()
    assert confirmation.recipient == AMARAS
    assert confirmation.text.startswith("Northlane Care: You will get no more text messages from us.")


def test_after_stop_nobody_can_text_them_and_everything_else_goes(
    conversation: Conversation, hannah: Member, amara: Person
) -> None:
    text_in("STOP")
    with pytest.raises(Refused, match=r"Amara Okafor is on the suppression list\. Answered “STOP” by text message\."):
        conversations.answer(hannah, conversation, text="Are you sure?", channels=["sms"])
    assert conversations.answer(hannah, conversation, text="Are you sure?", channels=["email"])


def test_start_lifts_it_again(conversation: Conversation, hannah: Member) -> None:
    text_in("STOP")
    text_in("start")
    assert not Suppression.objects.exists()
    assert list(ConsentEvent.objects.order_by("pk").values_list("agreed", flat=True)) == [False, True]
    assert [text.text.partition(". ")[0] for text in texts_out()] == [
        "Northlane Care: You will get no more text messages from us",
        "Northlane Care: You will get text messages from us again",
    ]
    assert conversations.answer(hannah, conversation, text="Good to hear.", channels=["sms"])


def test_yes_means_start_only_to_who_has_stopped(conversation: Conversation) -> None:
    text_in("Yes")
    assert not ConsentEvent.objects.exists()
    text_in("STOP")
    text_in("Yes")
    assert not Suppression.objects.exists()


def test_help_says_who_texts_and_how_to_stop_and_not_twice_in_an_hour(conversation: Conversation) -> None:
    text_in("HELP")
    text_in("help?")
    (answer,) = texts_out()
    assert "Northlane Care" in answer.text
    assert "STOP" in answer.text
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("Arrêt", "vous ne recevrez plus"),
        ("BAJA", "ya no recibirá"),
        ("stopp", "Sie erhalten keine"),
        ("Koniec.", "nie otrzymasz"),
    ],
)
def test_the_answer_is_in_the_language_of_the_word(conversation: Conversation, word: str, answer: str) -> None:
    text_in(word)
    (text,) = texts_out()
    assert answer in text.text


def test_an_english_word_is_answered_in_the_persons_own_language(conversation: Conversation, amara: Person) -> None:
    Person.objects.filter(pk=amara.pk).update(language="pl-PL")
    text_in("STOP")
    (text,) = texts_out()
    assert "nie otrzymasz" in text.text


def test_a_stranger_is_obeyed_too(conversation: Conversation) -> None:
    text_in("STOP", sender="+447700900999")
    assert Suppression.objects.get().address == "+447700900999"
    assert ConsentEvent.objects.get().person is None
    (confirmation,) = texts_out()
    assert confirmation.recipient == "+447700900999"


def test_what_the_provider_has_answered_is_not_answered_again(conversation: Conversation) -> None:
    text_in("Ga weg", OptOutType="STOP")
    assert Suppression.objects.get().address == AMARAS
    assert texts_out() == []


def test_a_confirmation_comes_from_the_organizations_own_number(
    conversation: Conversation, northlane: Organization
) -> None:
    Organization.objects.filter(pk=northlane.pk).update(sms_number="+447700900555")
    text_in("STOP")
    (confirmation,) = texts_out()
    assert confirmation.sender == "+447700900555"


def test_a_members_mail_answers_by_text_who_has_no_mail(
    conversation: Conversation, hannah: Member, amara: Person
) -> None:
    Person.objects.filter(pk=amara.pk).update(private_email="")
    text_in("I can come at nine.")
    letter = EmailMessage()
    letter["From"], letter["Message-ID"] = hannah.email, "<1@northlane.example>"
    letter.set_content("Good, see you then.")
    copy = Notice.objects.get(kind=Notice.Kind.REPLY_COPY)
    arrivals.store(envelope_from=hannah.email, recipients=[copy.reply_to], raw=letter.as_bytes())
    read_all()
    answer = conversation.messages.latest("pk")
    assert (answer.text.strip(), answer.member) == ("Good, see you then.", hannah)
    assert answer.deliveries.get().channel == "sms"
