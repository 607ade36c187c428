"""Progress: every recipient is counted once, whatever became of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidly.actions import deliveries, fan_out, mailings, people
from candidly.config import config
from candidly.models import Delivery, Mailbox, Mailing, Member, Organization, Pace
from candidly.rules.pacing import in_words
from candidly.rules.progress import progress_of
from tests.support.own_mail import turn_on

ENDS = ["sent", "delivered", "read", "failed", "bounced", "suppressed", "cancelled", "queued", "unconfirmed", "sending"]


@pytest.fixture
def mailing(hannah: Member, northlane: Organization) -> Mailing:
    for number in range(len(ENDS)):
        people.add_candidate(northlane, first_name="A", private_email=f"a{number}@mail.example")
    people.add_candidate(northlane, first_name="Without", last_name="Address")
    return mailings.send(hannah, mailings.Order(subject="x", body="x", is_html=False, audience={"filter": {}}))


def test_before_the_fan_out_all_are_waiting_but_those_who_are_left_out(mailing: Mailing) -> None:
    progress = progress_of(mailing)
    assert (progress.total, progress.waiting, progress.skipped, progress.percent) == (11, 10, 1, 9)
    assert progress.eta == ""


def test_each_end_is_counted_once(mailing: Mailing) -> None:
    fan_out.fan_out(mailing)
    for delivery, state in zip(mailing.deliveries.all(), ENDS, strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(state=state)
    progress = progress_of(mailing)
    assert (progress.sent, progress.failed, progress.skipped, progress.cancelled, progress.waiting) == (3, 2, 2, 1, 3)


def test_the_rate_is_that_of_the_last_minute_and_tells_the_time_left(mailing: Mailing) -> None:
    fan_out.fan_out(mailing)
    now = timezone.now()
    Mailing.objects.update(created_at=now - timedelta(hours=1), pace_started_at=now - timedelta(hours=1))
    first, second, *_ = mailing.deliveries.all()
    Delivery.objects.filter(pk=first.pk).update(state="sent", sent_at=now - timedelta(minutes=5))
    Delivery.objects.filter(pk=second.pk).update(state="sent", sent_at=now - timedelta(seconds=5))
    mailing.refresh_from_db()
    progress = progress_of(mailing)
    assert progress.rate == 1
    assert progress.eta == "about 8 minutes"


@pytest.fixture
def quick(mailing: Mailing) -> Mailing:
    """It has just begun, and four have left at once."""
    fan_out.fan_out(mailing)
    begun = timezone.now() - timedelta(seconds=5)
    Mailing.objects.update(created_at=begun, pace_started_at=begun)
    first = list(mailing.deliveries.order_by("pk").values_list("pk", flat=True)[:4])
    Delivery.objects.filter(pk__in=first).update(state="sent", sent_at=timezone.now())
    return Mailing.objects.select_related("sender__organization").get()


def test_the_time_left_is_not_that_of_a_burst_at_the_beginning(quick: Mailing, northlane: Organization) -> None:
    assert progress_of(quick).eta == "less than a minute"
    Mailing.objects.update(per_minute=3)
    quick.refresh_from_db()
    assert (progress_of(quick).rate, progress_of(quick).eta) == (3, "about 2 minutes")
    northlane.per_minute = 2
    northlane.save()
    again = Mailing.objects.get()
    assert (progress_of(again).rate, progress_of(again).eta) == (2, "about 3 minutes")


def test_a_mailing_is_as_slow_as_its_senders_own_mailbox(
    quick: Mailing, hannah: Member, sofia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_on(sofia, hannah)
    Mailbox.objects.filter(member=hannah).update(state="connected", provider="gmail")
    monkeypatch.setattr(config(), "gmail_units_per_minute", 250)
    mailing = Mailing.objects.get()
    assert (progress_of(mailing).rate, progress_of(mailing).eta) == (2, "about 3 minutes")
    Mailbox.objects.update(rests_until=timezone.now() + timedelta(minutes=40))
    assert progress_of(mailing).eta == "about 43 minutes"
    Delivery.objects.update(state="queued", sent_at=None)
    assert (progress_of(mailing).rate, progress_of(mailing).eta) == (0, "about 45 minutes")


def test_a_new_address_takes_days(quick: Mailing, northlane: Organization) -> None:
    northlane.warms_up_since = timezone.now().date()
    northlane.save()
    Pace.objects.create(organization=northlane, key="day", since=timezone.now() - timedelta(hours=1), claimed=48)
    assert progress_of(Mailing.objects.get()).eta == "about 23 hours"
    Pace.objects.update(claimed=40)
    assert progress_of(Mailing.objects.get()).eta == "less than a minute"


def test_a_mailing_says_that_others_have_used_up_its_senders_pace(
    hannah: Member, mailing: Mailing, northlane: Organization
) -> None:
    fan_out.fan_out(mailing)
    northlane.per_minute = 4
    northlane.save()
    assert len(deliveries.claim("w1", 100, timedelta(minutes=1))) == 4
    order = mailings.Order(subject="y", body="y", is_html=False, audience={"filter": {}})
    second = mailings.send(hannah, order)
    fan_out.fan_out(second)
    assert deliveries.claim("w1", 100, timedelta(minutes=1)) == []
    assert progress_of(Mailing.objects.get(pk=second.pk)).stands_still == (
        "Other mailings use the 4 bulk mails a minute that the organization allows one sender; "
        "this one goes on in its turn."
    )
    assert progress_of(Mailing.objects.get(pk=mailing.pk)).stands_still == "", "it has used the minute itself"
    Pace.objects.update(since=timezone.now() - timedelta(seconds=61))
    assert progress_of(Mailing.objects.get(pk=second.pk)).stands_still == ""


def test_what_waits_for_another_try_is_counted(mailing: Mailing) -> None:
    fan_out.fan_out(mailing)
    later = timezone.now() + timedelta(minutes=3)
    Delivery.objects.filter(pk=mailing.deliveries.first().pk).update(due_at=later, attempts=1)  # type: ignore[union-attr]
    assert progress_of(mailing).retrying == 1
    mailing.deliveries.update(due_at=later)
    assert progress_of(mailing).retrying == 1, "what was never tried is not tried again"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (60, "about 1 minute"),
        (250, "about 4 minutes"),
        (7300, "about 2 hours"),
        (400_000, "about 5 days"),
    ],
)
def test_time_left_is_said_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
