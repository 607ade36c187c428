"""Settings > Emails, Connect Email Account, and what is refused to who has not connected."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from candidly.actions import (
    arrivals,
    conversations,
    deliveries,
    mailboxes,
    mailings,
    own_mailboxes,
    plans,
    receive,
    scheduled,
)
from candidly.actions.errors import Refused
from candidly.actions.scheduled import Words
from candidly.config import config
from candidly.envelope import Failed, PermanentFailure, ReconnectNeeded, TemporaryFailure, Unconfirmed, Withheld
from candidly.models import (
    AuditEvent,
    Delivery,
    InboundMail,
    KnownThread,
    Mailbox,
    Mailing,
    Member,
    Message,
    Notice,
    Organization,
    Person,
    ScheduledMessage,
    Sealed,
)
from candidly.rules.mail_identity import reply_address
from tests.conftest import join
from tests.support.mailboxes import mail
from tests.support.own_mail import Post, due_now, new_post, turn_on

pytestmark = pytest.mark.django_db

type ClientOf = Callable[[Member], Client]


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> None:
    """This installation has a client at Google."""
    monkeypatch.setattr(config(), "google_client_id", "hub.apps.googleusercontent.com")


@pytest.fixture
def post() -> Post:
    return new_post()


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# The switch


def test_the_switch_says_what_it_means_and_is_kept_in_the_audit_log(
    client_of: ClientOf, sofia: Member, hannah: Member, google: None
) -> None:
    client = client_of(sofia)
    assert "must connect their own mailbox" in page(client, "/settings/emails/")
    client.post("/settings/emails/switch/", {"on": "yes"})
    shown = page(client, "/settings/emails/")
    assert "Turned on by Sofia Lindqvist" in shown
    assert "0 of 2 connected" in shown
    assert AuditEvent.objects.get().verb == "mailbox.turned_on"
    assert set(Notice.objects.values_list("to_address", flat=True)) == {sofia.email, hannah.email}
    client.post("/settings/emails/switch/", {"on": "no"})
    assert not Organization.objects.get(pk=sofia.organization_id).own_mailboxes


def test_others_see_the_switch_and_cannot_press_it(client_of: ClientOf, hannah: Member, google: None) -> None:
    client = client_of(hannah)
    shown = page(client, "/settings/emails/")
    assert "disabled" in shown
    assert "Ask one of your super admins" in shown
    assert client.post("/settings/emails/switch/", {"on": "yes"}).status_code == 404
    assert not Organization.objects.get().own_mailboxes


def test_a_plan_may_not_have_it(client_of: ClientOf, sofia: Member) -> None:
    plans.assign(sofia.organization, plans.define("Starter", 20, ["campaigns"]))
    client = client_of(sofia)
    assert "Your plan does not have this" in page(client, "/settings/emails/")
    client.post("/settings/emails/switch/", {"on": "yes"})
    assert not Organization.objects.get().own_mailboxes


def test_it_cannot_be_turned_on_where_the_server_lets_nobody_connect(client_of: ClientOf, sofia: Member) -> None:
    client = client_of(sofia)
    shown = page(client, "/settings/emails/")
    assert "This server is not set up for members’ own mailboxes. Ask whoever runs it." in shown
    assert is_switch_disabled(shown)
    said = client.post("/settings/emails/switch/", {"on": "yes"}, follow=True).content.decode()
    assert "so nobody could connect one" in said
    assert not Organization.objects.get().own_mailboxes
    assert not Notice.objects.exists()


def test_either_kind_of_mailbox_is_enough_to_turn_it_on(
    client_of: ClientOf, sofia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "imap", True)
    client = client_of(sofia)
    assert not is_switch_disabled(page(client, "/settings/emails/"))
    client.post("/settings/emails/switch/", {"on": "yes"})
    assert Organization.objects.get().own_mailboxes


def test_it_can_be_turned_off_where_the_server_has_lost_its_set_up(client_of: ClientOf, sofia: Member) -> None:
    turn_on(sofia)
    client = client_of(sofia)
    shown = page(client, "/settings/emails/")
    assert "no longer set up for members’ own mailboxes" in shown
    assert not is_switch_disabled(shown)
    client.post("/settings/emails/switch/", {"on": "no"})
    assert not Organization.objects.get().own_mailboxes


def is_switch_disabled(shown: str) -> bool:
    """Whether the page's switch can be pressed by nobody."""
    return " disabled" in shown.partition('role="switch"')[2].partition(">")[0]


