import smtplib
import sys
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from candidly.actions import arrivals, conversations, deliveries, outgoing, receive, review
from candidly.actions.errors import Refused
from candidly.models import (
    Conversation,
    InboundMail,
    Member,
    Message,
    Notice,
    Organization,
    Participation,
    Person,
    ReplyAddress,
)
from candidly.rules import mail_identity
from tests.support.door import open_door

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Your application", text="Could you send your CV?").conversation


def reply_address(conversation: Conversation, **participant: object) -> str:
    token = ReplyAddress.objects.get(conversation=conversation, **participant or {"member": None}).token
    return mail_identity.reply_address(token)


def mail(
    sender: str = "Amara Okafor <amara@mail.example>",
    text: str = "Here it is.",
    **headers: str,
) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "somebody@reply.example"
    message["Subject"] = headers.pop("subject", "Re: Your application")
    message["Message-ID"] = headers.pop("message_id", "<1@mail.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def take_in(raw: bytes, to: str, envelope_from: str = "amara@mail.example") -> InboundMail:
    """Store and process, as listener and worker do."""
    (stored,) = arrivals.store(envelope_from=envelope_from, recipients=[to], raw=raw)
    while receive.read_some():
        pass
    stored.refresh_from_db()
    return stored


def test_a_reply_lands_in_its_conversation_unread_and_on_top(conversation: Conversation, hannah: Member) -> None:
    text = "Here it is.\n\nOn Mon, 2 Mar 2026 at 10:00, Hannah Whitlock wrote:\n> Could you send your CV?\n"
    assert take_in(mail(text=text), reply_address(conversation)).state == "filed"
    message = conversation.messages.get(direction="in")
    assert message.text.strip() == "Here it is."
    assert "Could you send your CV?" in message.quoted
    participation = Participation.objects.get(member=hannah)
    assert participation.is_unread
    conversation.refresh_from_db()
    assert (conversation.snippet, conversation.last_direction) == ("Here it is.", "in")
    conversation.person.refresh_from_db()
    assert conversation.person.last_reply_at == message.created_at


def test_the_sender_gets_a_copy_whose_answer_goes_to_the_candidate_as_theirs(
    conversation: Conversation, hannah: Member
) -> None:
    take_in(mail(), reply_address(conversation))
    copy = Notice.objects.get(kind="reply_copy")
    assert (copy.to_address, copy.from_name) == (hannah.email, "Amara Okafor")
    assert copy.reply_to == reply_address(conversation, member=hannah)

    answer = mail(
        "Hannah <hannah@northlane.example>",
        "Thank you, Amara.",
        message_id="<2@northlane.example>",
    )
    assert take_in(answer, copy.reply_to, "hannah@northlane.example").state == "filed"
    message = conversation.messages.order_by("-id")[0]
    assert (message.direction, message.member, message.text.strip()) == (
        "out",
        hannah,
        "Thank you, Amara.",
    )
    assert message.deliveries.get().address == "amara@mail.example"
    assert message.in_reply_to == "<1@mail.example>"


def test_somebody_elses_mail_to_a_members_address_is_not_sent_on(conversation: Conversation, hannah: Member) -> None:
    take_in(mail(), reply_address(conversation))
    forged = mail("Mallory <mallory@evil.example>", "Send money.", message_id="<3@evil.example>")
    held = take_in(forged, reply_address(conversation, member=hannah))
    assert held.state == "review"
    assert "Only mail from hannah@northlane.example" in held.problem
    assert held.suggestion == conversation
    assert Message.objects.filter(direction="out").count() == 1


def test_a_members_out_of_office_reaches_nobody(conversation: Conversation, hannah: Member) -> None:
    take_in(mail(), reply_address(conversation))
    away = mail(
        "Hannah <hannah@northlane.example>",
        "I am away.",
        message_id="<4@northlane.example>",
        Auto_Submitted="auto-replied",
    )
    assert take_in(away, reply_address(conversation, member=hannah)).state == "dropped"
    assert Message.objects.filter(direction="out").count() == 1


def test_a_candidates_out_of_office_is_marked_and_counts_as_no_reply(
    conversation: Conversation,
) -> None:
    take_in(
        mail(text="I am away.", Auto_Submitted="auto-replied"),
        reply_address(conversation),
    )
    assert conversation.messages.get(direction="in").automatic
    conversation.person.refresh_from_db()
    assert conversation.person.last_reply_at is None
    assert not Notice.objects.exists()


def test_a_token_and_a_sender_that_disagree_go_to_review_where_a_member_files_them(
    conversation: Conversation, hannah: Member
) -> None:
    held = take_in(mail("Amara <amara.at.home@post.example>"), reply_address(conversation))
    assert held.state == "review"
    assert "amara.at.home@post.example" in held.problem
    assert held.suggestion == conversation
    message = review.file(hannah, held, conversation)
    assert message.conversation == conversation
    held.refresh_from_db()
    assert (held.state, held.handled_by) == ("filed", hannah)
    with pytest.raises(Refused, match="decided"):
        review.drop(hannah, held)


def test_a_reply_to_the_organizations_address_is_matched_by_what_it_answers(
    conversation: Conversation, northlane: Organization
) -> None:
    sent = conversation.messages.get().rfc_message_id
    found = take_in(mail(In_Reply_To=sent), mail_identity.organization_address(northlane))
    assert found.state == "filed"
    assert conversation.messages.count() == 2


def test_references_to_another_organizations_mail_match_nothing(conversation: Conversation, omar: Member) -> None:
    sent = conversation.messages.get().rfc_message_id
    held = take_in(mail(In_Reply_To=sent), mail_identity.organization_address(omar.organization))
    assert (held.state, held.suggestion) == ("review", None)


def test_mail_that_matches_nothing_suggests_the_latest_conversation_with_its_sender(
    conversation: Conversation, northlane: Organization
) -> None:
    held = take_in(mail(), mail_identity.organization_address(northlane))
    assert (held.state, held.suggestion) == ("review", conversation)


def test_the_same_mail_handed_in_twice_is_there_once(
    conversation: Conversation,
) -> None:
    address = reply_address(conversation)
    take_in(b"Received: from a by b; 1\r\n" + mail(), address)
    take_in(b"Received: from a by b; 2\r\n" + mail(), address)
    assert InboundMail.objects.count() == 1
    take_in(mail(text="Another body under the same Message-ID"), address)
    assert conversation.messages.filter(direction="in").count() == 1
    assert InboundMail.objects.filter(state="duplicate").count() == 1


def test_unknown_and_revoked_addresses_have_no_place(conversation: Conversation) -> None:
    address = reply_address(conversation)
    kept = ReplyAddress.objects.get(conversation=conversation, member=None)
    place = arrivals.Place(conversation.organization_id, kept.pk)
    assert arrivals.places([address, address.upper()]) == [place, place]
    assert arrivals.places([address.replace("@", "0@")]) == [None]
    ReplyAddress.objects.update(revoked_at=conversation.created_at)
    unknown = mail_identity.reply_address("nosuchtoken")
    assert arrivals.places([address, unknown, "amara@mail.example"]) == [None, None, None]
    with pytest.raises(Refused):
        arrivals.store(envelope_from="", recipients=[address], raw=mail())


def test_mails_of_one_moment_are_looked_up_and_kept_with_a_question_each(
    conversation: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reply_address(conversation)
    with django_assert_num_queries(1):
        places = arrivals.places([address] * 5)
    letters = [
        arrivals.Letter("", [address], [place], mail(message_id=f"<{n}@mail.example>"))
        for n, place in enumerate(places)
        if place
    ]
    with django_assert_num_queries(3):  # one, and the begin and end of a transaction
        arrivals.keep([*letters, letters[0]])
    assert InboundMail.objects.count() == len(letters) == 5


@pytest.mark.django_db(transaction=True)
def test_a_place_that_goes_while_its_mail_is_handed_in_is_to_be_tried_again(conversation: Conversation) -> None:
    address = reply_address(conversation)
    with open_door() as listener, smtplib.SMTP(listener.host, listener.port, timeout=30) as server:
        server.ehlo()
        server.mail("amara@mail.example")
        assert server.rcpt(address)[0] == 250
        conversation.delete()
        assert server.data(mail())[0] == 451
        server.mail("amara@mail.example")
        assert server.rcpt(address)[0] == 550
    assert not InboundMail.objects.exists()


def test_a_candidates_files_are_kept_with_the_message(
    conversation: Conversation,
) -> None:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "amara@mail.example", "<5@mail.example>"
    message.set_content("My CV.")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="../Amara CV.pdf")
    take_in(message.as_bytes(), reply_address(conversation))
    attachment = conversation.messages.get(direction="in").attachments.get()
    assert attachment.name == "Amara CV.pdf"
    with attachment.file.open("rb") as stream:
        assert stream.read() == b"%PDF-1.7"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\r\n\x00",
        b"From: \xe9\xe8\r\nSubject: \xff\xfe\r\n\r\n\x00\x80",
        b"\r\n" * 9,
    ],
)
def test_whatever_comes_is_kept_and_lands_somewhere(conversation: Conversation, raw: bytes) -> None:
    held = take_in(raw, reply_address(conversation))
    assert held.state in ("filed", "review")
    assert bytes(held.raw) == raw


