"""Campaign mail can be stopped by whoever gets it: by its link, by its button, by a mail. Nothing else stops."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import unescape

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from candidly.actions import (
    arrivals,
    consent,
    conversations,
    deliveries,
    fan_out,
    hand_off,
    mailings,
    outgoing,
    receive,
)
from candidly.actions.errors import Refused
from candidly.envelope import Address, Outgoing
from candidly.mail.compose import compose, head
from candidly.models import (
    Campaign,
    CampaignMember,
    ConsentEvent,
    Delivery,
    InboundMail,
    Member,
    Organization,
    Person,
    Suppression,
)
from candidly.rules import delivery_tokens, mail_identity, unsubscribing
from candidly.worker.sending import LEASE
from tests.web.letters import plain

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def stranger() -> Client:
    """A browser, or a mail program, that nobody is signed in with; it insists on the token against forged forms."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def campaign(northlane: Organization, hannah: Member) -> Campaign:
    return Campaign.objects.create(organization=northlane, name="Nights", created_by=hannah)


def sent_to(hannah: Member, campaign: Campaign | None, *people: Person) -> list[Delivery]:
    """The deliveries of a mailing, in no campaign for None; nothing has left yet."""
    audience = {"ids": [person.pk for person in people]}
    order = mailings.Order(
        subject="Nights at Northlane", body="<p>Come.</p>", is_html=True, audience=audience, campaign=campaign
    )
    mailing = mailings.send(hannah, order)
    fan_out.fan_out(mailing)
    return list(mailing.deliveries.order_by("pk"))


def built(delivery: Delivery) -> Outgoing:
    (mail,) = outgoing.build([delivery.pk])
    assert isinstance(mail, Outgoing)
    return mail


def link_of(delivery: Delivery) -> str:
    return unsubscribing.way_out(delivery.pk).link.removeprefix("http://127.0.0.1:8000")


def shown(answer: object) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))  # type: ignore[attr-defined]


# ── What the mail carries


def test_a_campaign_mail_carries_the_button_and_the_link_and_others_do_not(
    hannah: Member, campaign: Campaign, amara: Person, kwame: Person
) -> None:
    (of_campaign,) = sent_to(hannah, campaign, amara)
    (of_none,) = sent_to(hannah, None, kwame)
    mail = message_from_bytes(compose(built(of_campaign)), policy=policy.default)
    link = unsubscribing.way_out(of_campaign.pk).link
    page, mailto = re.findall(r"<([^<>]+)>", mail["List-Unsubscribe"])
    assert page == link
    assert re.fullmatch(r"mailto:u\.[a-z0-9-]+@reply\.candidly\.localhost\?subject=unsubscribe", mailto)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert link in part.get_content()
    assert not built(of_none).headers
    assert "nsubscribe" not in built(of_none).text + built(of_none).html


@given(
    local=st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}", fullmatch=True),
    domain=st.sampled_from(["mail.example", "bücher.example", "xn--bcher-kva.example", f"{'a' * 60}.example"]),
    number=st.integers(1, 2**62),
)
def test_the_headers_read_as_the_standards_say_whatever_the_address(local: str, domain: str, number: int) -> None:
    mail = Outgoing(
        delivery_id=number, sender=Address("us@northlane.example"), recipient=Address(f"{local}@{domain}", "Amara “A”"),
        subject="Hi", text="Hi", message_id="<1@x.example>", date=datetime(2026, 1, 1, tzinfo=UTC),
        headers=unsubscribing.way_out(number).headers,
    )  # fmt: skip
    written = head(mail)
    assert max(map(len, written.split(b"\r\n"))) <= 998
    read = message_from_bytes(written, policy=policy.default)
    assert not read.defects
    page, mailto = re.findall(r"<([^<>\s]+)>", read["List-Unsubscribe"])
    token = page.removesuffix("/").rpartition("/")[2]
    assert delivery_tokens.delivery_in(token, delivery_tokens.UNSUBSCRIBE) == number
    address = mailto.removeprefix("mailto:").partition("?")[0]
    assert len(address.partition("@")[0]) <= 64
    assert mail_identity.unsubscribe_token_in(address) == token
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_token_for_one_thing_opens_no_other_and_none_can_be_made_up() -> None:
    token = delivery_tokens.token_of(7, delivery_tokens.UNSUBSCRIBE)
    assert delivery_tokens.delivery_in(token.upper(), delivery_tokens.UNSUBSCRIBE) == 7
    assert not delivery_tokens.delivery_in(token, delivery_tokens.RETURN)
    for forged in ("", "7", "7-", "-", f"8{token[1:]}", token[:-1], f"{token}a", "7-ö", "ö-7", "９-x", "z" * 400):
        assert not delivery_tokens.delivery_in(forged, delivery_tokens.UNSUBSCRIBE)


# ── The page