def test_when_it_is_turned_off_what_waits_goes_as_the_organizations(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    turn_on(sofia, hannah)
    mailbox = post.connect(hannah)
    message = conversations.start(hannah, amara, subject="Hello", text="Hello")
    own_mailboxes.turn_off(sofia)
    assert message.deliveries.get().mailbox is None
    assert deliveries.claim("w1", 10, timedelta(minutes=1)) != []
    post.look()
    mailbox.refresh_from_db()
    assert (mailbox.state, bool(mailbox.credentials), bool(mailbox.discarded)) == ("disconnected", False, False)
    assert post.provider.withdrawn != []


def test_the_list_of_mailboxes_tells_state_lag_and_error(
    client_of: ClientOf, sofia: Member, hannah: Member, priya: Member, post: Post
) -> None:
    turn_on(sofia, hannah, priya)
    post.connect(hannah)
    post.connect(priya)
    Mailbox.objects.filter(member=priya).update(state="reconnect", reason="Google ended access.")
    post.of(hannah).fault = TemporaryFailure("Google does not answer.")
    post.look()
    Mailbox.objects.filter(member=hannah).update(synced_at=timezone.now() - timedelta(minutes=4))
    shown = page(client_of(sofia), "/settings/emails/")
    for said in (
        "1 of 3 connected",
        "4\xa0min ago",
        "Google does not answer.",
        "Reconnect needed",
        "Google ended access.",
    ):
        assert said in shown


def test_the_list_costs_the_same_however_many_there_are(
    client_of: ClientOf, sofia: Member, northlane: Organization, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    turn_on(sofia)
    client = client_of(sofia)
    page(client, "/settings/emails/")
    for number in range(30):
        join(northlane, f"Colleague{number} Smith", sofia.role)  # type: ignore[arg-type]
    with django_assert_max_num_queries(16):
        page(client, "/settings/emails/")


def test_those_who_have_not_connected_are_reminded_once_an_hour(
    client_of: ClientOf, sofia: Member, hannah: Member, priya: Member, post: Post
) -> None:
    turn_on(sofia, hannah, priya)
    post.connect(hannah)
    Notice.objects.all().delete()
    client = client_of(sofia)
    assert "Remind 2" in page(client, "/settings/emails/")
    client.post("/settings/emails/remind/")
    client.post("/settings/emails/remind/")
    assert sorted(Notice.objects.values_list("to_address", flat=True)) == [priya.email, sofia.email]


# Connecting


def test_there_is_nothing_to_connect_before_it_is_turned_on(
    client_of: ClientOf, sofia: Member, hannah: Member, ruth: Member
) -> None:
    assert client_of(hannah).get("/settings/mailbox/").status_code == 404
    assert "Connect Email Account" not in page(client_of(hannah), "/settings/")
    turn_on(sofia, hannah, ruth)
    assert "Connect Email Account" in page(client_of(hannah), "/settings/")
    assert client_of(ruth).get("/settings/mailbox/").status_code == 404  # who only reads writes to nobody


def test_the_way_to_google_carries_state_nonce_challenge_and_who_it_is_about(
    client_of: ClientOf, sofia: Member, hannah: Member, google: None
) -> None:
    turn_on(sofia, hannah)
    client = client_of(hannah)
    assert "Connect Gmail" in page(client, "/settings/mailbox/")
    address = urlsplit(client.post("/settings/mailbox/google/")["Location"])
    asked = {name: value[0] for name, value in parse_qs(address.query).items()}
    assert address.netloc == "accounts.google.com"
    assert asked["code_challenge_method"] == "S256"
    assert asked["login_hint"] == hannah.email
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert client.session["google_sign_in"]["verifier"] not in address.query


def test_the_page_may_lead_on_to_google_and_nowhere_else(
    client_of: ClientOf, sofia: Member, hannah: Member, google: None
) -> None:
    turn_on(sofia, hannah)
    policy = client_of(hannah).get("/settings/mailbox/")["Content-Security-Policy"]
    assert "form-action 'self' https://accounts.google.com;" in f"{policy};"
    assert "script-src" in policy


@pytest.mark.parametrize("state", ["", "another"])
def test_an_answer_that_nobody_asked_for_connects_nothing(
    client_of: ClientOf, sofia: Member, hannah: Member, google: None, state: str
) -> None:
    turn_on(sofia, hannah)
    client = client_of(hannah)
    client.post("/settings/mailbox/google/")
    back = client.get("/mailboxes/google/callback/", {"code": "stolen", "state": state}, follow=True)
    assert "belongs to no attempt of yours" in back.content.decode()
    assert not Mailbox.objects.get(member=hannah).attempt


def test_googles_answer_is_good_once_and_what_it_says_is_kept_sealed(
    client_of: ClientOf, sofia: Member, hannah: Member, google: None
) -> None:
    turn_on(sofia, hannah)
    client = client_of(hannah)
    client.post("/settings/mailbox/google/")
    state = client.session["google_sign_in"]["state"]
    back = client.get("/mailboxes/google/callback/", {"code": "abc", "state": state}, follow=True)
    assert "Connecting" in back.content.decode()
    attempt = Mailbox.objects.get(member=hannah).attempt
    assert "abc" in attempt.open()
    again = client.get("/mailboxes/google/callback/", {"code": "abc", "state": state}, follow=True)
    assert "belongs to no attempt of yours" in again.content.decode()


def test_who_says_no_at_google_is_told_so(client_of: ClientOf, sofia: Member, hannah: Member, google: None) -> None:
    turn_on(sofia, hannah)
    client = client_of(hannah)
    client.post("/settings/mailbox/google/")
    asked = {"error": "access_denied", "state": client.session["google_sign_in"]["state"]}
    assert "you did not agree" in client.get("/mailboxes/google/callback/", asked, follow=True).content.decode()


def test_another_address_than_ones_own_is_refused_with_the_reason(
    client_of: ClientOf, sofia: Member, hannah: Member, post: Post, google: None
) -> None:
    turn_on(sofia, hannah)
    mailboxes.begin(hannah, "gmail", {"address": "h.whitlock@post.example", "token": "t"})
    post.look()
    shown = page(client_of(hannah), "/settings/mailbox/")
    assert "You chose h.whitlock@post.example. Use hannah@northlane.example" in shown
    assert Mailbox.objects.get(member=hannah).state == "disconnected"
    assert not Mailbox.objects.get(member=hannah).credentials


def test_what_the_provider_refuses_is_said_and_may_be_tried_again(
    client_of: ClientOf, sofia: Member, hannah: Member, post: Post, google: None
) -> None:
    turn_on(sofia, hannah)
    post.provider.refuses = "Google was not allowed to read mail. Connect again, and leave all permissions ticked."
    mailboxes.begin(hannah, "gmail", {"address": hannah.email, "token": "t"})
    post.look()
    client = client_of(hannah)
    assert "not allowed to read mail" in page(client, "/settings/mailbox/")
    post.provider.refuses = ""
    post.connect(hannah)
    shown = page(client, "/settings/mailbox/")
    assert "Connected as hannah@northlane.example" in shown
    assert "not allowed to read mail" not in shown
    assert "Hire" in shown


def test_a_reconnection_that_fails_leaves_what_was_connected(
    client_of: ClientOf, sofia: Member, hannah: Member, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    mailboxes.begin(hannah, "gmail", {"address": "other@post.example", "token": "other"})
    post.look()
    mailbox = Mailbox.objects.get(member=hannah)
    assert (mailbox.state, mailbox.credentials.open()) == ("connected", '{"refresh_token": "token of Hannah Whitlock"}')


def test_disconnecting_forgets_what_opened_it_and_withdraws_it(
    client_of: ClientOf, sofia: Member, hannah: Member, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    client_of(hannah).post("/settings/mailbox/disconnect/")
    assert not Mailbox.objects.get(member=hannah).credentials
    post.look()
    assert post.provider.withdrawn == [{"refresh_token": "token of Hannah Whitlock"}]
    assert not Mailbox.objects.get(member=hannah).discarded
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["mailbox.turned_on", "mailbox.connected", "mailbox.disconnected"]


def test_a_provider_that_does_not_hear_of_it_is_told_again_and_in_the_end_it_is_forgotten(
    sofia: Member, hannah: Member, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    mailboxes.disconnect(hannah)
    post.provider.fault = TemporaryFailure("Google does not answer.")
    for _ in range(8):
        post.look()
        assert Mailbox.objects.get(member=hannah).discarded
    post.look()
    assert not Mailbox.objects.get(member=hannah).discarded


# What is refused without one


@pytest.fixture
def without(sofia: Member, hannah: Member) -> Member:
    """Hannah, who has connected nothing."""
    turn_on(sofia, hannah)
    return hannah


def test_a_message_by_mail_is_refused_in_words_and_by_another_way_it_goes(
    client_of: ClientOf, without: Member, amara: Person
) -> None:
    with pytest.raises(Refused, match="Connect your e-mail account first"):
        conversations.start(without, amara, subject="Hello", text="Hello")
    sent = conversations.start(without, amara, subject="Hello", text="Hello", channels=["app"])
    client = client_of(without)
    shown = page(client, f"/conversations/{sent.conversation_id}/")
    assert "data-no-mailbox" in shown
    assert "/settings/mailbox/" in shown
    form = {"text": "Once more", "channels": ["email"]}
    answer = client.post(f"/conversations/{sent.conversation_id}/messages/", form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Connect e-mail account" in answer.content.decode()


def test_a_mailing_is_refused_and_its_preflight_says_so(client_of: ClientOf, without: Member, amara: Person) -> None:
    order = mailings.Order(subject="Ward visit", body="Come.", audience={"ids": [amara.pk]})
    with pytest.raises(Refused, match="Connect your e-mail account first"):
        mailings.send(without, order)
    form = {"audience": f'{{"ids": [{amara.pk}]}}', "subject": "Ward visit", "body": "Come.", "channels": "email"}
    shown = client_of(without).post("/mailings/preview/", form).content.decode()
    assert "Connect your e-mail account first" in shown
    assert 'data-reached="0"' in shown
    page_again = client_of(without).post("/mailings/", form)
    assert page_again.status_code == 422
    assert not Mailing.objects.exists()


def test_an_answer_by_mail_is_kept_in_the_tray_and_its_writer_told(
    sofia: Member, hannah: Member, amara: Person
) -> None:
    message = conversations.start(hannah, amara, subject="Hello", text="Hello")
    token = message.conversation.reply_addresses.create(
        organization=hannah.organization, member=hannah, token="hannahstoken"
    ).token
    turn_on(sofia, hannah)
    Notice.objects.all().delete()
    answer = mail(hannah.email, reply_address(token), "See you then.")
    (stored,) = arrivals.store(envelope_from=hannah.email, recipients=[reply_address(token)], raw=answer.as_bytes())
    receive.process(stored)
    stored.refresh_from_db()
    assert stored.state == InboundMail.State.REVIEW
    assert "Connect your e-mail account first" in stored.problem
    notice = Notice.objects.get()
    assert notice.to_address == hannah.email
    assert "/settings/mailbox/" in notice.text


# What was scheduled before


def later(hannah: Member, amara: Person) -> ScheduledMessage:
    due_at = timezone.now() + timedelta(hours=1)
    return scheduled.send_later(hannah, amara, Words(subject="Hello", text="Hello"), due_at=due_at)


def test_what_was_scheduled_before_is_held_and_told_and_goes_when_connected(
    client_of: ClientOf, sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    waiting = later(hannah, amara)
    turn_on(sofia, hannah)
    ScheduledMessage.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    Notice.objects.all().delete()
    assert scheduled.send_due()
    assert not scheduled.send_due()
    waiting.refresh_from_db()
    assert waiting.state == ScheduledMessage.State.HELD
    assert [notice.subject for notice in Notice.objects.all()] == ["Held: your message to Amara Okafor"]
    client = client_of(hannah)
    assert "Held." in page(client, "/scheduled/")
    assert "1 message is waiting" in page(client, "/settings/mailbox/")
    post.connect(hannah)
    assert scheduled.send_due()
    assert Message.objects.get().deliveries.get().mailbox == Mailbox.objects.get(member=hannah)


def test_what_is_held_can_be_changed_and_cancelled_meanwhile(
    client_of: ClientOf, sofia: Member, hannah: Member, amara: Person
) -> None:
    waiting = later(hannah, amara)
    turn_on(sofia, hannah)
    ScheduledMessage.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    scheduled.send_due()
    waiting.refresh_from_db()
    with pytest.raises(Refused, match="Connect your e-mail account first"):
        scheduled.send_now(waiting)
    waiting.refresh_from_db()
    assert waiting.state == ScheduledMessage.State.HELD
    form = {"subject": "Hello", "text": "Other words", "channels": ["email"], "date": "2090-03-01", "time": "09:00"}
    client = client_of(hannah)
    assert client.post(f"/scheduled/{waiting.pk}/edit/", form).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.text) == ("waiting", "Other words")


def test_a_scheduled_mailing_is_held_and_told_once_and_goes_when_connected(
    client_of: ClientOf, sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    audience = {"ids": [amara.pk]}
    later_on = timezone.now() + timedelta(hours=1)
    order = mailings.Order(subject="Ward visit", body="Come.", audience=audience, starts_at=later_on)
    mailing = mailings.send(hannah, order)
    turn_on(sofia, hannah)
    Mailing.objects.update(starts_at=timezone.now() - timedelta(seconds=1))
    Notice.objects.all().delete()
    mailings.start_due()
    mailings.start_due()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.awaits_mailbox) == ("scheduled", True)
    assert Notice.objects.get().subject == "Held: Ward visit"
    assert "has no e-mail account connected" in page(client_of(hannah), f"/mailings/{mailing.pk}/")
    post.connect(hannah)
    mailings.start_due()
    mailing.refresh_from_db()
    assert mailing.state == "sending"


# The way out


def test_mail_goes_as_its_sender_without_a_reply_address_of_ours(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    message = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    by_relay = deliveries.claim("w1", 10, timedelta(minutes=1))
    assert not message.deliveries.filter(pk__in=by_relay).exists()
    post.send()
    (item,) = post.channel.sent
    assert (item.outgoing.sender.email, item.outgoing.sender.name) == (hannah.email, hannah.name)
    assert (item.outgoing.reply_to, item.outgoing.return_path) == (None, "")
    delivery = message.deliveries.get()
    assert (delivery.state, delivery.external_id) == (Delivery.State.SENT, next(iter(post.of(hannah).mails)))


def test_answers_in_the_app_stay_in_the_thread_by_the_ids_that_the_candidate_knows(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    first = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    post.send()
    first.refresh_from_db()
    conversations.answer(hannah, first.conversation, text="Or Wednesday?")
    post.send()
    item = post.channel.sent[-1]
    assert item.thread_id == KnownThread.objects.get().thread_id
    assert item.outgoing.in_reply_to == first.given_message_id
    assert item.outgoing.references == (first.given_message_id,)
    assert first.given_message_id != first.rfc_message_id


def test_a_conversation_begun_before_goes_on_by_the_mailbox(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    first = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    turn_on(sofia, hannah)
    post.connect(hannah)
    conversations.answer(hannah, first.conversation, text="Or Wednesday?")
    post.send()
    (item,) = post.channel.sent
    assert (item.thread_id, item.outgoing.in_reply_to) == ("", first.rfc_message_id)
    assert first.deliveries.get().mailbox is None


def test_what_may_have_gone_is_looked_for_before_it_is_sent_again(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    message = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    post.channel.loses = Unconfirmed("No answer came.")
    post.send()
    assert message.deliveries.get().state == Delivery.State.UNCONFIRMED
    due_now()
    post.send("w2")
    assert len(post.channel.sent) == 1
    assert message.deliveries.get().state == Delivery.State.SENT


def test_a_mailbox_that_wants_rest_rests_alone(
    sofia: Member, hannah: Member, priya: Member, amara: Person, kwame: Person, post: Post
) -> None:
    turn_on(sofia, hannah, priya)
    post.connect(hannah)
    post.connect(priya)
    post.of(hannah).fault = Withheld("Gmail takes no more for a while.", wait=300)
    hers = conversations.start(hannah, amara, subject="One", text="One")
    theirs = conversations.start(priya, kwame, subject="Two", text="Two")
    post.send()
    assert theirs.deliveries.get().state == Delivery.State.SENT
    delivery = hers.deliveries.get()
    assert (delivery.state, delivery.attempts) == (Delivery.State.QUEUED, 0)
    another = conversations.start(hannah, kwame, subject="Three", text="Three")
    assert deliveries.claim("w1", 10, timedelta(minutes=1), "gmail") == []
    assert another.deliveries.get().state == Delivery.State.QUEUED


def test_while_a_mailbox_must_be_reconnected_its_mail_waits_and_then_goes(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    Mailbox.objects.update(since=timezone.now() - timedelta(hours=1))
    message = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    post.of(hannah).fault = ReconnectNeeded("Google ended access.")
    post.send()
    mailbox = Mailbox.objects.get(member=hannah)
    assert mailbox.state == "reconnect"
    due_now()
    assert deliveries.claim("w1", 10, timedelta(minutes=1), "gmail") == []
    assert "Waits until" in message.deliveries.get().reason
    with pytest.raises(Refused, match="must be connected again"):
        conversations.answer(hannah, message.conversation, text="Hello?")
    post.of(hannah).fault = None
    post.connect(hannah)
    post.send()
    assert message.deliveries.get().state == Delivery.State.SENT


def test_what_failed_by_the_relay_is_tried_again_by_the_mailbox(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    message = conversations.start(hannah, amara, subject="Ward visit", text="Would Tuesday suit you?")
    (pk,) = deliveries.claim("w1", 10, timedelta(minutes=1))
    deliveries.record("w1", [Failed(pk, PermanentFailure("Refused."))])
    turn_on(sofia, hannah)
    post.connect(hannah)
    assert deliveries.retry_failed(message.deliveries.get())
    post.send()
    assert len(post.channel.sent) == 1


def test_without_its_key_a_mailbox_must_be_connected_again(
    sofia: Member, hannah: Member, amara: Person, post: Post
) -> None:
    turn_on(sofia, hannah)
    post.connect(hannah)
    Mailbox.objects.update(since=timezone.now() - timedelta(hours=1), credentials=Sealed("of another key"))
    post.look()
    mailbox = Mailbox.objects.get(member=hannah)
    assert mailbox.state == "reconnect"
    assert "encrypted with a key" in mailbox.reason