def store(conversation: Conversation, number: int) -> list[InboundMail]:
    """Answers that nobody has read yet, the oldest first."""
    to = [reply_address(conversation)]
    letters = [mail(text=f"Line {n}", message_id=f"<{n}@mail.example>") for n in range(number)]
    return [stored for raw in letters for stored in arrivals.store(envelope_from="", recipients=to, raw=raw)]


def test_mails_are_read_together_in_the_order_in_which_they_came(conversation: Conversation) -> None:
    store(conversation, receive.AT_ONCE + 2)
    assert [receive.read_some() for _ in range(3)] == [receive.AT_ONCE, 2, 0]
    said = conversation.messages.filter(direction="in").order_by("pk").values_list("text", flat=True)
    assert [text.strip() for text in said] == [f"Line {n}" for n in range(receive.AT_ONCE + 2)]


def test_what_a_reader_had_in_hand_when_it_was_killed_is_read_when_its_lease_has_run_out(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = store(conversation, 4)
    with monkeypatch.context() as death:
        death.setattr(receive, "match", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            receive.read_some()
    assert receive.read_some() == 0
    InboundMail.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert [receive.read_some() for _ in range(5)] == [1, 1, 1, 1, 0]
    assert InboundMail.objects.filter(state="filed").count() == len(stored)


def test_a_member_who_lost_access_does_not_write_by_mail(
    marcus: Member, amara: Person, northlane: Organization
) -> None:
    conversation = conversations.start(marcus, amara, subject="Hello", text="Hello").conversation
    take_in(mail(), reply_address(conversation))
    address = reply_address(conversation, member=marcus)
    marcus.role = "read_only"
    marcus.save()
    held = take_in(mail("Marcus <marcus@northlane.example>", message_id="<6@n.example>"), address)
    assert held.state == "review"
    assert "read-only" in held.problem


def test_claimed_deliveries_of_a_reply_copy_carry_the_reply_line(
    conversation: Conversation,
) -> None:
    take_in(mail(), reply_address(conversation))
    built = outgoing.build(deliveries.claim("w", 10, timedelta(minutes=1)))
    copy = next(item for item in built if getattr(item, "reply_to", None) and "Here it is." in item.text)  # type: ignore[union-attr]
    assert copy.text.startswith("-- Please write your reply above this line --")  # type: ignore[union-attr]
    assert copy.in_reply_to == "<1@mail.example>"  # type: ignore[union-attr]


def test_a_database_that_goes_away_while_a_mail_is_read_is_no_fault_of_the_mail(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def goes_away(*_: object) -> None:
        raise OperationalError

    (stored,) = arrivals.store(envelope_from="", recipients=[reply_address(conversation)], raw=mail())
    with monkeypatch.context() as outage:
        outage.setattr(receive, "match", goes_away)
        for _ in range(receive.MAX_ATTEMPTS + 1):
            with pytest.raises(OperationalError):
                receive.read_some()
            InboundMail.objects.update(lease_until=None)
    while receive.read_some():
        pass
    stored.refresh_from_db()
    assert stored.state == "filed"
