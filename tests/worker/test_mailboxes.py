"""What a worker finds in members' own mailboxes, and what becomes of it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from candidly.actions import conversations, mailbox_work, mailboxes, own_mailboxes, people
from candidly.envelope import ReconnectNeeded, SeenMail, TemporaryFailure, Unconfirmed, Withheld
from candidly.models import (
    Attachment,
    Conversation,
    Delivery,
    InboundMail,
    KnownMail,
    KnownThread,
    Mailbox,
    Member,
    Message,
    Notice,
    Person,
)
from candidly.rules.access import portal_messages
from candidly.worker.loops import read_mail
from candidly.worker.mailboxes import Reading
from tests.support.mailboxes import Box, Held, MemoryBox, mail
from tests.support.own_mail import Post, due_now, new_post, turn_on

pytestmark = pytest.mark.django_db

AMARA = "amara@mail.example"
HANNAH = "hannah@northlane.example"


@pytest.fixture
def post(sofia: Member, hannah: Member) -> Post:
    """The organization sends by own mailboxes, and Hannah's is connected."""
    turn_on(sofia, hannah)
    made = new_post()
    made.connect(hannah)
    return made


@pytest.fixture
def box(post: Post, hannah: Member) -> Box:
    return post.of(hannah)


@pytest.fixture
def sent(post: Post, hannah: Member, amara: Person) -> Message:
    """Hannah wrote to Amara, by her mailbox."""
    message = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    post.send()
    message.refresh_from_db()
    return message


def texts(conversation: Conversation) -> list[str]:
    return [message.text.strip() for message in conversation.messages.order_by("pk")]


def copy_of(message: Message) -> KnownMail:
    return KnownMail.objects.get(message=message)


def answer(box: Box, message: Message, text: str = "Yes, Tuesday.") -> Held:
    """Amara's mail program answers, in the thread in which it came."""
    known = copy_of(message)
    reply = mail(f"Amara Okafor <{AMARA}>", HANNAH, text, subject="Re: Ward visit", answers=message.given_message_id)
    return box.put(reply, known.thread_id)


# What belongs to us


def test_an_answer_in_the_thread_of_ours_comes_in_unread_and_whole(post: Post, box: Box, sent: Message) -> None:
    held = answer(box, sent)
    post.look()
    assert texts(sent.conversation) == ["Would Tuesday suit you?", "Yes, Tuesday."]
    reply = sent.conversation.messages.get(direction="in")
    assert (reply.from_address, reply.person, reply.channel) == (AMARA, sent.conversation.person, "email")
    assert abs(reply.created_at - held.received_at) < timedelta(seconds=1)
    participation = sent.conversation.participations.get()
    assert (participation.is_unread, participation.is_waiting) == (True, True)
    assert bytes(InboundMail.objects.get(door="mailbox").raw) == held.raw


def test_whoever_has_it_in_the_mailbox_gets_no_copy_by_mail(post: Post, box: Box, sent: Message) -> None:
    answer(box, sent)
    post.look()
    assert not Notice.objects.filter(kind=Notice.Kind.REPLY_COPY).exists()


def test_who_leads_the_conversation_without_that_mailbox_is_told(
    post: Post, box: Box, sent: Message, priya: Member
) -> None:
    sent.conversation.participations.create(member=priya, role="owner")
    answer(box, sent)
    post.look()
    assert Notice.objects.get(kind=Notice.Kind.REPLY_COPY).user == priya.user


def test_our_own_copy_in_sent_never_doubles(post: Post, box: Box, sent: Message) -> None:
    post.look()
    post.look()
    assert Message.objects.count() == 1
    assert box.read == []  # its name was told with the receipt


