"""The text message provider calls: texts that come in, and what became of ours."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client

from candidly.actions import conversations, deliveries
from candidly.envelope import Receipt
from candidly.models import Conversation, Delivery, InboundMail, Member, Organization, Participation, Person
from candidly.worker.sending import LEASE
from tests.support.texts import AMARAS, INBOUND, STATUS, call, form, read_all, text_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Hi", text="Can you come?", channels=["sms"]).conversation


@pytest.fixture
def delivery(conversation: Conversation) -> Delivery:
    """Handed over to the provider, which called it SM7."""
    (key,) = deliveries.claim("w1", 10, LEASE, "sms")
    deliveries.record("w1", [Receipt(key, external_id="SM7")], "sms")
    return Delivery.objects.get(pk=key)


def reported(delivery: Delivery, status: str, sid: str = "SM7", **fields: str) -> Delivery:
    path = f"{STATUS}?delivery={delivery.pk}"
    assert call(path, {"MessageSid": sid, "MessageStatus": status, **fields}).status_code == 204
    delivery.refresh_from_db()
    return delivery


def test_a_text_lands_in_the_conversation_of_the_last_text_to_its_number(delivery: Delivery, hannah: Member) -> None:
    answer = call(INBOUND, form("Yes, I can come."))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert b"<Response/>" in answer.content
    assert InboundMail.objects.get().state == "stored"
    read_all()
    conversation = delivery.message.conversation  # type: ignore[union-attr]
    heard = conversation.messages.get(direction="in")
    assert (heard.channel, heard.text, heard.from_address) == ("sms", "Yes, I can come.", AMARAS)
    assert Participation.objects.get(member=hannah).is_unread
    assert Participation.objects.get(member=hannah).is_waiting


def test_the_same_text_handed_in_twice_is_kept_once(delivery: Delivery, conversation: Conversation) -> None:
    for _ in range(2):
        text_in("Yes.", sid="SM9")
    assert conversation.messages.filter(direction="in").count() == 1


@pytest.mark.parametrize("signature", ["", "bm8=", "a" * 10_000])
def test_whoever_cannot_sign_is_refused(signature: str, conversation: Conversation) -> None:
    assert call(INBOUND, form(), signed=signature).status_code == 403
    assert call(f"{STATUS}?delivery=1", {"MessageStatus": "delivered"}, signed=signature).status_code == 403
    assert not InboundMail.objects.exists()


def test_a_signature_is_for_one_address_and_one_form(delivery: Delivery) -> None:
    fields = {"MessageSid": "SM7", "MessageStatus": "delivered"}
    good = call(f"{STATUS}?delivery={delivery.pk}", fields)
    signature = good.wsgi_request.headers["X-Twilio-Signature"]
    assert call(f"{STATUS}?delivery={delivery.pk + 1}", fields, signed=signature).status_code == 403
    assert (
        call(f"{STATUS}?delivery={delivery.pk}", {**fields, "MessageStatus": "failed"}, signed=signature).status_code
        == 403
    )


def test_only_post_is_answered(db: None) -> None:
    assert Client().get(INBOUND).status_code == 405
    assert Client().get(STATUS).status_code == 405


def test_a_database_that_is_away_is_no_reason_to_lose_a_text(conversation: Conversation) -> None:
    with patch("candidly.actions.arrivals.organization_of", side_effect=OperationalError):
        assert call(INBOUND, form()).status_code == 503
    assert call(INBOUND, form()).status_code == 200


def test_a_text_without_a_name_or_sender_is_not_taken(conversation: Conversation) -> None:
    assert call(INBOUND, form(sid="")).status_code == 404
    assert call(INBOUND, form(sender="")).status_code == 404


def test_who_was_never_texted_is_known_by_their_number(hannah: Member, amara: Person) -> None:
    by_mail = conversations.start(hannah, amara, subject="Hi", text="Can you come?").conversation
    text_in("Yes.")
    assert by_mail.messages.get(direction="in").text == "Yes."


def test_a_stranger_waits_in_the_review_tray(conversation: Conversation) -> None:
    text_in("Who is this?", sender="+447700900999")
    mail = InboundMail.objects.get()
    assert (mail.state, mail.suggestion) == ("review", None)
    assert mail.problem == "Nobody here has the number +447700900999, and nobody texted it."
    assert (mail.from_address, mail.snippet) == ("+447700900999", "Who is this?")


def test_two_people_with_one_number_are_told_apart_by_a_member(hannah: Member, amara: Person, kwame: Person) -> None:
    Person.objects.filter(pk=kwame.pk).update(phone=AMARAS)
    conversations.start(hannah, amara, subject="Hi", text="Hello")
    kwames = conversations.start(hannah, kwame, subject="Hi", text="Hello").conversation
    text_in("Yes.")
    assert InboundMail.objects.get().problem.startswith("Several people have the number")
    assert InboundMail.objects.get().suggestion == kwames


def test_each_organization_hears_what_comes_to_its_own_number(
    northlane: Organization, harbour: Organization, omar: Member, leila: Person, conversation: Conversation
) -> None:
    Organization.objects.filter(pk=harbour.pk).update(sms_number="+447700900555")
    text_in("Hello", sender="+447700900777", To="+447700900555")
    assert InboundMail.objects.get().organization == harbour
    text_in("Yes.")
    assert conversation.messages.filter(direction="in").exists()


def test_a_text_that_is_nobodys_is_not_taken(northlane: Organization, harbour: Organization) -> None:
    assert call(INBOUND, form(sender="+447700900777")).status_code == 404


def test_pictures_are_said_to_have_come(conversation: Conversation) -> None:
    text_in("My papers", NumMedia="2")
    assert "2 pictures came with this text" in conversation.messages.get(direction="in").text


def test_a_review_of_a_text_shows_it_and_files_it(
    conversation: Conversation, hannah: Member, client_of: Callable[[Member], Client]
) -> None:
    text_in("It is <b>me</b>, from my new phone", sender="+447700900999")
    mail = InboundMail.objects.get()
    page = client_of(hannah).get(f"/review/{mail.pk}/").content.decode()
    assert "It is &lt;b&gt;me&lt;/b&gt;, from my new phone" in page
    assert "Text message" in page
    assert "(no subject)" not in page.partition('id="tray"')[2].partition('class="older"')[0].partition("</ul>")[0]
    client_of(hannah).post(f"/review/{mail.pk}/file/", {"conversation": conversation.pk})
    heard = conversation.messages.get(direction="in")
    assert (heard.channel, heard.text) == ("sms", "It is <b>me</b>, from my new phone")


def test_a_text_is_delivered_when_the_phone_says_so(delivery: Delivery) -> None:
    assert reported(delivery, "delivered").state == "delivered"
    assert delivery.arrived_at is not None
    assert delivery.sent_at is not None


def test_what_comes_late_never_turns_time_back(delivery: Delivery) -> None:
    reported(delivery, "delivered")
    for late in ("queued", "sending", "sent", "undelivered", "failed"):
        assert reported(delivery, late).state == "delivered"
    assert reported(delivery, "read").state == "read"
    assert reported(delivery, "delivered").state == "read"


@pytest.mark.parametrize(
    ("status", "code", "state", "words"),
    [
        ("undelivered", "30003", "bounced", "switched off"),
        ("undelivered", "30005", "bounced", "not in use"),
        ("failed", "30008", "failed", "did not say why"),
        ("undelivered", "99999", "bounced", "error 99999"),
        ("failed", "", "failed", "did not say why"),
    ],
)
def test_a_text_that_does_not_arrive_says_why(
    delivery: Delivery, status: str, code: str, state: str, words: str
) -> None:
    fields = {"ErrorCode": code} if code else {}
    assert reported(delivery, status, **fields).state == state
    assert words in delivery.reason
    assert delivery.message.conversation.has_failure  # type: ignore[union-attr]


def test_the_phone_knows_what_became_of_a_text_whose_outcome_we_do_not(delivery: Delivery) -> None:
    Delivery.objects.update(state="unconfirmed", external_id="", sent_at=None)
    assert reported(delivery, "sent").state == "sent"
    Delivery.objects.update(state="unconfirmed", external_id="", sent_at=None)
    assert reported(delivery, "delivered").state == "delivered"


def test_an_answer_that_overtakes_its_own_receipt_stands(conversation: Conversation) -> None:
    (key,) = deliveries.claim("w1", 10, LEASE, "sms")
    delivery = Delivery.objects.get(pk=key)
    assert reported(delivery, "delivered").state == "delivered"
    deliveries.record("w1", [Receipt(key, external_id="SM7")], "sms")
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_of_a_text_that_was_sent_again_the_first_is_not_heard_any_more(delivery: Delivery) -> None:
    reported(delivery, "undelivered")
    deliveries.retry_failed(delivery)
    (key,) = deliveries.claim("w1", 10, LEASE, "sms")
    deliveries.record("w1", [Receipt(key, external_id="SM8")], "sms")
    assert reported(delivery, "undelivered", sid="SM7").state == "sent"
    assert reported(delivery, "delivered", sid="SM8").state == "delivered"


@pytest.mark.parametrize("delivery_id", ["", "0", "999999", "x", "9" * 30, "²"])
def test_a_status_of_nothing_of_ours_is_taken_and_changes_nothing(delivery_id: str, delivery: Delivery) -> None:
    path = f"{STATUS}?delivery={delivery_id}"
    assert call(path, {"MessageSid": "SM7", "MessageStatus": "delivered"}).status_code in (204, 403)
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_status_says_nothing_of_a_mail(hannah: Member, amara: Person) -> None:
    mail = conversations.start(hannah, amara, subject="Hi", text="Hello").deliveries.get()
    Delivery.objects.update(state="sent")
    assert reported(mail, "delivered").state == "sent"
