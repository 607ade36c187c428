"""Alerts about agency messages, and answers to them: out by a real relay, in by the door that mail really takes."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from candidly.actions import (
    agencies,
    agency_mail,
    agency_talk,
    deliveries,
    digests,
    hand_off,
    organizations,
    outgoing,
    receive,
)
from candidly.actions.agency_talk import Words
from candidly.channels.registry import open_channel
from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import File, Outgoing, Receipt
from candidly.mail import doors
from candidly.models import (
    AgencyMessage,
    AgencyUser,
    Alerts,
    Delivery,
    InboundMail,
    Member,
    Message,
    Notice,
    Organization,
    Person,
    Role,
    clock,
)
from candidly.rules import access
from candidly.rules.agencies import Speaker, Talk, audience_of
from candidly.rules.mail_identity import organization_address, return_path, thread_id
from tests.conftest import join
from tests.peers.sink import smtp_sink_running
from tests.support.door import hand_in as hand_in_at
from tests.support.door import open_door

pytestmark = pytest.mark.django_db(transaction=True)

type Answer = Callable[..., InboundMail]


def say(speaker: Speaker, talk: Talk, text: str = "Hello") -> AgencyMessage:
    return agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark))


def alert_to(reader: Speaker) -> Notice:
    """The newest."""
    return Notice.objects.filter(to_address=reader.email, agency_message__isnull=False).latest("pk")


def thread_of(alert: Notice) -> int:
    assert alert.agency_message is not None
    return alert.agency_message.thread_id


@pytest.fixture
def answer(transactional_db: None) -> Iterator[Answer]:
    """Answers an alert from the reader's own mail program, or from somewhere else or to somewhere else."""

    def send(
        alert: Notice, text: str, *, sender: str = "", to: str = "", files: tuple[File, ...] = (), **fields: str
    ) -> InboundMail:
        mail = EmailMessage()
        mail["From"] = sender or alert.to_address
        mail["To"] = to or alert.reply_to
        mail["Subject"] = f"Re: {alert.subject}"
        mail["Message-ID"] = fields.pop("message_id", make_msgid(domain="meridian.example"))
        mail["In-Reply-To"] = alert.rfc_message_id
        mail["References"] = f"{thread_id(thread_of(alert))} {alert.rfc_message_id}"
        for name, value in fields.items():
            mail[name.replace("_", "-")] = value
        quoted = "\n".join(f"> {line}" for line in alert.text.splitlines())
        mail.set_content(f"{text}\n\nOn Thu, 26 Nov 2026 at 09:00, {alert.from_name} wrote:\n{quoted}\n")
        for file in files:
            mail.add_attachment(file.content, maintype="application", subtype="pdf", filename=file.name)
        hand_in_at(listener, mail.as_bytes(), to or alert.reply_to, sender or alert.to_address)
        return InboundMail.objects.latest("pk")

    with open_door() as listener:
        yield send