def test_an_answer_that_begins_a_thread_of_its_own_is_known_by_what_it_answers(
    post: Post, box: Box, sent: Message
) -> None:
    assert sent.given_message_id
    assert sent.given_message_id != sent.rfc_message_id
    reply = box.put(mail(AMARA, HANNAH, "Another subject", subject="Tuesday", answers=sent.given_message_id))
    box.put(mail(AMARA, HANNAH, "And one more", subject="Tuesday"), reply.thread_id)
    post.look()
    assert texts(sent.conversation)[1:] == ["Another subject", "And one more"]


def test_what_hannah_answers_in_her_own_mail_program_is_hers_and_ends_the_waiting(
    post: Post, box: Box, sent: Message
) -> None:
    answer(box, sent)
    post.look()
    box.put(mail(HANNAH, AMARA, "See you then.", subject="Re: Ward visit"), copy_of(sent).thread_id, is_sent=True)
    post.look()
    written = sent.conversation.messages.last()
    assert written is not None
    assert (written.direction, written.member, written.text.strip()) == ("out", sent.member, "See you then.")
    assert written.deliveries.get().state == Delivery.State.SENT
    assert not sent.conversation.participations.get().is_waiting


# What does not


@pytest.mark.parametrize("labelled", [False, True])
def test_mail_that_concerns_nobody_of_ours_is_not_read_and_leaves_nothing(
    post: Post, box: Box, amara: Person, labelled: bool
) -> None:
    held = box.put(mail("mother@home.example", HANNAH, "Sunday lunch?"))
    if labelled:
        box.give(held.thread_id, "Hire")
    post.look()
    assert box.read == []
    assert not InboundMail.objects.exists()
    assert not KnownMail.objects.exists()
    assert not Conversation.objects.exists()


def test_a_candidates_mail_without_the_label_stays_in_the_mailbox(post: Post, box: Box, amara: Person) -> None:
    box.put(mail(AMARA, HANNAH, "Hello"))
    post.look()
    assert box.read == []
    assert not Message.objects.exists()


def test_an_address_that_is_only_similar_is_another_persons(post: Post, box: Box, amara: Person) -> None:
    held = box.put(mail("amara+jobs@mail.example", HANNAH))
    box.give(held.thread_id, "Hire")
    post.look()
    assert not Conversation.objects.exists()
    assert KnownThread.objects.get().conversation is None


def test_a_hiring_managers_label_finds_only_whom_they_may_see(
    post: Post, marcus: Member, amara: Person, kwame: Person
) -> None:
    post.connect(marcus)
    theirs = post.of(marcus)
    for person in (amara, kwame):
        held = theirs.put(mail(person.email, marcus.email))
        theirs.give(held.thread_id, "Hire")
    post.look()
    assert [conversation.person for conversation in Conversation.objects.all()] == [amara]


# The label


def old_thread(box: Box) -> str:
    """Three mails of last week, one with a file."""
    first = box.put(mail(AMARA, HANNAH, "I saw your advertisement."), days_ago=9)
    box.put(mail(HANNAH, AMARA, "Send us your CV."), first.thread_id, days_ago=8, is_sent=True)
    third = mail(AMARA, HANNAH, "Here it is.")
    third.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="cv.pdf")
    box.put(third, first.thread_id, days_ago=7)
    return first.thread_id


def test_a_labelled_thread_comes_in_whole_old_mails_and_files_too(post: Post, box: Box, amara: Person) -> None:
    thread = old_thread(box)
    post.look()
    assert not Conversation.objects.exists()
    box.give(thread, "Hire")
    post.look()
    conversation = Conversation.objects.get()
    assert (conversation.person, conversation.subject) == (amara, "The ward")
    assert texts(conversation) == ["I saw your advertisement.", "Send us your CV.", "Here it is."]
    assert [message.direction for message in conversation.messages.order_by("pk")] == ["in", "out", "in"]
    assert Attachment.objects.get().name == "cv.pdf"


def test_old_mail_is_nobodys_news(post: Post, box: Box, amara: Person) -> None:
    thread = old_thread(box)
    box.give(thread, "Hire")
    post.look()
    conversation = Conversation.objects.get()
    participation = conversation.participations.get()
    assert (participation.is_unread, participation.is_waiting) == (False, False)
    assert timezone.now() - conversation.last_message_at > timedelta(days=6)
    assert not Notice.objects.filter(kind=Notice.Kind.REPLY_COPY).exists()


