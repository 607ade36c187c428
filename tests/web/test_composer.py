"""The one composer through a browser without scripts: channels, times, reminders, drafts, templates."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from candidly.actions import conversations, outgoing, people, scheduled, templates
from candidly.actions.attachments import keep
from candidly.config import config
from candidly.models import Conversation, KeptDraft, Member, Message, Person, Reminder, ScheduledMessage
from candidly.rules.texting import length
from tests.web.letters import hears_from, write_to

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return write_to(amara, hannah, application=amara.applications.get(), channels=["email", "app"]).conversation


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def ticked(shown: str) -> list[str]:
    return re.findall(r'name="channels" value="(\w+)" checked', shown)


def send(client: Client, conversation: Conversation, **fields: object):  # type: ignore[no-untyped-def]
    form = {"text": "Hello", "channels": ["email"], "send_key": "k1", **fields}
    return client.post(f"/conversations/{conversation.pk}/messages/", form, headers=HTMX)


# ── Channels


def test_an_answer_begins_with_the_channels_we_used_last(browser: Client, conversation: Conversation) -> None:
    assert ticked(page(browser, f"/conversations/{conversation.pk}/")) == ["email", "app"]
    answered = send(browser, conversation, channels=["sms"]).content.decode()
    assert ticked(answered) == ["sms"]


def test_a_first_message_begins_with_email_and_in_app(browser: Client, amara: Person) -> None:
    assert ticked(page(browser, f"/people/{amara.pk}/message/")) == ["email", "app"]


def test_a_channel_that_cannot_be_taken_says_why(browser: Client, kwame: Person) -> None:
    shown = page(browser, f"/people/{kwame.pk}/message/")
    assert re.search(r'value="sms" disabled', shown)
    assert "Kwame Mensah has no phone number." in shown
    assert "Edit contact details" in shown


def test_a_server_without_texts_does_not_send_anybody_to_the_profile(
    browser: Client, kwame: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "relay_host", "mail.example")
    shown = page(browser, f"/people/{kwame.pk}/message/")
    assert "Text messages are not set up on this server." in shown
    assert "Edit contact details" not in shown


def test_one_message_goes_by_three_channels_each_with_its_own_state(
    browser: Client, conversation: Conversation
) -> None:
    assert send(browser, conversation, channels=["email", "sms", "app"], text="By all").status_code == 200
    message = conversation.messages.latest("pk")
    assert [delivery.channel for delivery in message.deliveries.order_by("pk")] == ["email", "sms", "app"]
    shown = page(browser, f"/conversations/{conversation.pk}/")
    below = shown[shown.index(f'id="deliveries-{message.pk}"') :]
    for label in ("E-mail", "SMS", "In-app"):
        assert f'<span class="visually-hidden">{label}: </span>' in below


def test_without_a_channel_nothing_goes(browser: Client, conversation: Conversation) -> None:
    refused = send(browser, conversation, channels=[])
    assert refused.status_code == 422
    assert "Choose how to send it" in refused.content.decode()


def test_a_browser_without_scripts_gets_the_page_back_with_all_that_was_written(
    browser: Client, conversation: Conversation
) -> None:
    address = f"/conversations/{conversation.pk}/messages/"
    refused = browser.post(address, {"text": "Not lost", "subject": "Mine", "remind_days": "4"})
    assert refused.status_code == 422
    shown = refused.content.decode()
    for kept in (
        "Not lost</textarea>",
        'value="Mine"',
        "Choose how to send it",
        'name="remind_days" min="1" max="365"',
    ):
        assert kept in shown
    sent = browser.post(address, {"text": "Not lost", "channels": ["app"]})
    assert sent.headers["Location"] == f"/conversations/{conversation.pk}/"


def test_the_page_says_from_which_length_a_text_is_shortened(
    browser: Client, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    (room,) = re.findall(r'data-segments data-room="(\d+)"', page(browser, f"/conversations/{conversation.pk}/"))
    said = conversations.start(hannah, amara, subject="Hi", text="a" * 5000, channels=["sms"])
    (text,) = outgoing.build_texts([said.deliveries.get().pk])
    assert length(text.text.partition("\n")[0]) == int(room)


# ── Quiet hours


@time_machine.travel(datetime(2026, 1, 16, 21, 40, tzinfo=UTC), tick=False)
def test_whoever_writes_at_night_is_told_that_a_text_waits(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person
) -> None:
    Person.objects.filter(pk=amara.pk).update(time_zone="Europe/Berlin")
    Person.objects.filter(pk=kwame.pk).update(time_zone="America/New_York")
    browser = client_of(hannah)
    assert "It is 22:40 for Amara: the text waits until 08:00." in page(browser, f"/people/{amara.pk}/message/")
    assert "the text waits" not in page(browser, f"/people/{kwame.pk}/message/")


def test_a_chosen_hour_that_is_quiet_there_says_so(browser: Client, amara: Person) -> None:
    late, early = (f"/scheduled/time/?person={amara.pk}&date=2090-01-03&time={hour}" for hour in ("23:00", "09:00"))
    assert "A text message waits until 08:00 there." in page(browser, late)
    assert "waits" not in page(browser, early)


# ── Undo, and later


def test_what_can_be_undone_stands_at_the_end_and_comes_back_into_the_composer(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=10)
    client = client_of(hannah)
    sent = send(client, conversation, text="Too quick").content.decode()
    waiting = ScheduledMessage.objects.get()
    assert "Too quick" in sent
    assert "Undo" in sent
    assert conversation.messages.count() == 1
    back = client.post(f"/scheduled/{waiting.pk}/cancel/?at=conversation", headers=HTMX)
    assert "Too quick</textarea>" in back.content.decode()
    assert "live:conversation" in back.headers["HX-Trigger-After-Swap"]
    shown = client.get(f"/conversations/{conversation.pk}/messages/", headers=HTMX).content.decode()
    assert 'id="sending" hx-swap-oob="morph"></ol>' in shown
    assert KeptDraft.objects.get().fields["text"] == "Too quick"


def test_a_time_is_chosen_on_the_members_clock_and_the_candidates_stands_beside_it(
    browser: Client, amara: Person, conversation: Conversation
) -> None:
    Person.objects.filter(pk=amara.pk).update(time_zone="Europe/Berlin")
    shown = send(browser, conversation, date="2090-03-03", time="09:00").content.decode()
    assert ScheduledMessage.objects.get().due_at.isoformat() == "2090-03-03T09:00:00+00:00"
    assert re.search(r"Scheduled for <b>Fri 3 March 2090 09:00</b> \(10:00 for Amara\)", shown)


def test_tomorrow_morning_is_one_click(browser: Client, hannah: Member, conversation: Conversation) -> None:
    send(browser, conversation, when="tomorrow")
    here = ZoneInfo(hannah.time_zone)
    due = timezone.localtime(ScheduledMessage.objects.get().due_at, here)
    assert (due.date(), f"{due:%H:%M}") == (timezone.localdate(timezone=here) + timedelta(days=1), "08:30")


@pytest.mark.parametrize(
    ("day", "hour", "sentence"),
    [
        ("2020-03-03", "09:00", "That time is past"),
        ("2027-03-28", "01:30", "There is no 01:30 on Sunday 28 March in London"),
        ("2090-03-03", "", "Choose both a day and an hour"),
        ("soon", "09:00", "Choose the day from the calendar"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(
    browser: Client, conversation: Conversation, day: str, hour: str, sentence: str
) -> None:
    refused = send(browser, conversation, date=day, time=hour)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not ScheduledMessage.objects.exists()


def test_the_page_says_how_a_time_reads_over_there(browser: Client, amara: Person) -> None:
    Person.objects.filter(pk=amara.pk).update(time_zone="America/New_York")
    asked = f"/scheduled/time/?person={amara.pk}&date=2090-01-03&time=02:00"
    assert "(Mon 21:00 for Amara)" in page(browser, asked)
    assert "comes twice" in page(browser, f"/scheduled/time/?person={amara.pk}&date=2027-10-31&time=01:30")
    assert page(browser, f"/scheduled/time/?person={amara.pk}&date=never&time=").strip() == ""


@pytest.fixture
def waiting(hannah: Member, amara: Person, conversation: Conversation) -> ScheduledMessage:
    words = scheduled.Words(text="The offer", subject="Offer", channels=["email"])
    return scheduled.send_later(
        hannah, amara, words, due_at=timezone.now() + timedelta(days=1), conversation=conversation
    )


def test_what_waits_is_changed_in_the_composer(
    browser: Client, conversation: Conversation, waiting: ScheduledMessage
) -> None:
    shown = page(browser, f"/scheduled/{waiting.pk}/edit/?at=conversation")
    assert "The offer</textarea>" in shown
    saved = browser.post(
        f"/scheduled/{waiting.pk}/edit/",
        {"text": "A better offer", "channels": ["sms"], "date": "2090-03-04", "time": "10:00", "at_conversation": "1"},
        headers=HTMX,
    )
    assert "4 March 2090 10:00" in saved.content.decode()
    waiting.refresh_from_db()
    assert (waiting.text, waiting.channels, waiting.due_at.year) == ("A better offer", ["sms"], 2090)


@pytest.mark.parametrize(
    ("day", "hour", "sentence"),
    [
        ("2090-03-04", "9 o’clock", "Write the hour as 08:30."),
        ("Thursday", "10:00", "Choose the day from the calendar."),
        ("9999-12-31", "23:59", "The calendar goes from 1900 to 2999. Choose another day."),
    ],
)
def test_what_is_no_day_or_hour_is_told_and_the_new_words_stay(
    browser: Client, waiting: ScheduledMessage, day: str, hour: str, sentence: str
) -> None:
    form = {"text": "A better offer", "channels": ["email"], "date": day, "time": hour}
    told = browser.post(f"/scheduled/{waiting.pk}/edit/", form)
    assert told.status_code == 422
    assert sentence in told.content.decode()
    assert "A better offer</textarea>" in told.content.decode()


def test_a_draft_with_an_hour_that_is_none_is_shown_all_the_same(browser: Client, conversation: Conversation) -> None:
    words = {"conversation": conversation.pk, "text": "Later", "date": "2090-03-04", "time": "9 am"}
    assert browser.post("/drafts/", words).status_code == 200
    assert "Later</textarea>" in page(browser, f"/conversations/{conversation.pk}/")


def test_what_has_gone_meanwhile_is_told_and_the_new_words_stay(browser: Client, waiting: ScheduledMessage) -> None:
    scheduled.send_now(waiting)
    refused = browser.post(
        f"/scheduled/{waiting.pk}/edit/",
        {"text": "A better offer", "channels": ["email"], "date": "2090-03-04", "time": "10:00"},
        headers=HTMX,
    )
    assert refused.status_code == 422
    assert "It has gone already" in refused.content.decode()


def test_what_waits_is_sent_at_once(browser: Client, waiting: ScheduledMessage) -> None:
    assert browser.post(f"/scheduled/{waiting.pk}/send/", headers=HTMX).status_code == 204
    assert Message.objects.filter(text="The offer").exists()


def test_all_that_waits_has_a_page_and_what_was_not_sent_says_why(
    browser: Client, client_of: SignIn, priya: Member, waiting: ScheduledMessage
) -> None:
    assert "The offer" in page(browser, "/scheduled/")
    assert "Nothing is scheduled" in page(client_of(priya), "/scheduled/")
    ScheduledMessage.objects.update(state="failed", reason="There is no such mailbox.")
    shown = page(browser, "/scheduled/")
    assert "Not sent.</b> There is no such mailbox." in shown
    assert "Try again" in shown
    cancelled = browser.post(f"/scheduled/{waiting.pk}/cancel/")
    assert cancelled.headers["Location"] == "/scheduled/"
    assert KeptDraft.objects.get().fields["text"] == "The offer"


def test_the_page_goes_on_by_key_however_much_waits(
    browser: Client, hannah: Member, amara: Person, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(35):
        words = scheduled.Words(text=f"Letter {number:02}", subject="Hello")
        scheduled.send_later(hannah, amara, words, due_at=timezone.now() + timedelta(days=1, minutes=number))
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        first = browser.get("/scheduled/")
    rest = browser.get(f"/scheduled/?after={first.context['list'].next}", headers=HTMX)
    texts = [row.scheduled.text for answer in (first, rest) for row in answer.context["list"].rows]
    assert texts == [f"Letter {number:02}" for number in range(35)]
    anew = browser.get("/scheduled/?rows=35", headers=HTMX).context["list"]
    assert len(anew.rows) == 35
    assert not anew.next
    assert browser.get("/scheduled/?after=nonsense").status_code == 404


# ── Reminders


def test_a_reminder_is_asked_for_with_the_message(browser: Client, conversation: Conversation) -> None:
    send(browser, conversation, remind_days="3")
    assert Reminder.objects.get().days == 3


def test_a_reminder_on_a_scheduled_message_needs_the_organizations_leave(
    browser: Client, conversation: Conversation
) -> None:
    later = {"remind_days": "3", "date": "2090-03-03", "time": "09:00"}
    assert "Reminders are off for scheduled messages" in page(browser, f"/conversations/{conversation.pk}/")
    refused = send(browser, conversation, **later)
    assert "does not use reminders on scheduled messages" in refused.content.decode()
    type(conversation.organization).objects.update(reminders_on_scheduled=True)
    assert send(browser, conversation, **later).status_code == 200
    assert ScheduledMessage.objects.get().remind_days == 3


# ── A stale send


def test_what_came_meanwhile_is_shown_or_sent_past_with_one_click(
    browser: Client, amara: Person, conversation: Conversation
) -> None:
    seen = conversation.messages.latest("pk").pk
    assert f'name="seen" form="composer-answer" value="{seen}"' in page(browser, f"/conversations/{conversation.pk}/")
    hears_from(amara, conversation, "I have taken another job")
    refused = send(browser, conversation, text="See you then", seen=seen)
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "A new message from Amara Okafor arrived since you opened this." in shown
    assert "Show it" in shown
    assert 'name="anyway"' in shown
    assert send(browser, conversation, text="See you then", seen=seen, anyway="1").status_code == 200
    assert conversation.messages.filter(text="See you then").count() == 1


# ── Drafts


def test_a_draft_is_there_on_any_device_until_it_is_sent(
    browser: Client, client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    form = {"conversation": conversation.pk, "text": "Half a sen", "channels": ["sms"], "send_key": "k1"}
    kept = browser.post("/drafts/", form).json()
    elsewhere = client_of(hannah)
    shown = page(elsewhere, f"/conversations/{conversation.pk}/")
    assert "Half a sen</textarea>" in shown
    assert ticked(shown) == ["sms"]
    assert f'data-version="{kept["version"]}"' in shown
    assert elsewhere.get(f"/composer/?conversation={conversation.pk}&version={kept['version']}").status_code == 204
    send(elsewhere, conversation, text="Half a sentence")
    assert "Half a sen</textarea>" not in page(browser, f"/conversations/{conversation.pk}/")


def test_words_of_another_tab_are_shown_beside_the_newer_ones(browser: Client, conversation: Conversation) -> None:
    browser.post("/drafts/", {"conversation": conversation.pk, "text": "From the laptop"})
    answer = browser.post("/drafts/", {"conversation": conversation.pk, "text": "From the phone"}).json()
    assert answer["other"] == "From the laptop"
    shown = page(browser, f"/conversations/{conversation.pk}/")
    assert "From the phone</textarea>" in shown
    assert "From the laptop" in shown


def test_a_draft_to_a_person_is_nobody_elses(browser: Client, client_of: SignIn, priya: Member, amara: Person) -> None:
    browser.post("/drafts/", {"person": amara.pk, "text": "Dear Amara", "subject": "Visit"})
    assert "Dear Amara</textarea>" in page(browser, f"/people/{amara.pk}/message/")
    assert "Dear Amara</textarea>" not in page(client_of(priya), f"/people/{amara.pk}/message/")


# ── Templates and merge fields


def test_a_template_comes_filled_for_the_person_and_names_what_it_cannot_fill(
    browser: Client, hannah: Member, conversation: Conversation
) -> None:
    template = templates.save(
        hannah,
        None,
        templates.Content(name="Visit", subject="Hello {{first_name}}", body="About {{opening_name}}, {{agency}}"),
    )
    menu = page(browser, f"/inserts/?conversation={conversation.pk}")
    assert f"/inserts/{template.pk}/?conversation={conversation.pk}" in menu
    assert 'data-field="first_name" data-value="Amara"' in menu
    assert re.search(r'data-field="agency" data-value="" disabled', menu)
    filled = browser.get(f"/inserts/{template.pk}/?conversation={conversation.pk}").json()
    assert filled == {
        "subject": "Hello Amara",
        "text": "About Staff Nurse, ICU, {{agency}}",
        "empty": ["agency"],
    }


def test_a_merge_field_that_was_left_reaches_nobody(browser: Client, conversation: Conversation) -> None:
    refused = send(browser, conversation, text="From {{agency}} and {{nothing we know}}")
    assert refused.status_code == 422
    assert "{{agency}} has no value here." in refused.content.decode()


# ── The panel


def test_every_application_and_every_row_has_its_message_button(
    browser: Client, amara: Person, nights: object, kwame: Person
) -> None:
    people.apply(amara, nights)  # type: ignore[arg-type]
    shown = page(browser, f"/candidates/{amara.pk}/")
    for application in amara.applications.all():
        assert f"/people/{amara.pk}/message/?application={application.pk}" in shown
    listed = page(browser, "/candidates/")
    assert f'aria-label="Message {amara.full_name}"' in listed
    assert f'aria-label="Message {kwame.full_name}"' in listed


def test_from_a_list_the_panel_leaves_one_where_one_was(browser: Client, amara: Person) -> None:
    form = {"subject": "Visit", "text": "Saturday?", "channels": ["email"], "stays": "1"}
    sent = browser.post(f"/candidates/{amara.pk}/conversations/", form, headers=HTMX)
    assert sent.status_code == 204
    assert "panel-done" in sent.headers["HX-Trigger"]
    assert "HX-Redirect" not in sent.headers


def test_a_first_message_can_be_undone_in_the_panel(client_of: SignIn, hannah: Member, amara: Person) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=10)
    client = client_of(hannah)
    form = {"subject": "Visit", "text": "Saturday?", "channels": ["email"]}
    sent = client.post(f"/candidates/{amara.pk}/conversations/", form, headers=HTMX)
    waiting = ScheduledMessage.objects.get()
    assert "Undo" in sent.content.decode()
    assert not Conversation.objects.exists()
    back = client.post(f"/scheduled/{waiting.pk}/cancel/?at=person", headers=HTMX).content.decode()
    assert "Saturday?</textarea>" in back
    assert 'value="Visit"' in back


# ── Who else is there


def test_colleagues_are_seen_viewing_and_writing(
    browser: Client, client_of: SignIn, priya: Member, conversation: Conversation
) -> None:
    address = f"/conversations/{conversation.pk}/viewing/"
    assert browser.post(address).content.decode().strip() == ""
    other = client_of(priya)
    assert "Hannah is viewing" in other.post(address, {"writing": "1"}).content.decode()
    assert "Priya is writing" in page(browser, address)
    assert other.post(address, {"gone": "1"}).status_code == 204
    assert page(browser, address).strip() == ""


def test_what_the_worker_sent_leaves_the_place_where_it_could_be_undone(
    client_of: SignIn, hannah: Member, conversation: Conversation
) -> None:
    Member.objects.filter(pk=hannah.pk).update(undo_seconds=10)
    client = client_of(hannah)
    send(client, conversation, text="On its way")
    after = conversation.messages.latest("pk").pk
    ScheduledMessage.objects.update(due_at=timezone.now())
    scheduled.send_due()
    newer = client.get(f"/conversations/{conversation.pk}/messages/?after={after}").content.decode()
    assert newer.count("On its way") == 1


def test_the_list_marks_where_something_was_begun(
    browser: Client, client_of: SignIn, priya: Member, conversation: Conversation
) -> None:
    conversation.participations.create(member=priya, role="follower")
    browser.post("/drafts/", {"conversation": conversation.pk, "text": "Half a sen"})
    assert 'class="draft-mark">Draft<' in page(browser, "/inbox/")
    assert "draft-mark" not in page(client_of(priya), "/inbox/")


def test_a_colleague_changes_what_waits_with_its_files(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person, conversation: Conversation
) -> None:
    file = keep(hannah, "rota.pdf", "application/pdf", BytesIO(b"%PDF"))
    words = scheduled.Words(text="The rota", attachments=[file])
    waiting = scheduled.send_later(
        hannah, amara, words, due_at=timezone.now() + timedelta(days=1), conversation=conversation
    )
    form = {
        "text": "The new rota",
        "channels": ["email"],
        "attachments": [file.pk],
        "date": "2090-03-04",
        "time": "10:00",
    }
    saved = client_of(priya).post(f"/scheduled/{waiting.pk}/edit/", form, headers=HTMX)
    assert saved.status_code == 200
    assert list(waiting.attachments.all()) == [file]