def test_an_alert_leaves_by_a_real_relay_and_its_answer_comes_in_by_the_real_door(
    hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    say(hannah, Talk(callum, declan, hannah), "Can you confirm the rate?")
    with smtp_sink_running() as sink, open_door() as listener:
        settings = RelaySettings(host=sink.host, port=sink.port, timeout=20.0)
        with closing(open_channel("smtp", settings)) as channel:
            claimed = deliveries.claim("worker", 10, timedelta(minutes=1))
            results = list(channel.send(outgoing.build(hand_off.allowed("email", claimed))))
        assert [type(result) for result in results] == [Receipt]
        (alert,) = sink.mails()
        assert sink.recipients() == [declan.email]
        assert alert["From"].addresses[0].display_name == "Hannah Whitlock"
        body = alert.get_content()
        assert "Can you confirm the rate?" in body
        assert "Answer this mail to write back; Hannah Whitlock will see it." in " ".join(body.split())
        written = EmailMessage()
        written["From"], written["To"] = declan.email, alert["Reply-To"]
        written["Subject"], written["Message-ID"] = f"Re: {alert['Subject']}", make_msgid(domain="meridian.example")
        written["In-Reply-To"], written["References"] = alert["Message-ID"], alert["References"]
        written.set_content("Confirmed.\n\n" + "".join(f"> {line}\n" for line in body.splitlines()))
        hand_in_at(listener, written.as_bytes(), alert["Reply-To"].addresses[0].addr_spec, declan.email)
    said = AgencyMessage.objects.latest("pk")
    assert (said.text, said.from_agency, said.thread.private_with) == ("Confirmed.", True, hannah)
    assert alert_to(hannah).text.startswith("Confirmed.")


def test_both_sides_answer_by_mail_in_the_right_thread(
    hannah: Member, declan: AgencyUser, callum: Person, answer: Answer
) -> None:
    private, for_all = say(hannah, Talk(callum, declan, hannah), "Between us"), say(hannah, Talk(callum, declan), "All")
    of_private = Notice.objects.get(agency_message=private)
    assert answer(of_private, "Only you").state == InboundMail.State.FILED
    assert answer(alert_to(declan), "You all").state == InboundMail.State.FILED
    assert [message.text for message in private.thread.messages.order_by("pk")] == ["Between us", "Only you"]
    assert [message.text for message in for_all.thread.messages.order_by("pk")] == ["All", "You all"]
    assert answer(alert_to(hannah), "Thank you").state == InboundMail.State.FILED
    assert AgencyMessage.objects.latest("pk").author == hannah.user
    assert not Message.objects.exists()


def test_files_come_with_the_answer_and_the_same_mail_twice_is_one_message(
    hannah: Member, declan: AgencyUser, callum: Person, answer: Answer
) -> None:
    say(hannah, Talk(callum, declan))
    files = (File("references.pdf", "application/pdf", b"%PDF-1.7 references"),)
    answer(alert_to(declan), "Here they are", files=files, message_id="<1@meridian.example>")
    message = AgencyMessage.objects.latest("pk")
    assert message.attachments.get().file.read() == b"%PDF-1.7 references"
    again = answer(alert_to(declan), "Here they are once more", message_id="<1@meridian.example>")
    assert again.state == InboundMail.State.DUPLICATE
    assert AgencyMessage.objects.latest("pk") == message


def test_a_machines_answer_is_never_posted(hannah: Member, declan: AgencyUser, callum: Person, answer: Answer) -> None:
    say(hannah, Talk(callum, declan))
    for to in ("", return_path(alert_to(declan).deliveries.get().pk)):
        assert answer(alert_to(declan), "I am away", to=to, Auto_Submitted="auto-replied").state == "dropped"
    assert AgencyMessage.objects.count() == 1
    assert Notice.objects.count() == 1


def test_an_answer_to_the_return_path_is_an_answer(
    hannah: Member, declan: AgencyUser, callum: Person, answer: Answer
) -> None:
    say(hannah, Talk(callum, declan))
    assert answer(alert_to(declan), "Yes", to=return_path(alert_to(declan).deliveries.get().pk)).state == "filed"


@pytest.mark.parametrize("way", ["from elsewhere", "to the organization"])
def test_what_cannot_be_trusted_goes_back_to_its_writer_and_before_nobody_elses_eyes(
    way: str, hannah: Member, sofia: Member, declan: AgencyUser, callum: Person, answer: Answer, northlane: Organization
) -> None:
    say(hannah, Talk(callum, declan, hannah), "Between us")
    alert = alert_to(declan)
    if way == "from elsewhere":
        came = answer(alert, "Secret", sender="declan@home.example")
    else:
        came = answer(alert, "Secret", to=organization_address(northlane))
    assert came.state == InboundMail.State.DROPPED
    back = Notice.objects.latest("pk")
    assert (back.to_address, back.reply_to) == (declan.email, "")
    assert "was not posted" in back.subject
    assert "Secret" not in back.text
    assert AgencyMessage.objects.count() == 1
    for member in (hannah, sofia):
        assert not access.inbound_for(member).exists()


def test_an_answer_that_more_would_see_than_the_mail_said_goes_back_with_its_words(
    northlane: Organization, hannah: Member, declan: AgencyUser, callum: Person, answer: Answer
) -> None:
    say(hannah, Talk(callum, declan))
    alert = alert_to(declan)
    join(northlane, "Ines Roth", Role.RECRUITER)
    assert answer(alert, "For Hannah's eyes").state == InboundMail.State.DROPPED
    back = Notice.objects.latest("pk")
    assert "Ines Roth would see this too" in back.text
    assert "For Hannah's eyes" in back.text
    assert AgencyMessage.objects.count() == 1


def test_who_has_no_access_any_more_posts_nothing_by_an_old_mail(
    hannah: Member, priya: Member, declan: AgencyUser, callum: Person, answer: Answer
) -> None:
    say(hannah, Talk(callum, declan))
    say(declan, Talk(callum, declan))
    declans, hannahs = alert_to(declan), alert_to(hannah)
    agencies.deactivate(priya, declan)
    assert answer(declans, "Still here").state == InboundMail.State.DROPPED
    organizations.deactivate(hannah)
    assert answer(hannahs, "Me too").state == InboundMail.State.DROPPED
    assert AgencyMessage.objects.count() == 2


def test_a_mail_that_cannot_be_read_is_told_to_its_writer_and_lies_in_no_tray(
    hannah: Member, sofia: Member, declan: AgencyUser, callum: Person, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(hannah, Talk(callum, declan))
    monkeypatch.setattr(doors, "read", lambda *mail: 1 / 0)
    answer(alert_to(declan), "Yes")
    for _ in range(receive.MAX_ATTEMPTS):
        InboundMail.objects.update(lease_until=None)
        while receive.read_some():
            pass
    assert InboundMail.objects.get().state == InboundMail.State.DROPPED
    assert Notice.objects.latest("pk").text.startswith(agency_mail.UNREADABLE)
    assert not access.inbound_for(sofia).exists()


def test_the_address_of_a_deleted_thread_is_refused_at_the_door(
    hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(hannah, Talk(callum, declan))
    to = alert_to(declan).reply_to
    message.thread.delete()
    with open_door() as listener, pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_in_at(listener, b"From: declan@meridian.example\n\nHello", to, declan.email)


def test_deleting_what_came_by_mail_empties_the_mail_too_and_an_answer_to_it_stays(
    hannah: Member, declan: AgencyUser, callum: Person, answer: Answer
) -> None:
    say(hannah, Talk(callum, declan))
    answer(alert_to(declan), "Our floor is 38")
    message = AgencyMessage.objects.latest("pk")
    mails = (alert_to(hannah), InboundMail.objects.get())
    agency_talk.delete(declan, message)
    for mail in mails:
        mail.refresh_from_db()
    assert "floor" not in mails[0].text
    assert (bytes(mails[1].raw), mails[1].subject, mails[1].snippet) == (b"", "", "")
    # Hannah had the alert before that, and answers it with all of it quoted.
    mails[0].text = "Our floor is 38"
    assert answer(mails[0], "Too low").state == InboundMail.State.FILED
    reply = AgencyMessage.objects.latest("pk")
    assert reply.text == "Too low"
    assert "floor" not in alert_to(declan).text


def test_an_alert_in_a_workers_hands_when_its_message_is_deleted_leaves_without_the_words(
    hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(hannah, Talk(callum, declan), "Our ceiling is 42")
    claimed = deliveries.claim("worker", 10, timedelta(minutes=1))
    agency_talk.delete(hannah, message)
    (mail,) = outgoing.build(claimed)
    assert isinstance(mail, Outgoing)
    assert "ceiling" not in mail.text
    assert Delivery.objects.get().state == Delivery.State.SENDING


def test_who_wants_a_digest_is_told_in_it_once_and_without_the_words(
    hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    say(declan, Talk(callum, declan), "Before the digests began")
    organizations.update_profile(hannah, name=hannah.name, alerts=Alerts.DAILY)
    Notice.objects.all().delete()
    say(declan, Talk(callum, declan), "Our floor is 38")
    assert not Notice.objects.exists()
    for _ in range(2):
        Member.objects.filter(pk=hannah.pk).update(digest_at=clock.now())
        assert digests.send_due()
    notice = Notice.objects.get()
    assert "Declan Farrell, Meridian Locums, wrote to you about Callum Byrne" in notice.text
    assert "floor" not in notice.text