def test_later_mails_of_a_labelled_thread_follow_though_they_have_no_label(post: Post, box: Box, amara: Person) -> None:
    thread = old_thread(box)
    box.give(thread, "Hire")
    post.look()
    later = box.put(mail(AMARA, HANNAH, "Any news?"), thread)
    assert later.labels == set()
    post.look()
    assert texts(Conversation.objects.get())[-1] == "Any news?"
    assert Conversation.objects.get().participations.get().is_unread


def test_the_label_is_known_by_its_id_when_somebody_renames_it(post: Post, box: Box, amara: Person) -> None:
    (key,) = box.labels
    box.labels[key] = "Hiring 2026"
    held = box.put(mail(AMARA, HANNAH))
    box.give(held.thread_id, "Hiring 2026")
    post.look()
    assert Conversation.objects.count() == 1
    assert list(box.labels.values()) == ["Hiring 2026"]
    assert Mailbox.objects.get(member__user__email=HANNAH).label_name == "Hiring 2026"


def test_a_deleted_label_is_made_again(post: Post, box: Box) -> None:
    box.labels.clear()
    post.look()
    assert list(box.labels.values()) == ["Hire"]


def test_the_label_of_another_product_is_heeded_too(post: Post, box: Box, amara: Person) -> None:
    box.make_label("Recruiterbox")
    held = box.put(mail(AMARA, HANNAH))
    box.give(held.thread_id, "Recruiterbox")
    post.look()
    assert Conversation.objects.count() == 1


def test_another_name_for_the_label_makes_another_label(post: Post, box: Box, sofia: Member) -> None:
    own_mailboxes.rename_label(sofia, "Candidates")
    post.look()
    assert sorted(box.labels.values()) == ["Candidates", "Hire"]


def test_a_labelled_thread_that_holds_a_mail_of_ours_belongs_where_that_is(
    post: Post, priya: Member, sent: Message
) -> None:
    post.connect(priya)
    theirs = post.of(priya)
    held = theirs.put(mail(AMARA, f"{HANNAH}, {priya.email}", "Both of you", answers=sent.given_message_id))
    theirs.give(held.thread_id, "Hire")
    post.look()
    assert texts(sent.conversation) == ["Would Tuesday suit you?", "Both of you"]


def test_a_mail_to_two_of_us_comes_in_once(post: Post, box: Box, priya: Member, sent: Message) -> None:
    post.connect(priya)
    same = mail(AMARA, f"{HANNAH}, {priya.email}", "To both", answers=sent.given_message_id)
    box.put(same, copy_of(sent).thread_id)
    held = post.of(priya).put(same)
    post.of(priya).give(held.thread_id, "Hire")
    post.look()
    assert texts(sent.conversation) == ["Would Tuesday suit you?", "To both"]
    assert set(sent.conversation.participations.values_list("member", flat=True)) == {sent.member_id, priya.pk}


def test_a_labelled_thread_is_found_again_when_its_person_is_added_and_everything_is_looked_at(
    post: Post, box: Box, hannah: Member
) -> None:
    held = box.put(mail("nadia@mail.example", HANNAH, "Hello"))
    box.give(held.thread_id, "Hire")
    post.look()
    people.add_candidate(hannah.organization, first_name="Nadia", private_email="nadia@mail.example")
    mailboxes.look_now(hannah)
    post.look()
    assert texts(Conversation.objects.get()) == ["Hello"]


# Others on the mail


