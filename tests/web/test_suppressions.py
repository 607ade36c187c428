"""The suppression list, as those who keep it see it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.actions import consent, conversations
from candidly.models import ConsentEvent, Member, Organization, Person, Suppression
from candidly.web.suppressions.views import LISTED

pytestmark = pytest.mark.django_db

PAGE = "/settings/suppressions/"


@pytest.fixture
def hannahs(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def shown(client: Client, query: str = "") -> str:
    return client.get(f"{PAGE}{query}").content.decode()


def test_an_empty_list_says_what_will_come(hannahs: Client) -> None:
    assert "Nobody is suppressed" in shown(hannahs)


def test_each_entry_says_what_why_and_since_when(hannahs: Client, northlane: Organization, amara: Person) -> None:
    consent.opt_out(northlane, "sms", amara.phone, source="text", said="STOP <now>")
    page = shown(hannahs)
    assert amara.phone in page
    assert "SMS · Opted out · " in page
    assert "Answered “STOP &lt;now&gt;” by text message." in page


def test_an_entry_for_campaigns_says_so(hannahs: Client, northlane: Organization, amara: Person) -> None:
    consent.opt_out(northlane, "email", amara.email, source="portal", purpose="campaign")
    assert "Campaigns only" in shown(hannahs)


def test_recruiters_and_super_admins_keep_it_and_find_it_in_the_settings(
    client_of: Callable[[Member], Client], hannah: Member, sofia: Member, marcus: Member
) -> None:
    for member, finds_it in ((hannah, True), (sofia, True), (marcus, False)):
        assert ("Suppression list" in client_of(member).get("/settings/").content.decode()) is finds_it


def test_another_organization_sees_and_releases_nothing_of_it(
    client_of: Callable[[Member], Client], northlane: Organization, amara: Person, omar: Member
) -> None:
    consent.opt_out(northlane, "sms", amara.phone, source="text", said="STOP")
    listed = Suppression.objects.get()
    assert amara.phone not in shown(client_of(omar))
    assert client_of(omar).post(f"{PAGE}{listed.pk}/release/").status_code == 404
    assert Suppression.objects.exists()


@pytest.mark.parametrize(
    ("channel", "typed", "kept"),
    [("sms", "07700 900101", "+447700900101"), ("email", " Amara@Mail.Example ", "amara@mail.example")],
)
def test_an_address_is_added_by_hand_and_kept_as_it_is_compared(
    hannahs: Client, hannah: Member, channel: str, typed: str, kept: str
) -> None:
    fields = {"channel": channel, "address": typed, "reason": "Asked by phone."}
    assert f"Nothing more is sent to {kept}" in hannahs.post(PAGE, fields, follow=True).content.decode()
    listed = Suppression.objects.get()
    assert (listed.address, listed.cause, listed.reason) == (kept, "by_hand", "Asked by phone.")
    event = ConsentEvent.objects.get()
    assert (event.agreed, event.source, event.member) == (False, "member", hannah)
    again = hannahs.post(PAGE, fields)
    assert again.status_code == 422
    assert "This address is on the list already." in again.content.decode()


@pytest.mark.parametrize(("channel", "typed"), [("sms", "hello"), ("email", "nobody"), ("pigeon", "x"), ("sms", "")])
def test_what_is_no_address_is_not_added_and_stays_in_the_form(hannahs: Client, channel: str, typed: str) -> None:
    answer = hannahs.post(PAGE, {"channel": channel, "address": typed})
    assert answer.status_code == 422
    assert not Suppression.objects.exists()
    if typed:
        assert f'value="{typed}"' in answer.content.decode()


def test_releasing_is_kept_with_the_name_of_who_did_it(
    hannahs: Client, hannah: Member, northlane: Organization, amara: Person
) -> None:
    conversation = conversations.start(hannah, amara, subject="Hi", text="Hello").conversation
    consent.opt_out(northlane, "sms", amara.phone, source="text", said="STOP")
    listed = Suppression.objects.get()
    page = hannahs.post(f"{PAGE}{listed.pk}/release/", follow=True).content.decode()
    assert f"Released {amara.phone}" in page
    event = ConsentEvent.objects.latest("pk")
    assert (event.agreed, event.source, event.member) == (True, "member", hannah)
    assert conversations.answer(hannah, conversation, text="Hello again", channels=["sms"])
    assert hannahs.post(f"{PAGE}{listed.pk}/release/").status_code == 404


def test_the_search_finds_by_the_beginning(hannahs: Client, northlane: Organization) -> None:
    for address in ("amara@mail.example", "kwame@mail.example"):
        consent.suppress(northlane, "email", address, cause="bounced", reason="There is no such mailbox.")
    found = shown(hannahs, "?q=AMA")
    assert "amara@mail.example" in found
    assert "kwame@mail.example" not in found
    assert "No address like that on the list begins with “zoe”" in shown(hannahs, "?q=zoe")


def test_it_is_narrowed_by_channel_cause_and_what_it_keeps_back(hannahs: Client, northlane: Organization) -> None:
    consent.suppress(northlane, "email", "a@mail.example", cause="bounced", reason="Gone.")
    consent.opt_out(northlane, "email", "b@mail.example", source="unsubscribe", purpose="campaign")
    consent.opt_out(northlane, "sms", "+447700900101", source="text", said="STOP")

    def said(query: str) -> set[str]:
        page = shown(hannahs, query)
        return {address for address in ("a@mail.example", "b@mail.example", "+447700900101") if address in page}

    assert said("?channel=sms") == {"+447700900101"}
    assert said("?cause=bounced") == {"a@mail.example"}
    assert said("?purpose=campaign&channel=email") == {"b@mail.example"}
    assert len(said("?cause=weather&channel=pigeon&purpose=x")) == 3
    assert "There is no such address on the list." in shown(hannahs, "?cause=complaint")


def test_an_address_tells_whose_it_is_what_came_back_and_what_was_said_of_it(
    hannahs: Client, hannah: Member, northlane: Organization, amara: Person
) -> None:
    Person.objects.filter(pk=amara.pk).update(private_email="Amara@Mail.example")
    amara.refresh_from_db()
    message = conversations.start(hannah, amara, subject="Interview on Tuesday", text="Hello")
    message.deliveries.update(state="bounced", reason="There is no such mailbox.", reply="550 5.1.1 <no>")
    consent.opt_out(northlane, "email", amara.email, source="portal", purpose="campaign", person=amara)
    consent.suppress(northlane, "email", amara.email, cause="bounced", reason="There is no such mailbox.")
    listed = Suppression.objects.get(cause="bounced")
    page = shown(hannahs, f"{listed.pk}/")
    assert f'href="/candidates/{amara.pk}/"' in page
    assert f'href="/conversations/{message.conversation_id}/?at={message.pk}"' in page
    assert "Interview on Tuesday" in page
    assert "Its answer: <bdi>550 5.1.1 &lt;no&gt;</bdi>" in page
    assert "Objected to campaigns</b> · In the portal" in page
    assert "After a release it will most likely come back again" in page
    assert "Mail came back from there, and most likely will again" in page


def test_an_address_of_nobody_says_so(hannahs: Client, northlane: Organization) -> None:
    consent.suppress(northlane, "email", "gone@mail.example", cause="bounced", reason="Gone.")
    page = shown(hannahs, f"{Suppression.objects.get().pk}/")
    assert "Nobody here has this address any more." in page
    assert "Nobody said anything" in page


def test_a_long_list_pages_by_key_at_the_same_cost(hannahs: Client, northlane: Organization) -> None:
    def costs(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(hannahs, query)
        return len(asked)

    consent.suppress(northlane, "email", "a@mail.example", cause="bounced", reason="Gone.")
    one = costs("")
    Suppression.objects.bulk_create(
        Suppression(
            organization=northlane, channel="email", address=f"a{n}@mail.example", cause="bounced", reason="Gone."
        )
        for n in range(LISTED * 2)
    )
    keys = list(Suppression.objects.order_by("-pk").values_list("pk", flat=True))
    assert f"?after={keys[LISTED - 1]}" in shown(hannahs)
    assert f"?before={keys[LISTED]}" in shown(hannahs, f"?after={keys[LISTED - 1]}")
    assert costs("") == costs(f"?after={keys[LISTED - 1]}") == one


def test_the_details_of_a_conversation_say_where_the_person_stands(
    hannahs: Client, hannah: Member, northlane: Organization, amara: Person
) -> None:
    conversation = conversations.start(hannah, amara, subject="Hi", text="Hello").conversation
    pages = (f"/conversations/{conversation.pk}/", f"/candidates/{amara.pk}/")
    assert not any("SMS opt-in" in hannahs.get(page).content.decode() for page in pages)
    consent.opt_in(northlane, "sms", amara.phone, source="portal", said="Yes, text me", person=amara)
    at = timezone.localtime(ConsentEvent.objects.get().at, ZoneInfo(hannah.time_zone))
    for page in pages:
        assert f"SMS opt-in, {at.day} {at:%B %Y}, in the portal" in hannahs.get(page).content.decode()
    consent.opt_out(northlane, "sms", amara.phone, source="text", said="STOP")
    for page in pages:
        assert (
            f"No SMS since {at.day} {at:%B %Y}. Answered “STOP” by text message." in hannahs.get(page).content.decode()
        )