def test_looking_at_the_page_changes_nothing(
    stranger: Client, hannah: Member, campaign: Campaign, amara: Person
) -> None:
    (delivery,) = sent_to(hannah, campaign, amara)
    for _ in range(2):
        answer = stranger.get(link_of(delivery))
        assert "News and campaigns of <bdi>Northlane Care</bdi> come to <b><bdi>amara@mail.example</bdi></b>." in shown(
            answer
        )
    assert "Mail about your own application still comes" in shown(answer)
    assert stranger.head(link_of(delivery)).status_code == 200
    assert not Suppression.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert not answer.cookies
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_button_of_a_mail_program_unsubscribes_at_once(
    stranger: Client, hannah: Member, campaign: Campaign, amara: Person
) -> None:
    (delivery,) = sent_to(hannah, campaign, amara)
    CampaignMember.objects.create(campaign=campaign, person=amara, kind=amara.kind)
    for _ in range(2):
        answer = stranger.post(link_of(delivery), ONE_CLICK)
        assert (answer.status_code, "You are unsubscribed" in shown(answer)) == (200, True)
        assert not answer.cookies
    listed = Suppression.objects.get()
    assert (listed.address, listed.purpose, listed.cause) == ("amara@mail.example", "campaign", "opted_out")
    assert listed.reason == "Unsubscribed by the link in a mail."
    assert campaign.members.get().response == "unsubscribed"
    said = ConsentEvent.objects.get()
    assert (said.source, said.agreed, said.purpose, said.person) == ("unsubscribe", False, "campaign", amara)


def test_who_changes_their_mind_receives_again(
    stranger: Client, hannah: Member, campaign: Campaign, amara: Person
) -> None:
    (delivery,) = sent_to(hannah, campaign, amara)
    stranger.post(link_of(delivery), {"stop": "yes"})
    assert "Receive again" in shown(stranger.get(link_of(delivery)))
    assert "You get our news again" in shown(stranger.post(link_of(delivery), {"again": "yes"}))
    assert not Suppression.objects.exists()
    assert list(ConsentEvent.objects.order_by("pk").values_list("agreed", flat=True)) == [False, True]


def test_where_nothing_arrives_the_link_brings_nothing_back(
    stranger: Client, hannah: Member, campaign: Campaign, northlane: Organization, amara: Person
) -> None:
    (delivery,) = sent_to(hannah, campaign, amara)
    consent.suppress(northlane, "email", amara.email, cause="bounced", reason="Gone.")
    page = shown(stranger.post(link_of(delivery), {"again": "yes"}))
    assert "You are unsubscribed" in page
    assert "Receive again" not in page
    assert Suppression.objects.get().cause == "bounced"


@pytest.mark.parametrize("token", ["nothing", "1-aaaa", "0-", "\x00", "1/2"])
def test_a_link_that_we_did_not_make_opens_nothing(stranger: Client, token: str) -> None:
    assert stranger.get(f"/unsubscribe/{token}/").status_code == 404
    assert stranger.post(f"/unsubscribe/{token}/", ONE_CLICK).status_code == 404


# ── By mail


def test_a_mail_to_the_unsubscribe_address_does_the_same_and_is_not_answered(
    hannah: Member, campaign: Campaign, amara: Person
) -> None:
    (delivery,) = sent_to(hannah, campaign, amara)
    address = mail_identity.unsubscribe_address(delivery_tokens.token_of(delivery.pk, delivery_tokens.UNSUBSCRIBE))
    assert arrivals.places([address.upper()]) != [None]
    before = Delivery.objects.count()
    (mail,) = arrivals.store(envelope_from="other@mail.example", recipients=[address], raw=plain("Please.").as_bytes())
    receive.process(mail)
    assert InboundMail.objects.get().state == "dropped"
    assert Suppression.objects.get().purpose == "campaign"
    assert ConsentEvent.objects.get().source == "mail"
    assert Delivery.objects.count() == before


def test_a_made_up_unsubscribe_address_is_no_address(northlane: Organization) -> None:
    address = mail_identity.unsubscribe_address("1-aaaa")
    assert arrivals.places([address]) == [None]
    with pytest.raises(Refused):
        arrivals.store(envelope_from="", recipients=[address], raw=b"x")


# ── What stops, and what does not


def test_the_campaign_stops_before_it_leaves_and_mail_about_the_application_goes(
    stranger: Client, hannah: Member, campaign: Campaign, amara: Person, kwame: Person
) -> None:
    hers, his = sent_to(hannah, campaign, amara, kwame)
    (about_work,) = sent_to(hannah, None, amara)
    interview = conversations.start(hannah, amara, subject="Interview", text="Tuesday?").deliveries.get()
    stranger.post(link_of(hers), ONE_CLICK)
    claimed = deliveries.claim("w1", 500, LEASE)
    assert sorted(hand_off.allowed("email", claimed)) == sorted([his.pk, about_work.pk, interview.pk])
    hers.refresh_from_db()
    assert hers.state == "suppressed"
    assert hers.reason == "Not sent: the address is on the suppression list. Unsubscribed by the link in a mail."


def test_an_address_in_other_letters_is_kept_from_campaigns_alone(
    hannah: Member, campaign: Campaign, northlane: Organization, amara: Person
) -> None:
    Person.objects.filter(pk=amara.pk).update(private_email="amara@bücher.example")
    (delivery,) = sent_to(hannah, campaign, amara)
    (other,) = sent_to(hannah, None, amara)
    consent.opt_out(northlane, "email", "amara@bücher.example", source="unsubscribe", purpose="campaign")
    assert hand_off.allowed("email", deliveries.claim("w1", 500, LEASE)) == [other.pk]
    delivery.refresh_from_db()
    assert delivery.state == "suppressed"
