"""The digest: what is new, told once, at the hour that each member's own clock shows."""

from datetime import UTC, datetime, timedelta

import pytest

from candidly.actions import digests, notes, organizations, participations
from candidly.models import Conversation, Member, Notice, Person, clock
from candidly.rules.zones import next_full_hour, next_time_of_day, zone
from tests.actions.conftest import SetClock
from tests.web.letters import hears_from, write_to

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 3, 24, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def conversation(hannah: Member, amara: Person) -> Conversation:
    return write_to(amara, hannah, subject="Your interview").conversation


def digest_of() -> list[Notice]:
    return list(Notice.objects.filter(kind=Notice.Kind.DIGEST).order_by("pk"))


def test_one_mail_names_each_conversation_with_an_unread_answer(
    at: SetClock, hannah: Member, kwame: Person, amara: Person, conversation: Conversation
) -> None:
    at(MORNING)
    digests.choose(hannah, "hourly")
    other = write_to(kwame, hannah, subject="Nights").conversation
    hears_from(amara, conversation, "Thursday is fine")
    hears_from(kwame, other, "Which ward?")
    assert not Notice.objects.filter(kind=Notice.Kind.REPLY_COPY).exists()
    assert not digests.send_due()
    at(MORNING + HOUR)
    assert digests.send_due()
    (mail,) = digest_of()
    assert (mail.to_address, mail.subject) == (hannah.email, "News in 2 conversations")
    for part in ("Amara Okafor", "Thursday is fine", "Kwame Mensah", "Which ward?", f"/conversations/{other.pk}/"):
        assert part in mail.text


def test_nothing_is_told_twice_and_nothing_new_is_no_mail(
    at: SetClock, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    at(MORNING)
    digests.choose(hannah, "hourly")
    hears_from(amara, conversation, "Thursday is fine")
    for hours in range(1, 4):
        at(MORNING + hours * HOUR)
        digests.send_due()
    assert len(digest_of()) == 1
    hears_from(amara, conversation, "Or Friday")
    at(MORNING + 5 * HOUR)
    digests.send_due()
    assert ["Thursday" in mail.text for mail in digest_of()] == [True, False]


def test_two_workers_send_one(at: SetClock, hannah: Member, amara: Person, conversation: Conversation) -> None:
    at(MORNING)
    digests.choose(hannah, "hourly")
    hears_from(amara, conversation, "Thursday is fine")
    seen_by_both = Member.objects.select_related("user", "organization").get(pk=hannah.pk)
    at(MORNING + HOUR)
    digests._send(seen_by_both, clock.now())
    digests._send(seen_by_both, clock.now())
    assert len(digest_of()) == 1


def test_what_is_read_archived_or_automatic_is_no_news(
    at: SetClock, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    at(MORNING)
    digests.choose(hannah, "hourly")
    hears_from(amara, conversation, "I am away", Auto_Submitted="auto-replied")
    read = write_to(amara, hannah, subject="Read").conversation
    hears_from(amara, read, "Fine")
    participations.mark_read(hannah, [read.pk])
    at(MORNING + HOUR)
    digests.send_due()
    assert digest_of() == []


def test_who_chooses_a_digest_hears_only_of_what_comes_then(
    at: SetClock, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    at(MORNING)
    hears_from(amara, conversation, "You had this as a mail of its own")
    digests.choose(hannah, "hourly")
    at(MORNING + HOUR)
    digests.send_due()
    assert digest_of() == []


def test_a_note_that_names_a_member_is_in_their_digest(
    at: SetClock, hannah: Member, priya: Member, conversation: Conversation
) -> None:
    at(MORNING)
    digests.choose(priya, "daily")
    notes.note(hannah, conversation, "@Priya, can you look?")
    notes.note(hannah, conversation, "And a note for everybody")
    at(MORNING + HOUR)
    digests.send_due()
    (mail,) = digest_of()
    assert "Hannah Whitlock, for your team: @Priya, can you look?" in mail.text


def test_never_is_never(at: SetClock, hannah: Member, amara: Person, conversation: Conversation) -> None:
    at(MORNING)
    digests.choose(hannah, "never")
    hears_from(amara, conversation, "Thursday is fine")
    at(MORNING + timedelta(days=2))
    assert not digests.send_due()
    assert not Notice.objects.filter(user=hannah.user).exists()


def test_the_day_begins_at_eight_by_the_members_own_clock(at: SetClock, hannah: Member) -> None:
    at(MORNING)  # 07:30 in London
    digests.choose(hannah, "daily")
    assert hannah.digest_at == datetime(2026, 3, 24, 8, tzinfo=UTC)
    organizations.update_profile(hannah, name="Hannah", time_zone="Asia/Kolkata")
    assert hannah.digest_at == datetime(2026, 3, 25, 2, 30, tzinfo=UTC)


def test_it_stays_at_eight_when_the_clocks_are_put_forward_and_back() -> None:
    london = zone("Europe/London")
    spring = next_time_of_day(datetime(2026, 3, 28, 8, tzinfo=UTC), digests.MORNING, london)
    assert spring == datetime(2026, 3, 29, 7, tzinfo=UTC)
    autumn = next_time_of_day(datetime(2026, 10, 24, 7, tzinfo=UTC), digests.MORNING, london)
    assert autumn == datetime(2026, 10, 25, 8, tzinfo=UTC)


def test_the_next_hour_is_always_later() -> None:
    assert next_full_hour(datetime(2026, 3, 24, 23, tzinfo=UTC)) == datetime(2026, 3, 25, 0, tzinfo=UTC)
    assert next_full_hour(datetime(2026, 3, 24, 22, 59, 59, tzinfo=UTC)) == datetime(2026, 3, 24, 23, tzinfo=UTC)


def test_a_worker_that_slept_for_days_sends_one(
    at: SetClock, hannah: Member, amara: Person, conversation: Conversation
) -> None:
    at(MORNING)
    digests.choose(hannah, "daily")
    hears_from(amara, conversation, "Thursday is fine")
    at(MORNING + timedelta(days=5))
    digests.send_due()
    digests.send_due()
    assert len(digest_of()) == 1
    hannah.refresh_from_db()
    assert hannah.digest_at == datetime(2026, 3, 30, 7, tzinfo=UTC)
