"""The conversation as its person opens it: by the link in a message, without an account."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from candidly.actions import (
    consent,
    conversations,
    fan_out,
    hand_off,
    mailings,
    outgoing,
    participations,
    people,
    portal,
    scheduled,
)
from candidly.actions.attachments import keep
from candidly.actions.scheduled import Words
from candidly.models import (
    Application,
    AuditEvent,
    ConsentEvent,
    Conversation,
    Delivery,
    LiveEvent,
    Member,
    Message,
    Notice,
    Opening,
    Participation,
    Person,
    PortalLink,
    Reminder,
    Stage,
    Suppression,
)
from candidly.rules.portal_links import address_of, hash_of, token_of
from candidly.web.portal import doorway
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db

type SignIn = Callable[[Member], Client]


@pytest.fixture(autouse=True)
def nobody_tried() -> None:
    cache.clear()


@pytest.fixture
def message(hannah: Member, amara: Person, amaras_application: Application) -> Message:
    """Hannah's first message to Amara, in the portal and by e-mail; the mail has left."""
    message = conversations.start(
        hannah, amara, subject="Interview", text="Could you do Thursday?", application=amaras_application,
        channels=["email", "app"],
    )  # fmt: skip
    left(message)
    return message


@pytest.fixture
def conversation(message: Message) -> Conversation:
    return message.conversation


@pytest.fixture
def phone(conversation: Conversation) -> Client:
    """Amara's browser, in which she has followed the link."""
    return follow(link_of(conversation))


def left(message: Message) -> None:
    Delivery.objects.filter(message=message, channel="email").update(state="sent", sent_at=timezone.now())


def link_of(conversation: Conversation) -> PortalLink:
    return conversation.portal_links.latest("pk")


def way_in(link: PortalLink) -> str:
    return f"/p/{token_of(link.seed)}/"


def follow(link: PortalLink) -> Client:
    client = Client()
    assert client.get(way_in(link)).status_code == 303
    return client


def page(client: Client, conversation: Conversation, query: str = "") -> str:
    response = client.get(f"/portal/{conversation.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def say(client: Client, conversation: Conversation, text: str, **more: Any) -> Any:
    return client.post(f"/portal/{conversation.pk}/", {"text": text, "send_key": "k", **more})


def stated(conversation: Conversation) -> list[str]:
    return list(conversation.messages.filter(direction="in").order_by("pk").values_list("text", flat=True))


# ── The way in


def test_the_link_leads_to_an_address_that_says_nothing(conversation: Conversation) -> None:
    response = Client().get(way_in(link_of(conversation)))
    assert (response.status_code, response.headers["Location"]) == (303, f"/portal/{conversation.pk}/#newest")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]
    cookie = response.cookies["portal"]
    assert (cookie["path"], cookie["samesite"]) == (f"/portal/{conversation.pk}/", "Lax")
    assert cookie["httponly"]
    assert bool(cookie["secure"]) is settings.SECURE


def test_the_cookie_is_for_encrypted_pages_alone_where_there_are_any(conversation: Conversation) -> None:
    with override_settings(SECURE=True):
        response = Client().get(way_in(link_of(conversation)))
    assert response.cookies["portal"]["secure"]


def test_the_database_holds_the_tokens_hash_alone(conversation: Conversation) -> None:
    link = link_of(conversation)
    token = token_of(link.seed)
    assert len(token) * 5 >= 128
    assert link.token_hash == hash_of(token)
    assert token not in everything_kept()


def test_a_scanner_that_follows_the_link_leaves_no_trace(conversation: Conversation) -> None:
    before = everything_kept()
    scanner = follow(link_of(conversation))
    scanner.head(way_in(link_of(conversation)))
    page(scanner, conversation)
    scanner.get(f"/portal/{conversation.pk}/messages/")
    assert everything_kept() == before
    assert Delivery.objects.get(channel="app").state == "sent"


def everything_kept() -> str:
    """Every row of every table."""
    return "\n".join(
        f"{model.__name__} {row}" for model in apps.get_models() for row in model._base_manager.order_by("pk").values()
    )


def test_the_link_opens_as_often_as_one_likes_and_in_every_browser(conversation: Conversation) -> None:
    for _ in range(2):
        assert "Could you do Thursday?" in page(follow(link_of(conversation)), conversation)


