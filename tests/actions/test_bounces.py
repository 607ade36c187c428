"""Mail that comes back, handed in at the door that mail really takes."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from candidly.actions import campaigns, conversations, deliveries, fan_out, mailings, notices, outgoing
from candidly.actions.errors import Refused
from candidly.envelope import Bars, Became, Failed, Outgoing, PermanentFailure, TextStatus
from candidly.models import (
    CampaignMember,
    Conversation,
    Delivery,
    InboundMail,
    Member,
    Message,
    Notice,
    Organization,
    Person,
    Suppression,
)
from candidly.rules import mail_identity
from candidly.worker.sending import LEASE
from tests.support.door import hand_in, open_door

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = Path(__file__).parent.parent / "mail" / "bounces"
State = Delivery.State
NO_BOX = "The mail server of mail.example says there is no such mailbox. Check the address."
VACATION = (
    b"From: Amara <amara@mail.example>\nSubject: Away\nAuto-Submitted: auto-replied\nMessage-ID: <v@x.example>\n\nAway."
)


@pytest.fixture
def at_the_door(transactional_db: None) -> Iterator[Callable[[bytes, str], None]]:
    """Hands in a mail to an address, as mail systems do: with the null return path."""
    with open_door() as listener:
        yield partial(hand_in, listener)


type Door = Callable[..., None]


def sent(member: Member, person: Person, text: str = "Hello", days_ago: float = 0) -> Delivery:
    """A message that the relay has taken."""
    delivery = conversations.start(member, person, subject="Hi", text=text).deliveries.get()
    at = timezone.now() - timedelta(days=days_ago)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.SENT, sent_at=at)
    return delivery


def path_of(delivery: Delivery) -> str:
    (mail,) = outgoing.build([delivery.pk])
    assert isinstance(mail, Outgoing)
    return mail.return_path


def bounce(name: str, message_id: str = "<abc123@reply.example>") -> bytes:
    """Each is another mail to the door, which keeps the same one once."""
    raw = (MAILS / f"{name}.eml").read_bytes()
    number = InboundMail.objects.count()
    raw = raw.replace(b"<bounce-1@mx.example>", f"<bounce-{number}@mx.example>".encode())
    return raw.replace(b"<abc123@reply.example>", message_id.encode())


def again(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_every_mail_has_a_return_path_of_its_own_that_says_nothing_of_the_person(hannah: Member, amara: Person) -> None:
    first, second = path_of(sent(hannah, amara)), path_of(sent(hannah, amara))
    assert first != second
    assert first.startswith("b.")
    assert first.endswith("@reply.candidly.localhost")
    assert "amara" not in first


def test_without_return_paths_of_our_own_the_from_address_is_the_sender(
    hannah: Member, amara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.CONFIG, "bounce_addresses", False)
    assert path_of(sent(hannah, amara)) == ""


def test_mail_that_comes_back_for_good_is_bounced_and_its_address_is_suppressed(
    at_the_door: Door, hannah: Member, amara: Person
) -> None:
    delivery = sent(hannah, amara)
    at_the_door(bounce("postfix-unknown"), path_of(delivery))
    bounced = again(delivery)
    assert (bounced.state, bounced.is_soft_bounce, bounced.reason) == (State.BOUNCED, False, NO_BOX)
    assert bounced.reply.startswith("550 5.1.1 <amara@mail.example>")
    listed = Suppression.objects.get()
    assert (listed.address, listed.cause, listed.purpose, listed.reason) == (
        "amara@mail.example",
        "bounced",
        "all",
        NO_BOX,
    )
    conversation = Conversation.objects.get()
    assert conversation.has_failure
    assert not Message.objects.filter(direction="in").exists()
    assert InboundMail.objects.get().state == "dropped"
    with pytest.raises(Refused, match="no such mailbox"):
        conversations.start(hannah, amara, subject="Hi", text="x")


def test_a_report_that_comes_twice_counts_once(at_the_door: Door, hannah: Member, amara: Person) -> None:
    delivery = sent(hannah, amara)
    for _ in range(2):
        at_the_door(bounce("postfix-full"), path_of(delivery))
    assert again(delivery).is_soft_bounce
    assert not Suppression.objects.exists()
    at_the_door(bounce("postfix-unknown"), path_of(delivery))
    assert not again(delivery).is_soft_bounce
    assert Suppression.objects.exists()


def test_three_soft_bounces_within_a_month_suppress_the_address(
    at_the_door: Door, hannah: Member, amara: Person
) -> None:
    for days in (20, 10, 1):
        assert not Suppression.objects.exists()
        at_the_door(bounce("postfix-full"), path_of(sent(hannah, amara, days_ago=days)))
    listed = Suppression.objects.get()
    assert listed.reason == (
        "Mail came back 3 times in 30 days. The mail server of mail.example says the mailbox is full. Try again "
        "later, or ask for another address."
    )


@pytest.mark.parametrize(("days", "between"), [((50, 10, 1), None), ((20, 10, 1), 5)], ids=["long ago", "arrived"])
def test_bounces_of_long_ago_and_before_one_that_arrived_do_not_count(
    days: tuple[int, ...], between: int | None, at_the_door: Door, hannah: Member, amara: Person
) -> None:
    if between:
        sent(hannah, amara, days_ago=between)
    for ago in days:
        at_the_door(bounce("postfix-full"), path_of(sent(hannah, amara, days_ago=ago)))
    assert not Suppression.objects.exists()


def test_a_delay_is_only_noted(at_the_door: Door, hannah: Member, amara: Person) -> None:
    delivery = sent(hannah, amara)
    at_the_door(bounce("exim-delayed"), path_of(delivery))
    assert (again(delivery).state, "has not taken the mail yet" in again(delivery).reason) == (State.SENT, True)
    assert not Suppression.objects.exists()
    at_the_door(bounce("exim-unknown"), path_of(delivery))
    assert again(delivery).state == State.BOUNCED


def test_a_complaint_ends_campaigns_and_nothing_else(at_the_door: Door, hannah: Member, amara: Person) -> None:
    delivery = sent(hannah, amara)
    path = path_of(delivery)
    raw = bounce("arf-abuse").replace(b"b.1z-aaaa@reply.example", path.encode())
    at_the_door(raw, mail_identity.organization_address(hannah.organization), "fbl@mail.example")
    listed = Suppression.objects.get()
    assert (listed.cause, listed.purpose, listed.address) == ("complaint", "campaign", "amara@mail.example")
    assert "marked one of our mails as spam" in again(delivery).reason
    assert again(delivery).state == State.SENT


def test_who_complains_of_a_campaign_is_called_so_among_its_responses(
    at_the_door: Door, client_of: Callable[[Member], Client], hannah: Member, amara: Person
) -> None:
    visits = campaigns.create(hannah, name="Spring ward visits")
    campaigns.add(hannah, visits, {"ids": [amara.pk]}, "candidate")
    order = mailings.Order(subject="Come", body="Dear you", audience={"campaign": visits.pk}, campaign=visits)
    fan_out.fan_out(mailings.send(hannah, order))
    delivery = Delivery.objects.get()
    raw = bounce("arf-abuse").replace(b"b.1z-aaaa@reply.example", path_of(delivery).encode())
    at_the_door(raw, mail_identity.organization_address(hannah.organization), "fbl@mail.example")
    member = CampaignMember.objects.get()
    assert (member.response, member.answer) == ("unsubscribed", "Complained")
    shown = client_of(hannah).get(f"/campaigns/{visits.pk}/").content.decode()
    assert 'title="By marking the mail as spam">Complained<' in shown


def test_without_the_token_the_message_id_of_what_came_back_tells(
    at_the_door: Door, hannah: Member, amara: Person
) -> None:
    delivery = sent(hannah, amara)
    assert delivery.message
    raw = bounce("qmail-unknown", delivery.message.rfc_message_id)
    at_the_door(raw, mail_identity.organization_address(hannah.organization))
    assert again(delivery).state == State.BOUNCED


def test_else_the_conversation_tells_but_only_of_its_own_address(
    at_the_door: Door, hannah: Member, amara: Person
) -> None:
    delivery = sent(hannah, amara)
    token = Conversation.objects.get().reply_addresses.get(person=amara).token
    other = bounce("exim-delayed").replace(b"amara@mail.example", b"kwame@mail.example")
    at_the_door(other, mail_identity.reply_address(token))
    assert again(delivery).reason == ""
    at_the_door(
        bounce("exchange-2003").replace(b"amara@clinic.example", b"Amara@MAIL.example"),
        mail_identity.reply_address(token),
    )
    assert again(delivery).state == State.BOUNCED


@pytest.mark.parametrize("address", ["b.1-aaaa@reply.candidly.localhost", "b.@reply.candidly.localhost"])
def test_a_forged_return_path_is_refused_and_changes_nothing(
    address: str, at_the_door: Door, hannah: Member, amara: Person
) -> None:
    delivery = sent(hannah, amara)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        at_the_door(bounce("postfix-unknown"), address)
    assert refused.value.recipients[address][0] == 550
    assert again(delivery).state == State.SENT
    assert not InboundMail.objects.exists()


def test_a_report_about_nothing_of_ours_is_left_to_people(
    at_the_door: Door, hannah: Member, northlane: Organization
) -> None:
    at_the_door(bounce("postfix-unknown"), mail_identity.organization_address(northlane))
    assert InboundMail.objects.get().state == "review"
    assert not Suppression.objects.exists()


def test_an_automatic_answer_to_the_return_path_is_no_bounce_and_stands_in_the_conversation(
    at_the_door: Door, hannah: Member, amara: Person
) -> None:
    delivery = sent(hannah, amara)
    at_the_door(VACATION, path_of(delivery))
    assert again(delivery).state == State.SENT
    assert Message.objects.get(direction="in").automatic


def test_what_comes_back_of_a_members_mail_is_noted_and_the_member_is_not_suppressed(
    at_the_door: Door, hannah: Member, northlane: Organization
) -> None:
    told = {"organization": northlane, "user": hannah.user, "subject": "Digest", "text": "…"}
    notices.enqueue(kind=Notice.Kind.DIGEST, to_address=hannah.email, **told)  # type: ignore[arg-type]
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=State.SENT, sent_at=timezone.now())
    at_the_door(VACATION, path_of(delivery))
    assert InboundMail.objects.get().state == "dropped"
    at_the_door(bounce("postfix-unknown"), path_of(delivery))
    assert again(delivery).state == State.BOUNCED
    assert not Suppression.objects.exists()


def test_a_refusal_at_the_relay_counts_like_a_bounce(hannah: Member, amara: Person, kwame: Person) -> None:
    gone, disliked = (
        conversations.start(hannah, person, subject="Hi", text="x").deliveries.get() for person in (amara, kwame)
    )
    deliveries.claim("w1", 10, LEASE)
    no_box = PermanentFailure(NO_BOX, "550 5.1.1 no", Bars.BOUNCED)
    policy = PermanentFailure("It refuses the mail by its own rules.", "550 5.7.1 no")
    deliveries.record("w1", [Failed(gone.pk, no_box), Failed(disliked.pk, policy)])
    assert (again(gone).state, again(disliked).state) == (State.BOUNCED, State.FAILED)
    assert Suppression.objects.get().address == "amara@mail.example"
    with pytest.raises(Refused, match=r"amara@mail\.example is on the suppression list\. Release it there first"):
        deliveries.retry_failed(again(gone))
    assert again(gone).state == State.BOUNCED


@pytest.mark.parametrize(("bars", "cause"), [(Bars.BOUNCED, "bounced"), (Bars.OPTED_OUT, "opted_out")])
def test_a_number_that_takes_no_texts_is_suppressed(bars: Bars, cause: str, hannah: Member, amara: Person) -> None:
    delivery = conversations.start(hannah, amara, subject="Hi", text="x", channels=["sms"]).deliveries.get()
    Delivery.objects.update(state=State.SENT)
    deliveries.came_to(TextStatus(delivery.pk, "SM1", Became.BOUNCED, "This is a landline.", "30006", bars))
    listed = Suppression.objects.get()
    assert (listed.channel, listed.address, listed.cause, listed.reason) == (
        "sms",
        amara.phone,
        cause,
        "This is a landline.",
    )
