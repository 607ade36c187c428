"""A conversation on its page: read, answered, refreshed, and closed to those who may not."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from candidly.actions import assign, consent
from candidly.models import Conversation, Delivery, LiveEvent, Member, Message, Person
from candidly.web.inbox.timeline import PAGE
from tests.support.texts import text_in
from tests.web.letters import PNG, formatted, hears_from, plain, write_to

SignIn = Callable[[Member], Client]


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return write_to(amara, hannah, subject="Your interview", text="Dear Amara,\n\nThursday?").conversation


def page(client: Client, conversation: Conversation) -> str:
    answer = client.get(f"/conversations/{conversation.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def answer(client: Client, conversation: Conversation, **fields: object):  # type: ignore[no-untyped-def]
    return client.post(
        f"/conversations/{conversation.pk}/messages/",
        {"send_key": "k1", "channels": ["email"], **fields},
        headers={"HX-Request": "true"},
    )


def test_a_message_is_shown_with_its_subject_paragraphs_and_state(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    shown = page(client_of(hannah), conversation)
    assert "Your interview</h3>" in shown
    assert "<p>Dear Amara,</p>" in shown
    assert 'data-state="queued"' in shown
    assert "Today" in shown


@pytest.mark.parametrize("word", ["Yes", "ja.", "Oui !", "START"])
def test_a_yes_is_marked_as_a_wish_where_it_was_one(
    word: str, client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    text_in(word)
    assert page(client_of(hannah), conversation).count("Wants texts again") == (word == "START")
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))
    text_in("STOP")
    text_in(word)
    text_in("See you on Monday")
    shown = page(client_of(hannah), conversation)
    assert shown.count("Wants no more texts") == 1
    assert shown.count("Wants texts again") == 1 + (word == "START")


def test_opening_marks_read_for_this_member_only(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    conversation.participations.create(member=priya, role="follower")
    hears_from(amara, conversation, "Thursday is fine")
    client = client_of(hannah)
    assert re.search(r'day-separator" data-unread', page(client, conversation))
    assert not hannah.participations.get().is_unread
    assert priya.participations.get().is_unread
    assert LiveEvent.objects.filter(topic=f"member:{hannah.pk}", name="inbox").exists()
    assert not re.search(r'day-separator" data-unread', page(client, conversation))


def test_html_in_a_plain_text_stays_text(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    hears_from(amara, conversation, "<script>alert(1)</script> see https://mail.example/x")
    shown = page(client_of(hannah), conversation)
    assert "<script>alert(1)" not in shown
    assert '<a href="https://mail.example/x"' in shown


def test_a_quoted_answer_is_folded(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    hears_from(amara, conversation, "Yes!\n\nOn Thu 5 Mar 2026 at 16:08, Hannah wrote:\n> Thursday?\n")
    shown = page(client_of(hannah), conversation)
    assert "Show quoted text" in shown
    assert shown.index("<p>Yes!</p>") < shown.index("Show quoted text") < shown.index("Hannah wrote")


def test_an_automatic_reply_is_marked(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    hears_from(amara, conversation, "I am away", Auto_Submitted="auto-replied")
    assert "Automatic reply" in page(client_of(hannah), conversation)


def test_who_leads_is_told_by_name_to_themselves_too(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    assign.assign(priya, conversation, priya)
    for member in (priya, hannah):
        shown = page(client_of(member), conversation)
        assert "<bdi>Priya Nair</bdi></b> leads this conversation now" in shown


def test_an_answer_goes_out_and_the_composer_is_emptied(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    sent = answer(client, conversation, subject="Re: Your interview", text="One more thing")
    assert sent.status_code == 200
    assert "message-sent" in sent.headers["HX-Trigger"]
    assert "One more thing" not in sent.content.decode()
    assert re.search(r'name="send_key" value="(?!k1)', sent.content.decode())
    message = conversation.messages.latest("pk")
    assert (message.text, message.member, message.deliveries.get().address) == (
        "One more thing",
        hannah,
        "amara@mail.example",
    )


def test_sending_twice_sends_once(client_of: SignIn, hannah: Member, conversation: Conversation) -> None:
    client = client_of(hannah)
    for _ in range(2):
        assert answer(client, conversation, text="Only once").status_code == 200
    assert conversation.messages.filter(text="Only once").count() == 1


def test_signed_out_meanwhile_is_said_and_swaps_no_sign_in_page_into_the_composer(
    conversation: Conversation,
) -> None:
    refused = answer(Client(), conversation, text="Hello")
    assert (refused.status_code, refused.content) == (401, b"")


def test_an_empty_answer_is_refused_in_words(client_of: SignIn, hannah: Member, conversation: Conversation) -> None:
    refused = answer(client_of(hannah), conversation, text="  ")
    assert refused.status_code == 422
    assert "Write a message first." in refused.content.decode()


def test_a_read_only_member_reads_and_is_told_why_they_cannot_answer(
    client_of: SignIn, ruth: Member, conversation: Conversation
) -> None:
    client = client_of(ruth)
    shown = page(client, conversation)
    assert "Your role is read-only" in shown
    assert "<textarea" not in shown
    assert answer(client, conversation, text="Hello").status_code == 422
    assert conversation.messages.count() == 1


def test_without_an_address_email_cannot_be_chosen_and_the_page_leads_to_the_profile(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    Person.objects.filter(pk=amara.pk).update(private_email="")
    shown = page(client_of(hannah), conversation)
    assert "has no e-mail address" in shown
    assert f"/candidates/{amara.pk}/?edit=1" in shown
    assert re.search(r'value="email" disabled', shown)
    assert re.search(r'value="app" checked', shown)


def test_nobody_else_finds_the_conversation(
    client_of: SignIn, marcus: Member, omar: Member, hannah: Member, kwame: Person
) -> None:
    message = write_to(kwame, hannah, application=kwame.applications.get())
    pk, delivery = message.conversation_id, message.deliveries.get().pk
    for member in (marcus, omar):
        client = client_of(member)
        assert client.get(f"/conversations/{pk}/").status_code == 404
        assert client.get(f"/conversations/{pk}/messages/?after=0").status_code == 404
        assert client.post(f"/conversations/{pk}/messages/", {"text": "Hello"}).status_code == 404
        assert client.get(f"/messages/{message.pk}/html/").status_code == 404
        assert client.get(f"/messages/{message.pk}/formatted/").status_code == 404
        assert client.get(f"/messages/{message.pk}/text/").status_code == 404
        assert client.post(f"/deliveries/{delivery}/retry/").status_code == 404


def test_what_came_since_is_appended_and_states_are_brought_up_to_date(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    first = conversation.messages.get()
    hears_from(amara, conversation, "Thursday is fine")
    first.deliveries.update(state=Delivery.State.SENT)
    newer = client_of(hannah).get(f"/conversations/{conversation.pk}/messages/?after={first.pk}").content.decode()
    assert "Thursday is fine" in newer
    assert "Dear Amara" not in newer
    assert f'id="deliveries-{first.pk}" hx-swap-oob="morph"' in newer
    assert 'data-state="sent"' in newer
    assert f'name="after" value="{conversation.messages.latest("pk").pk}"' in newer


def test_a_page_in_the_background_marks_nothing_read(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    hears_from(amara, conversation, "Thursday is fine")
    client, url = client_of(hannah), f"/conversations/{conversation.pk}/messages/?after=0"
    client.get(url)
    assert hannah.participations.get().is_unread
    client.get(f"{url}&seen=1")
    assert not hannah.participations.get().is_unread


def test_long_conversations_show_their_end_and_earlier_messages_when_asked(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    first = conversation.messages.get()
    Message.objects.bulk_create(
        Message(
            organization=conversation.organization,
            conversation=conversation,
            direction="in",
            person=amara,
            text=f"Letter {number:03}",
            created_at=first.created_at + timedelta(seconds=number),
        )
        for number in range(120)
    )
    client = client_of(hannah)
    shown = client.get(f"/conversations/{conversation.pk}/").context["thread"].timeline
    texts = [entry.message.text for entry in shown.entries]
    while shown.earlier:
        shown = client.get(f"/conversations/{conversation.pk}/messages/?before={shown.earlier}").context["timeline"]
        texts = [entry.message.text for entry in shown.entries] + texts
    assert texts[1:] == [f"Letter {number:03}" for number in range(120)]
    assert texts[0] == first.text


def test_a_very_long_text_is_cut_and_can_be_read_whole(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    message = conversation.messages.get()
    Message.objects.filter(pk=message.pk).update(text="word " * 60_000)
    client = client_of(hannah)
    shown = page(client, conversation)
    assert len(shown) < 200_000
    assert f"/messages/{message.pk}/text/" in shown
    whole = client.get(f"/messages/{message.pk}/text/")
    assert whole.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(whole.content) == 300_000


def test_a_failed_message_says_why_and_can_be_sent_again(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=Delivery.State.FAILED, reason="The mailbox is full.")
    client = client_of(hannah)
    shown = page(client, conversation)
    assert "The mailbox is full." in shown
    assert f"/deliveries/{delivery.pk}/retry/" in shown
    retried = client.post(f"/deliveries/{delivery.pk}/retry/")
    assert 'hx-swap-oob="morph"' in retried.content.decode()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.QUEUED


def test_what_the_suppression_list_keeps_back_is_not_sent_again(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    Delivery.objects.update(state=Delivery.State.BOUNCED, reason="There is no such mailbox.")
    consent.suppress(hannah.organization, "email", amara.email, cause="bounced", reason="There is no such mailbox.")
    delivery = Delivery.objects.get()
    retried = client_of(hannah).post(f"/deliveries/{delivery.pk}/retry/", headers={"HX-Request": "true"})
    assert f"{amara.email} is on the suppression list. Release it there first" in retried.headers["HX-Trigger"]
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.BOUNCED


def test_a_read_only_member_cannot_send_again(client_of: SignIn, ruth: Member, conversation: Conversation) -> None:
    Delivery.objects.update(state=Delivery.State.FAILED)
    pk = Delivery.objects.get().pk
    client = client_of(ruth)
    assert f"/deliveries/{pk}/retry/" not in page(client, conversation)
    assert client.post(f"/deliveries/{pk}/retry/").status_code == 403


def test_whether_enter_sends_is_remembered_per_member(
    client_of: SignIn, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    client = client_of(hannah)
    client.post("/inbox/press-enter/", {"press_enter_to_send": "on"})
    hannah.refresh_from_db()
    priya.refresh_from_db()
    assert (hannah.press_enter_to_send, priya.press_enter_to_send) == (True, False)
    assert re.search(r"data-press-enter checked", page(client, conversation))
    client.post("/inbox/press-enter/")
    hannah.refresh_from_db()
    assert not hannah.press_enter_to_send


def test_formatted_mail_shows_in_a_frame_that_can_do_nothing(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    html = (
        '<p onclick="x()">Hello <b>you</b></p><script>alert(1)</script>'
        '<img src="https://spy.example/1.gif"><img src="//spy.example/2.gif">'
    )
    message = hears_from(amara, conversation, "", formatted(html))
    client = client_of(hannah)
    assert "Show formatted" in page(client, conversation)
    frame = client.get(f"/messages/{message.pk}/formatted/").content.decode()
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    assert "2 remote images not shown" in frame
    document = client.get(f"/messages/{message.pk}/html/")
    body, policy = document.content.decode(), document.headers["Content-Security-Policy"]
    assert "<b>you</b>" in body
    assert "script" not in body
    assert "onclick" not in body
    assert ' src="https://spy.example' not in body
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "img-src data:;" in policy
    assert document.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_remote_images_show_when_asked_for(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    message = hears_from(amara, conversation, "", formatted('<img src="https://spy.example/1.gif">'))
    client = client_of(hannah)
    assert (
        f"/messages/{message.pk}/html/?images=1"
        in client.get(f"/messages/{message.pk}/formatted/?images=1").content.decode()
    )
    document = client.get(f"/messages/{message.pk}/html/?images=1")
    assert ' src="https://spy.example/1.gif"' in document.content.decode()
    assert "img-src data: https: http:" in document.headers["Content-Security-Policy"]


def test_pictures_in_the_mail_stand_in_their_place(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    mail = formatted('<p>My badge: <img src="cid:badge@mail.example"></p>')
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(PNG, "image", "png", cid="<badge@mail.example>", filename="badge.png")  # type: ignore[union-attr]
    message = hears_from(amara, conversation, "", mail)
    client = client_of(hannah)
    assert ' src="data:image/png;base64,iVBOR' in client.get(f"/messages/{message.pk}/html/").content.decode()
    assert "badge.png" not in page(client, conversation)


def test_files_of_a_reply_are_listed(
    client_of: SignIn, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    mail = plain("My CV")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="CV Amara.pdf")
    message = hears_from(amara, conversation, "", mail)
    shown = page(client_of(hannah), conversation)
    assert "CV Amara.pdf" in shown
    assert f"/attachments/{message.attachments.get().pk}/" in shown


@pytest.mark.parametrize("messages", [2, 40])
def test_a_conversation_asks_the_same_few_questions_however_long_it_is(
    client_of: SignIn,
    hannah: Member,
    amara: Person,
    conversation: Conversation,
    messages: int,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for number in range(messages):
        hears_from(amara, conversation, f"Letter {number}")
    client = client_of(hannah)
    page(client, conversation)
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        page(client, conversation)


# ── Opened at a message


@pytest.fixture
def long(conversation: Conversation, hannah: Member) -> list[int]:
    """The ids of its 200 further messages."""
    Message.objects.bulk_create(
        Message(
            organization=hannah.organization,
            conversation=conversation,
            direction=Message.Direction.OUT,
            member=hannah,
            text=f"Line {number:03}",
        )
        for number in range(200)
    )
    return list(conversation.messages.filter(text__startswith="Line").order_by("pk").values_list("pk", flat=True))


HALF = PAGE // 2


def shown_lines(html: str) -> list[int]:
    return [int(number) for number in re.findall(r"<p>Line (\d+)</p>", html)]


def test_opened_at_a_message_it_shows_what_was_said_before_and_after(
    client_of: SignIn, hannah: Member, conversation: Conversation, long: list[int]
) -> None:
    shown = client_of(hannah).get(f"/conversations/{conversation.pk}/?at={long[100]}").content.decode()
    assert shown_lines(shown) == list(range(100 - HALF + 1, 100 + HALF + 1))
    assert f"?before={long[100 - HALF + 1]}" in shown
    assert f"?later={long[100 + HALF]}" in shown


def test_from_there_on_it_is_read_to_its_end(
    client_of: SignIn, hannah: Member, conversation: Conversation, long: list[int]
) -> None:
    client, messages = client_of(hannah), f"/conversations/{conversation.pk}/messages/"
    before_the_end = 200 - PAGE - 10
    first = client.get(f"{messages}?later={long[before_the_end - 1]}").content.decode()
    assert shown_lines(first) == list(range(before_the_end, 190))
    last = client.get(f"{messages}?later={long[189]}").content.decode()
    assert shown_lines(last) == list(range(190, 200))
    assert "later=" not in last
    assert f'value="{long[199]}"' in last


def test_what_is_not_shown_stays_unread(
    client_of: SignIn, hannah: Member, conversation: Conversation, long: list[int]
) -> None:
    hannah.participations.update(is_unread=True)
    client = client_of(hannah)
    client.get(f"/conversations/{conversation.pk}/?at={long[100]}")
    assert hannah.participations.get().is_unread
    client.get(f"/conversations/{conversation.pk}/?at={long[190]}")
    assert not hannah.participations.get().is_unread


def test_opened_at_the_first_or_at_no_message_of_it(
    client_of: SignIn, hannah: Member, conversation: Conversation, long: list[int]
) -> None:
    client, first = client_of(hannah), conversation.messages.earliest("pk")
    shown = client.get(f"/conversations/{conversation.pk}/?at={first.pk}").content.decode()
    assert shown_lines(shown) == list(range(HALF))
    assert "?before=" not in shown
    assert shown_lines(client.get(f"/conversations/{conversation.pk}/?at=junk").content.decode())[-1] == 199
    assert shown_lines(client.get(f"/conversations/{conversation.pk}/?at=999999").content.decode())[-1] == 199
