"""The demo story, in a smaller edition than `make run` tells."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from candidly.config import SANDBOX_NUMBER
from candidly.demo import story
from candidly.models import (
    AgencyMessage,
    AgencyThread,
    AgencyUser,
    Application,
    Conversation,
    Delivery,
    InboundMail,
    Mailing,
    Member,
    Message,
    Organization,
    Person,
    Reminder,
    ScheduledMessage,
)
from candidly.rules import agency_access
from candidly.sandbox.provider import NO_MOBILE

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

PEOPLE, TALKS = 260, 40


@pytest.fixture(scope="module")
def story_told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once for all tests of this module: it takes some seconds."""
    with django_db_blocker.unblock(), transaction.atomic():
        story.tell(lambda what, number, total: None, people=PEOPLE, talks_told=TALKS)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def told(story_told: None, db: None) -> Organization:
    return Organization.objects.get()


def test_the_story_has_its_team_its_people_and_what_they_wrote(told: Organization) -> None:
    assert told.members.count() == 5
    assert told.openings.count() == 12
    assert told.people.filter(kind="candidate").count() == PEOPLE + 7  # submitted by an agency
    assert told.people.filter(kind="contact").values("company").distinct().count() == 40
    assert (
        told.conversations.count() == TALKS + 60 + 60 + 3 + 6
    )  # a mailing, a campaign, three earlier applications, six contacts
    assert told.templates.count() == 10
    assert Message.objects.filter(direction=Message.Direction.IN).exists()


def test_everybody_with_a_number_can_be_texted_in_the_sandbox(told: Organization) -> None:
    numbers = list(told.people.exclude(phone="").values_list("phone", flat=True))
    assert len(numbers) >= PEOPLE
    assert SANDBOX_NUMBER not in numbers
    assert not [number for number in numbers if number.endswith(NO_MOBILE)]


def test_nothing_of_the_past_is_still_to_be_sent(told: Organization) -> None:
    assert not Delivery.objects.filter(state__in=Delivery.OPEN).exists()
    assert set(Mailing.objects.values_list("state", flat=True)) == {Mailing.State.DONE}
    assert Delivery.objects.filter(state=Delivery.State.FAILED).exclude(reason="").exists()


def test_the_review_tray_and_hannahs_inbox_have_something_to_do(told: Organization) -> None:
    assert InboundMail.objects.filter(state=InboundMail.State.REVIEW).count() == 3
    hannah = Member.objects.get(user__email=story.HANNAH)
    assert hannah.user.check_password(story.PASSWORD)
    assert 0 < hannah.participations.filter(is_unread=True).count() < hannah.participations.count()


def test_there_is_something_of_everything_that_a_team_does(told: Organization) -> None:
    channels = set(Message.objects.values_list("channel", flat=True))
    assert channels == {"email", "sms", "app", "note", "call", "event"}
    states = set(Reminder.objects.values_list("state", flat=True))
    assert {Reminder.State.DUE, Reminder.State.WAITING} <= states
    assert ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING).count() == 2
    assert Message.objects.filter(came_after_close=True, conversation__application__status="declined").exists()


def test_an_agency_has_submitted_candidates_and_hannah_has_something_to_read(told: Organization) -> None:
    users = AgencyUser.objects.filter(agency__organization=told)
    assert sorted(users.values_list("user__name", flat=True)) == ["Bridget Shaw", "Declan Farrell"]
    assert all(user.user.check_password(story.PASSWORD) for user in users.select_related("user"))
    assert Application.objects.filter(submitted_by__isnull=False).exclude(attachments=None).count() == 7
    hannah = Member.objects.get(user__email=story.HANNAH)
    assert AgencyThread.objects.filter(private_with=hannah).count() == 1
    (news,) = agency_access.unread_for(hannah.user, agency_access.agency_threads_for(hannah))
    assert news.person.last_name == "O’Dowd"
    assert not any(agency_access.unread_for(user.user, AgencyThread.objects.filter(agency_user=user)) for user in users)
    assert AgencyMessage.objects.latest("created_at").created_at < timezone.now()


def test_a_campaign_has_its_answers_and_another_waits_for_its_first_email(told: Organization) -> None:
    open_day, visits = told.campaigns.order_by("pk")
    answers = set(open_day.members.values_list("response", "response_source"))
    assert {("accepted", "link"), ("declined", "link"), ("replied", "reply"), ("accepted", "hand")} <= answers
    assert open_day.mailings.get().state == Mailing.State.DONE
    assert not visits.mailings.exists()
    assert set(visits.members.values_list("kind", flat=True)) == {"candidate", "contact"}


def test_every_conversation_happened_in_the_past_and_in_order(told: Organization) -> None:
    for conversation in Conversation.objects.prefetch_related("messages"):
        times = [message.created_at for message in sorted(conversation.messages.all(), key=lambda m: m.pk)]
        assert times == sorted(times)
        assert conversation.last_message_at == times[-1] < timezone.now()


def test_who_was_declined_in_another_year_was_declined_then(told: Organization) -> None:
    long_ago = Application.objects.filter(applied_at__lt=timezone.now() - timedelta(days=200), status="declined")
    assert long_ago.exists()
    assert not long_ago.exclude(declined_at__lt=F("applied_at") + timedelta(days=30)).exists()
    known = Application.objects.filter(declined_at__isnull=False)
    assert not known.exclude(declined_at__gt=F("applied_at"), declined_at__lt=timezone.now()).exists()


def test_what_was_said_later_has_the_higher_id_so_that_a_search_shows_it_first(told: Organization) -> None:
    outgoing = Message.objects.filter(direction=Message.Direction.OUT, conversation__mailing=None)
    times = list(outgoing.order_by("pk").values_list("created_at", flat=True))
    assert times == sorted(times)


def test_names_are_of_many_scripts_and_some_have_no_address(told: Organization) -> None:
    names = "".join(Person.objects.values_list("first_name", flat=True))
    assert any("\u0600" <= letter <= "\u06ff" for letter in names)  # Arabic
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names)  # Chinese
    assert any("\u0900" <= letter <= "\u097f" for letter in names)  # Devanagari
    assert Person.objects.filter(private_email="").exists()