def test_what_is_unknown_expired_or_withdrawn_looks_alike(conversation: Conversation, hannah: Member) -> None:
    link = link_of(conversation)
    unknown = Client().get("/p/aaaaaaaabbbbbbbbccccccccdddddddd/")
    PortalLink.objects.update(expires_at=timezone.now())
    expired = Client().get(way_in(link))
    PortalLink.objects.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    withdrawn = Client().get(way_in(link))
    assert {answer.status_code for answer in (unknown, expired, withdrawn)} == {404}
    bare = {re.sub(r'nonce="[^"]*"', "", answer.content.decode()) for answer in (unknown, expired, withdrawn)}
    assert len(bare) == 1
    assert "just answer that e-mail" in bare.pop()
    assert "portal" not in unknown.cookies


def test_who_tries_many_links_is_told_to_wait_and_a_good_one_still_opens(conversation: Conversation) -> None:
    answers = [Client().get(f"/p/guess{number}/").status_code for number in range(doorway.MOST_TRIES + 1)]
    assert answers == [404] * doorway.MOST_TRIES + [429]
    assert "Please wait a few minutes" in Client().get("/p/guess/").content.decode()
    follow(link_of(conversation))


def test_a_page_that_is_open_closes_with_its_link(phone: Client, conversation: Conversation, hannah: Member) -> None:
    portal.revoke_links(hannah, conversation)
    assert phone.get(f"/portal/{conversation.pk}/").status_code == 404
    assert say(phone, conversation, "Hello?").status_code == 404
    assert stated(conversation) == []


def test_nobody_comes_in_without_the_cookie_or_with_a_made_up_one(
    conversation: Conversation, client_of: SignIn, hannah: Member
) -> None:
    for visitor in (Client(), client_of(hannah), with_cookie(signing.dumps(link_of(conversation).pk, salt="other"))):
        assert visitor.get(f"/portal/{conversation.pk}/").status_code == 404


def with_cookie(value: str) -> Client:
    client = Client()
    client.cookies["portal"] = value
    return client


def test_one_conversations_cookie_opens_no_other(
    conversation: Conversation, hannah: Member, amara: Person, kwame: Person
) -> None:
    cookie = signing.dumps(link_of(conversation).pk, salt="portal")
    for other in (write_to(kwame, hannah).conversation, write_to(amara, hannah, subject="Another").conversation):
        assert with_cookie(cookie).get(f"/portal/{other.pk}/").status_code == 404