def test_others_on_the_mail_are_named_and_written_to_by_nobody(post: Post, box: Box, sent: Message) -> None:
    reply = mail(AMARA, HANNAH, "With my agent", cc="agent@agency.example", answers=sent.given_message_id)
    box.put(reply, copy_of(sent).thread_id)
    post.look()
    came = sent.conversation.messages.get(direction="in")
    assert came.others == "agent@agency.example"
    conversations.answer(sent.member, sent.conversation, text="Good.")  # type: ignore[arg-type]
    due_now()
    post.send()
    assert {item.outgoing.recipient.email for item in post.channel.sent} == {AMARA}


def test_what_somebody_else_on_the_mail_wrote_is_theirs_and_no_answer(post: Post, box: Box, sent: Message) -> None:
    box.put(mail("agent@agency.example", HANNAH, "She is busy."), copy_of(sent).thread_id)
    post.look()
    came = sent.conversation.messages.get(direction="in")
    assert (came.person, came.from_address) == (None, "agent@agency.example")
    participation = sent.conversation.participations.get()
    assert (participation.is_unread, participation.is_waiting) == (True, False)
    link = sent.conversation.portal_links.get()
    assert came not in portal_messages(link)


def test_what_colleagues_wrote_among_themselves_never_reaches_the_portal(
    post: Post, box: Box, priya: Member, sent: Message
) -> None:
    box.put(mail(HANNAH, priya.email, "What do you think of her?"), copy_of(sent).thread_id, is_sent=True)
    post.look()
    aside = sent.conversation.messages.last()
    assert aside is not None
    assert aside.text.strip() == "What do you think of her?"
    assert aside not in portal_messages(sent.conversation.portal_links.get())


# Faults, and workers that die


def test_after_history_is_lost_everything_is_looked_at_and_nothing_doubles(post: Post, box: Box, sent: Message) -> None:
    answer(box, sent)
    post.look()
    box.forgotten = 1_000
    answer(box, sent, "And Wednesday too.")
    post.look()
    assert texts(sent.conversation)[1:] == ["Yes, Tuesday.", "And Wednesday too."]
    mailbox = Mailbox.objects.get(member=sent.member)
    assert mailbox.cursor == str(len(box.events))
    assert mailbox.failures == 0