def test_the_log_never_holds_a_token(
    conversation: Conversation, phone: Client, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    link = link_of(conversation)
    Client().get(way_in(link))
    Client().get(way_in(link)[:-1])
    Client().post(way_in(link))
    say(phone, conversation, "Hello", send_key="1")
    monkeypatch.setattr("candidly.web.portal.views.portal_link", broken)
    Client(raise_request_exception=False).get(way_in(link))
    written = log.getvalue()
    assert "view=portal" in written
    assert "ZeroDivisionError" in written
    assert token_of(link.seed) not in written


def broken(token: str) -> None:
    raise ZeroDivisionError(token)


# ── What stands there


def test_the_person_reads_both_sides(phone: Client, conversation: Conversation, amara: Person) -> None:
    hears_from(amara, conversation, "Thursday is fine.")
    shown = page(phone, conversation)
    assert "Could you do Thursday?" in shown
    assert "Also sent by e-mail" in shown
    assert "Thursday is fine." in shown
    assert "Hannah Whitlock" in shown
    assert "Northlane Care" in shown
    assert "Replies go to Hannah Whitlock at Northlane Care." in shown
    assert 'placeholder="Reply to Hannah"' in shown


def test_what_is_not_theirs_to_read_is_not_there(
    phone: Client, conversation: Conversation, hannah: Member, amara: Person, northlane: Any
) -> None:
    for channel in ("note", "call"):
        Message.objects.create(
            organization=northlane, conversation=conversation, direction="own", channel=channel, member=hannah,
            text=f"canary {channel}",
        )  # fmt: skip
    for state in ("queued", "sending", "failed", "suppressed", "cancelled"):
        waiting = conversations.answer(hannah, conversation, text=f"canary {state}")
        waiting.deliveries.update(state=state)
    later = timezone.now() + timedelta(days=1)
    scheduled.send_later(hannah, amara, Words(text="canary later"), due_at=later, conversation=conversation)
    scheduled.send_later(
        hannah, amara, Words(text="canary undone"), due_at=later, conversation=conversation, is_chosen=False
    )
    hears_from(amara, conversation, "canary away", Auto_Submitted="auto-replied")
    left(write_to(amara, hannah, subject="canary subject", text="canary elsewhere"))
    assert "canary" not in page(phone, conversation)


def test_a_message_that_bounced_is_still_theirs_to_read(
    phone: Client, conversation: Conversation, hannah: Member
) -> None:
    conversations.answer(hannah, conversation, text="Came back").deliveries.update(state="bounced")
    assert "Came back" in page(phone, conversation)


def test_times_are_in_the_persons_zone(phone: Client, conversation: Conversation, amara: Person) -> None:
    Message.objects.update(created_at="2026-03-02T23:30:00+00:00")
    Person.objects.update(time_zone="Asia/Kolkata")
    shown = page(phone, conversation)
    assert "05:00" in shown
    assert "Tuesday 3 March" in shown


def test_words_are_shown_and_never_run(phone: Client, conversation: Conversation, hannah: Member) -> None:
    left(conversations.answer(hannah, conversation, text="<script>alert(1)</script> https://ward.example/x"))
    shown = page(phone, conversation)
    assert "<script>alert" not in shown
    assert 'href="https://ward.example/x"' in shown
    assert "noreferrer" in shown


def test_long_conversations_come_in_pages_at_a_fixed_price(
    phone: Client, conversation: Conversation, hannah: Member, django_assert_max_num_queries: Any
) -> None:
    page(phone, conversation)
    for number in range(1, 60):
        conversations.answer(hannah, conversation, text=f"Number {number}.", channels=["app"])
    with django_assert_max_num_queries(8):
        shown = page(phone, conversation)
    assert "Number 59." in shown
    assert "Number 9." not in shown
    earlier = re.search(r'href="(\?before=\d+)"', shown)
    assert earlier
    assert "Number 9." in page(phone, conversation, earlier[1])


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_odd_page_number_is_the_newest_page(phone: Client, conversation: Conversation, before: str) -> None:
    assert "Could you do Thursday?" in page(phone, conversation, f"?before={before}")


def test_files_of_the_conversation_are_downloads(phone: Client, conversation: Conversation, hannah: Member) -> None:
    file = keep(hannah, "Map <1>.html", "text/html", BytesIO(b"<script>alert(1)</script>"))
    left(conversations.answer(hannah, conversation, text="The map", attachments=[file]))
    address = f"/portal/{conversation.pk}/files/{file.pk}/"
    assert address in page(phone, conversation)
    response = phone.get(address)
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert Client().get(address).status_code == 404


def test_files_of_what_has_not_left_or_is_elsewhere_are_not_given_out(
    phone: Client, conversation: Conversation, hannah: Member, kwame: Person
) -> None:
    waiting, elsewhere, unsent = (keep(hannah, f"{n}.pdf", "application/pdf", BytesIO(b"%PDF")) for n in "abc")
    conversations.answer(hannah, conversation, text="Waits", attachments=[waiting])
    left(write_to(kwame, hannah, attachments=[elsewhere]))
    for file in (waiting, elsewhere, unsent):
        assert phone.get(f"/portal/{conversation.pk}/files/{file.pk}/").status_code == 404


def test_the_files_of_a_bulk_mail_are_given_to_who_got_it(hannah: Member, amara: Person, kwame: Person) -> None:
    file = keep(hannah, "Ward.pdf", "application/pdf", BytesIO(b"%PDF"))
    order = mailings.Order(subject="Ward visit", body="Come and see", audience={"ids": [amara.pk]}, attachments=[file])
    mailing = mailings.send(hannah, order)
    fan_out.fan_out(mailing)
    to_amara, to_kwame = Conversation.objects.get(person=amara), write_to(kwame, hannah).conversation
    Delivery.objects.update(state="sent")
    address = "/portal/{}/files/{}/"
    assert "Ward.pdf" in page(follow(link_of(to_amara)), to_amara)
    assert follow(link_of(to_amara)).get(address.format(to_amara.pk, file.pk)).status_code == 200
    assert follow(link_of(to_kwame)).get(address.format(to_kwame.pk, file.pk)).status_code == 404


def test_no_page_of_it_is_kept_or_told_of(phone: Client, conversation: Conversation) -> None:
    response = phone.get(f"/portal/{conversation.pk}/")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_the_page_listens_to_its_own_topic_alone(phone: Client, conversation: Conversation) -> None:
    (token,) = re.findall(r'data-live="([^"]+)"', page(phone, conversation))
    assert signing.loads(token, salt="live") == [f"portal:{conversation.pk}"]
    fresh = phone.get(f"/portal/{conversation.pk}/live-token/").content.decode()
    assert signing.loads(fresh, salt="live") == [f"portal:{conversation.pk}"]


# ── Answering


def test_an_answer_lands_in_the_conversation_as_every_answer_does(
    phone: Client, conversation: Conversation, hannah: Member, amara: Person, message: Message
) -> None:
    Reminder.objects.create(
        organization=hannah.organization, member=hannah, conversation=conversation, message=message, days=3,
        due_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    response = say(phone, conversation, "Thursday it is.")
    assert (response.status_code, response.headers["Location"]) == (303, f"/portal/{conversation.pk}/#newest")
    answer = conversation.messages.get(direction="in")
    assert (answer.text, answer.channel, answer.person) == ("Thursday it is.", "app", amara)
    participation = Participation.objects.get(member=hannah)
    assert (participation.is_unread, participation.is_waiting) == (True, True)
    assert Reminder.objects.get().state == "answered"
    assert Notice.objects.get(kind="reply_copy").to_address == hannah.email
    assert "Thursday it is." in page(phone, conversation)


def test_a_double_click_sends_once_and_other_words_are_another_answer(
    phone: Client, conversation: Conversation
) -> None:
    for text in ("Yes", "Yes", "Yes, and thank you"):
        say(phone, conversation, text, send_key="the same form")
    say(phone, conversation, "Yes", send_key="another form")
    assert stated(conversation) == ["Yes", "Yes, and thank you", "Yes"]


def test_nobody_elses_form_keeps_an_answer_from_being_sent(
    phone: Client, conversation: Conversation, hannah: Member
) -> None:
    conversations.answer(hannah, conversation, text="Yes", send_key="k")
    say(phone, conversation, "Yes", send_key="k")
    assert stated(conversation) == ["Yes"]


def test_files_come_with_the_answer(phone: Client, conversation: Conversation) -> None:
    say(phone, conversation, "", files=[SimpleUploadedFile("CV.pdf", b"%PDF-1.7"), SimpleUploadedFile("b.txt", b"b")])
    answer = conversation.messages.get(direction="in")
    assert [file.name for file in answer.attachments.order_by("pk")] == ["CV.pdf", "b.txt"]
    assert "CV.pdf" in page(phone, conversation)


@pytest.mark.parametrize(
    ("text", "files", "sentence"),
    [
        ("  ", {}, "Write something first"),
        ("x" * 20_001, {}, "longer than 20,000 characters"),
        ("My CV", {"cv.exe": b"MZ"}, "cv.exe is a program"),
        ("My CV", {"cv.pdf": b""}, "cv.pdf is empty"),
        ("My CV", {"cv.pdf": b"x" * 2001}, "cv.pdf is larger than"),
        ("All", {f"{number}.txt": b"x" for number in range(11)}, "at most 10 files"),
    ],
)
def test_what_is_refused_is_said_and_what_was_written_stays(
    phone: Client,
    conversation: Conversation,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    files: dict[str, bytes],
    sentence: str,
) -> None:
    monkeypatch.setattr(settings.CONFIG, "attachment_max_bytes", 2000)

    def send(**more: Any) -> Any:
        chosen = [SimpleUploadedFile(name, content) for name, content in files.items()]
        return phone.post(f"/portal/{conversation.pk}/", {"text": text, "files": chosen}, **more)

    response = send()
    assert response.status_code == 422
    shown = response.content.decode()
    assert sentence in shown
    assert text.strip() in shown
    by_script = send(headers={"X-Requested-With": "fetch"})
    assert (by_script.status_code, by_script.headers["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert sentence in by_script.content.decode()
    assert stated(conversation) == []


@pytest.mark.parametrize(("apart", "most"), [(timedelta(0), 20), (timedelta(hours=2), 100)])
def test_a_conversation_takes_so_many_answers_and_no_more(
    phone: Client, conversation: Conversation, apart: timedelta, most: int
) -> None:
    for number in range(most):
        portal.answer(conversation, text=str(number))
        Message.objects.filter(direction="in", created_at__gt=timezone.now() - apart).update(
            created_at=timezone.now() - apart
        )
    refused = say(phone, conversation, "One more")
    assert refused.status_code == 422
    assert f"That was {most} replies within" in refused.content.decode()
    assert len(stated(conversation)) == most
    Message.objects.filter(direction="in").update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert say(phone, conversation, "Tomorrow").status_code == 303


def test_a_form_from_elsewhere_is_not_taken(conversation: Conversation) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get(way_in(link_of(conversation)))
    assert say(strict, conversation, "Forged").status_code == 403
    (secret,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page(strict, conversation)))
    assert say(strict, conversation, "Mine", csrfmiddlewaretoken=secret).status_code == 303
    assert stated(conversation) == ["Mine"]


# ── Seen


def see(client: Client, conversation: Conversation, up_to: object) -> int:
    return client.post(f"/portal/{conversation.pk}/seen/", {"up_to": up_to}).status_code


def test_what_was_before_their_eyes_is_read_and_members_hear_of_it(
    phone: Client, conversation: Conversation, message: Message, hannah: Member, client_of: SignIn
) -> None:
    later = conversations.answer(hannah, conversation, text="And Friday?", channels=["app"])
    LiveEvent.objects.all().delete()
    assert see(phone, conversation, message.pk) == 204
    read = message.deliveries.get(channel="app")
    assert (read.state, read.arrived_at is not None) == ("read", True)
    assert message.deliveries.get(channel="email").state == "sent"
    assert later.deliveries.get().state == "sent"
    assert [event.topic for event in LiveEvent.objects.all()] == [f"conversation:{conversation.pk}"]
    members = client_of(hannah).get(f"/conversations/{conversation.pk}/").content.decode()
    assert re.search(r'data-state="read">.*?Read <time', members)


def test_seen_twice_is_told_once(phone: Client, conversation: Conversation, message: Message) -> None:
    see(phone, conversation, message.pk)
    first = Delivery.objects.get(channel="app").arrived_at
    LiveEvent.objects.all().delete()
    assert see(phone, conversation, message.pk) == 204
    assert Delivery.objects.get(channel="app").arrived_at == first
    assert not LiveEvent.objects.exists()


@pytest.mark.parametrize("up_to", ["", "x", "0", "9" * 30])
def test_nothing_is_seen_by_an_odd_form(phone: Client, conversation: Conversation, up_to: str) -> None:
    assert see(phone, conversation, up_to) == 422
    assert Delivery.objects.get(channel="app").state == "sent"


def test_whoever_answers_has_read(phone: Client, conversation: Conversation) -> None:
    say(phone, conversation, "Yes")
    assert Delivery.objects.get(channel="app").state == "read"


def test_the_person_sees_that_somebody_read_their_answer(
    phone: Client, conversation: Conversation, hannah: Member
) -> None:
    say(phone, conversation, "Yes")
    assert 'data-state="sent"' in page(phone, conversation)
    LiveEvent.objects.all().delete()
    participations.mark_read(hannah, [conversation.pk])
    assert LiveEvent.objects.filter(topic=f"portal:{conversation.pk}").exists()
    assert 'data-state="read"' in page(phone, conversation)


# ── Closed


@pytest.fixture
def declined(conversation: Conversation, amaras_application: Application) -> Conversation:
    people.move(amaras_application, Stage.DECLINED)
    return conversation


def test_a_declined_applications_conversation_is_there_to_be_read(phone: Client, declined: Conversation) -> None:
    shown = page(phone, declined)
    assert "Could you do Thursday?" in shown
    assert "This conversation is closed" in shown
    assert 'name="text"' not in shown


def test_it_says_when_the_application_was_declined(
    phone: Client, conversation: Conversation, amaras_application: Application, hannah: Member
) -> None:
    with time_machine.travel("2026-03-16 11:20", tick=False):
        people.move(amaras_application, Stage.DECLINED, was=Stage(amaras_application.stage), by=hannah)
    AuditEvent.objects.all().delete()  # or so many acts have followed
    assert "Your application was declined on 16 March 2026, so replies are off." in page(phone, conversation)


def test_who_is_declined_again_is_told_when_that_was(
    phone: Client, conversation: Conversation, amaras_application: Application
) -> None:
    for day, stage in ((16, Stage.DECLINED), (17, Stage.SCREENING), (18, Stage.DECLINED)):
        with time_machine.travel(f"2026-03-{day} 11:20", tick=False):
            people.move(amaras_application, stage)
        amaras_application.refresh_from_db()
        assert (amaras_application.declined_at is None) == (stage == Stage.SCREENING)
    assert "Your application was declined on 18 March 2026, so replies are off." in page(phone, conversation)


def test_withdrawn_is_not_declined(amaras_application: Application) -> None:
    people.move(amaras_application, Stage.DECLINED, status="withdrawn")
    assert Application.objects.get().declined_at is None


def test_it_says_no_day_where_nobody_knows_it(amara: Person, icu: Opening, hannah: Member) -> None:
    before = people.apply(amara, icu, stage=Stage.DECLINED)
    message = conversations.start(hannah, amara, subject="Before", text="Dear Amara", application=before)
    phone = follow(link_of(message.conversation))
    assert "Your application was declined, so replies are off." in page(phone, message.conversation)


def test_a_page_that_was_open_is_told_that_it_is_closed(phone: Client, declined: Conversation) -> None:
    response = say(phone, declined, "But")
    assert response.status_code == 422
    assert "Your application was declined" in response.content.decode()
    assert stated(declined) == []


def test_members_may_still_write(phone: Client, declined: Conversation, hannah: Member) -> None:
    conversations.answer(hannah, declined, text="We wish you well.", channels=["app"])
    assert "We wish you well." in page(phone, declined)


def test_mail_that_comes_all_the_same_is_kept_and_marked_for_members(
    declined: Conversation, amara: Person, hannah: Member, client_of: SignIn
) -> None:
    hears_from(amara, declined, "Why?")
    assert (
        "Came after the application was declined"
        in client_of(hannah).get(f"/conversations/{declined.pk}/").content.decode()
    )


# ── What they get


def choose(client: Client, conversation: Conversation, name: str, wanted: str = "no") -> Any:
    return client.post(f"/portal/{conversation.pk}/preferences/", {"name": name, "wanted": wanted})


def shown_preferences(client: Client, conversation: Conversation, query: str = "") -> str:
    return client.get(f"/portal/{conversation.pk}/preferences/{query}").content.decode()


def test_the_person_stops_texts_and_takes_it_back(phone: Client, conversation: Conversation, amara: Person) -> None:
    assert "may text you at your number ending in 101" in shown_preferences(phone, conversation)
    assert "+447700900101" not in shown_preferences(phone, conversation)
    response = choose(phone, conversation, "texts")
    assert (response.status_code, response.headers["Location"]) == (
        303, f"/portal/{conversation.pk}/preferences/?changed=texts",
    )  # fmt: skip
    listed = Suppression.objects.get()
    assert (listed.channel, listed.address, listed.purpose, listed.cause) == ("sms", amara.phone, "all", "opted_out")
    said = ConsentEvent.objects.get()
    assert (said.person, said.agreed, said.source, said.channel) == (amara, False, "portal", "sms")
    after = shown_preferences(phone, conversation, "?changed=texts")
    assert "No text messages are sent" in after
    assert "Undo" in after
    choose(phone, conversation, "texts", wanted="yes")
    assert not Suppression.objects.exists()
    assert ConsentEvent.objects.latest("pk").agreed


def test_who_wants_no_campaigns_still_gets_mail_about_their_application(
    phone: Client, conversation: Conversation, hannah: Member, amara: Person
) -> None:
    Person.objects.update(work_email="amara@ward.example")
    choose(phone, conversation, "campaigns")
    listed = Suppression.objects.order_by("pk").values_list("channel", "address", "purpose")
    assert list(listed) == [("email", "amara@mail.example", "campaign"), ("email", "amara@ward.example", "campaign")]
    assert "still comes" in shown_preferences(phone, conversation)
    answer = conversations.answer(hannah, conversation, text="Thursday at 10.")
    assert list(hand_off.allowed("email", [answer.deliveries.get().pk])) == [answer.deliveries.get().pk]


def test_what_one_organization_may_not_send_another_may(
    phone: Client, conversation: Conversation, leila: Person, omar: Member
) -> None:
    choose(phone, conversation, "texts")
    assert list(Suppression.objects.values_list("organization__name", flat=True)) == ["Northlane Care"]


def test_a_number_that_takes_nothing_is_said_to(phone: Client, conversation: Conversation, northlane: Any) -> None:
    Suppression.objects.create(
        organization=northlane, channel="sms", address="+447700900101", cause="bounced", reason="No such number"
    )
    shown = shown_preferences(phone, conversation)
    assert "do not arrive at your number ending in 101" in shown
    assert shown.count("<form") == 1


def test_an_address_that_mail_comes_back_from_is_said_to(
    phone: Client, conversation: Conversation, northlane: Any
) -> None:
    consent.suppress(northlane, "email", conversation.person.email, cause="bounced", reason="Gone.")
    assert "Mail does not arrive at your address" in shown_preferences(phone, conversation)


def test_who_has_no_number_is_not_asked_about_texts(phone: Client, conversation: Conversation) -> None:
    Person.objects.update(phone="")
    assert "Text messages" not in shown_preferences(phone, conversation)


def test_there_is_nothing_else_to_stop(phone: Client, conversation: Conversation) -> None:
    assert choose(phone, conversation, "everything").status_code == 422
    assert not ConsentEvent.objects.exists()


# ── The member's side


def test_members_see_until_when_the_link_opens_and_withdraw_it(
    conversation: Conversation, hannah: Member, client_of: SignIn
) -> None:
    member = client_of(hannah)
    until = timezone.localtime(link_of(conversation).expires_at, ZoneInfo(hannah.time_zone))
    assert (
        f"It opens until {until.day} {until:%B %Y}" in member.get(f"/conversations/{conversation.pk}/").content.decode()
    )
    response = member.post(reverse("portal_link_revoke", args=[conversation.pk]), headers={"HX-Request": "true"})
    assert "The next message carries a new one." in response.content.decode()
    assert Client().get(way_in(link_of(conversation))).status_code == 404


def test_the_token_is_nowhere_on_a_members_page(conversation: Conversation, hannah: Member, client_of: SignIn) -> None:
    shown = client_of(hannah).get(f"/conversations/{conversation.pk}/").content.decode()
    assert token_of(link_of(conversation).seed) not in shown
    assert link_of(conversation).seed not in shown


@pytest.mark.parametrize(
    "gone", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() + timedelta(days=10)}], ids=["away", "soon"]
)
def test_the_next_message_carries_a_new_link_where_the_old_one_is_gone(
    conversation: Conversation, hannah: Member, gone: dict[str, Any]
) -> None:
    PortalLink.objects.update(**gone)
    old = link_of(conversation)
    sent = conversations.answer(hannah, conversation, text="Again")
    new = link_of(conversation)
    assert new != old
    (mail,) = outgoing.build([sent.deliveries.get().pk])
    assert address_of(new.seed) in mail.text  # type: ignore[union-attr]
    follow(new)


def test_a_link_that_lasts_is_used_again(conversation: Conversation, hannah: Member) -> None:
    conversations.answer(hannah, conversation, text="Again")
    assert conversation.portal_links.count() == 1


def test_only_who_may_answer_withdraws_a_link(
    conversation: Conversation, ruth: Member, omar: Member, client_of: SignIn
) -> None:
    address = reverse("portal_link_revoke", args=[conversation.pk])
    assert client_of(ruth).post(address).status_code == 403
    assert client_of(omar).post(address).status_code == 404
    follow(link_of(conversation))