def test_a_worker_that_died_behind_the_storing_loses_and_doubles_nothing(
    post: Post, box: Box, sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(box, sent)
    with monkeypatch.context() as broken:
        broken.setattr("candidly.worker.look.receive.process", _die)
        with pytest.raises(KeyboardInterrupt):
            post.look()
    assert InboundMail.objects.get().state == InboundMail.State.STORED
    Mailbox.objects.update(lease_until=None)
    InboundMail.objects.update(lease_until=None)
    post.look()
    assert read_mail()
    assert texts(sent.conversation)[1:] == ["Yes, Tuesday."]


def _die(_: object) -> None:
    raise KeyboardInterrupt


def test_a_mail_that_went_out_unnoticed_is_known_by_its_mark(
    post: Post, box: Box, hannah: Member, amara: Person
) -> None:
    message = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    post.channel.loses = Unconfirmed("No answer came.")
    post.send()
    assert message.deliveries.get().state == Delivery.State.UNCONFIRMED
    post.look()
    delivery = message.deliveries.get()
    assert (delivery.state, delivery.external_id) == (Delivery.State.SENT, next(iter(box.mails)))
    message.refresh_from_db()
    answer(box, message)
    post.look()
    assert texts(message.conversation) == ["Would Tuesday suit you?", "Yes, Tuesday."]


def test_two_readers_never_have_the_same_mailbox(post: Post, priya: Member) -> None:
    post.connect(priya)
    Mailbox.objects.filter(state="connected").update(due_at=timezone.now())
    first, second, third = (Reading(name, {"gmail": post.provider}) for name in ("a", "b", "c"))
    held = mailbox_work.claim("a")
    other = mailbox_work.claim("b")
    assert held is not None
    assert other is not None
    assert held.pk != other.pk
    assert mailbox_work.claim("c") is None
    assert [reader.round() for reader in (first, second, third)] == [False, False, False]


def test_a_failure_is_said_and_waits_longer_each_time(post: Post, box: Box, hannah: Member) -> None:
    box.fault = TemporaryFailure("Google does not answer.")
    waits = []
    for _ in range(3):
        post.look()
        mailbox = Mailbox.objects.get(member=hannah)
        assert mailbox.due_at is not None
        waits.append(mailbox.due_at - timezone.now())
    assert (mailbox.error, mailbox.failures, mailbox.state) == ("Google does not answer.", 3, "connected")
    assert waits[0] < waits[1] < waits[2]
    box.fault = None
    post.look()
    mailbox.refresh_from_db()
    assert (mailbox.error, mailbox.failures) == ("", 0)


def test_a_mailbox_that_wants_to_be_left_alone_is(post: Post, box: Box, hannah: Member) -> None:
    box.fault = Withheld("Too many requests.", wait=600)
    post.look()
    mailbox = Mailbox.objects.get(member=hannah)
    assert mailbox.due_at is not None
    assert mailbox.due_at - timezone.now() > timedelta(minutes=9)


def test_when_access_ends_the_member_is_told_once_and_nothing_is_tried_any_more(
    post: Post, box: Box, hannah: Member
) -> None:
    Mailbox.objects.update(since=timezone.now() - timedelta(hours=1))
    Notice.objects.all().delete()
    box.fault = ReconnectNeeded("Google ended access.")
    post.look()
    assert not post.look()
    mailbox = Mailbox.objects.get(member=hannah)
    assert (mailbox.state, mailbox.reason, mailbox.due_at) == ("reconnect", "Google ended access.", None)
    notice = Notice.objects.get()
    assert notice.to_address == HANNAH
    assert "/settings/mailbox/" in notice.text


def test_a_mailbox_that_is_disconnected_while_it_is_read_is_left_at_once(
    post: Post, box: Box, sent: Message, hannah: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = old_thread(box)
    box.give(thread, "Hire")
    original = MemoryBox.thread

    def disconnecting(self: MemoryBox, thread_id: str) -> tuple[SeenMail, ...]:
        mailboxes.disconnect(hannah)
        return original(self, thread_id)

    monkeypatch.setattr(MemoryBox, "thread", disconnecting)
    post.look()
    assert box.read == []
    assert post.provider.withdrawn == [{"refresh_token": "token of Hannah Whitlock"}]
    mailbox = Mailbox.objects.get(member=hannah)
    assert (mailbox.state, bool(mailbox.credentials), bool(mailbox.discarded)) == ("disconnected", False, False)
    assert mailbox.due_at is None


# What comes back


def bounce(message: Message) -> bytes:
    """As Postfix says it."""
    return f"""\
From: MAILER-DAEMON@mail.example
To: {HANNAH}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <bounce1@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {AMARA}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--cut
Content-Type: text/rfc822-headers

Message-ID: {message.given_message_id}
To: {AMARA}
Subject: Ward visit

--cut--
""".encode()


def test_a_bounce_in_the_inbox_is_the_deliverys_wherever_it_threads(post: Post, box: Box, sent: Message) -> None:
    box.put(bounce(sent))
    post.look()
    delivery = sent.deliveries.get()
    assert (delivery.state, delivery.reply) != (Delivery.State.SENT, "")
    assert delivery.state == Delivery.State.BOUNCED
    assert sent.conversation.messages.count() == 1


def test_a_machines_mail_that_is_about_nothing_of_ours_leaves_nothing(post: Post, box: Box, sent: Message) -> None:
    box.put(mail("MAILER-DAEMON@mail.example", HANNAH, "Your newsletter bounced.", Auto_Submitted="auto-replied"))
    post.look()
    assert not InboundMail.objects.exists()


def test_much_foreign_mail_asks_the_database_little(
    post: Post, box: Box, sent: Message, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    post.look()
    box.page = 50
    for _ in range(100):
        box.put(mail("mother@home.example", HANNAH))
    with django_assert_max_num_queries(30):
        post.look()
