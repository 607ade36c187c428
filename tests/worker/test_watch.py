"""A server restored from yesterday's back-up does not send yesterday's mailing again without being told to."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from candidly.actions import conversations, deliveries, mailings
from candidly.models import Delivery, Installation, Mailing, Member, Organization, Person, Witness
from candidly.rules.restored import held_before
from candidly.worker import loops
from candidly.worker.watch import NAME, Watch

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=1)


@pytest.fixture
def mailing(hannah: Member, amara: Person, kwame: Person) -> Mailing:
    return mailings.send(
        hannah, mailings.Order(subject="News", body="News", is_html=False, audience={"ids": [amara.pk, kwame.pk]})
    )


@pytest.fixture
def waiting(hannah: Member, amara: Person) -> Delivery:
    return conversations.start(hannah, amara, subject="Hello", text="Hello").deliveries.get()


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    watch = Watch(tmp_path)
    watch.look()
    return watch


def restore_yesterday() -> None:
    """What a back-up does: the database knows nothing of the last day."""
    for model, field in ((Witness, "seen_at"), (Mailing, "created_at"), (Delivery, "created_at")):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{field: getattr(row, field) - timedelta(days=1)})


def test_without_a_restore_nothing_is_held(watch: Watch, mailing: Mailing, waiting: Delivery) -> None:
    watch.look()
    assert held_before() is None
    assert deliveries.claim("w", 10, LEASE) == [waiting.pk]
    assert loops.write_mailings()


def test_yesterdays_mail_is_held_until_it_is_released(watch: Watch, mailing: Mailing, waiting: Delivery) -> None:
    restore_yesterday()
    watch.look()
    assert deliveries.claim("w", 10, LEASE) == []
    assert not loops.write_mailings()
    call_command("release")
    watch.look()
    assert deliveries.claim("w", 10, LEASE) == [waiting.pk]
    assert loops.write_mailings()


def test_what_is_written_after_the_restore_leaves_at_once(
    watch: Watch, waiting: Delivery, hannah: Member, kwame: Person
) -> None:
    restore_yesterday()
    watch.look()
    fresh = conversations.start(hannah, kwame, subject="Today", text="Today").deliveries.get()
    assert deliveries.claim("w", 10, LEASE) == [fresh.pk]


def test_what_has_gone_already_can_be_cancelled_instead(watch: Watch, mailing: Mailing, waiting: Delivery) -> None:
    restore_yesterday()
    watch.look()
    call_command("release", "--cancel")
    waiting.refresh_from_db()
    mailing.refresh_from_db()
    assert (waiting.state, mailing.state) == ("cancelled", "cancelled")
    assert "restored" in waiting.reason
    assert held_before() is None


def test_another_machine_that_looks_first_does_not_hide_the_restore(
    watch: Watch, waiting: Delivery, tmp_path: Path
) -> None:
    restore_yesterday()
    Watch(tmp_path / "new").look()
    assert held_before() is None
    watch.look()
    assert held_before() is not None


def test_a_back_up_from_before_this_machine_is_noticed(watch: Watch) -> None:
    Witness.objects.all().delete()
    watch.look()
    assert held_before() is not None


def test_a_new_database_is_not_taken_for_a_restored_one(watch: Watch) -> None:
    Installation.objects.all().delete()
    Witness.objects.all().delete()
    watch.look()
    assert held_before() is None


def test_a_power_cut_that_cost_the_last_seconds_is_no_restore(watch: Watch) -> None:
    Witness.objects.update(seen_at=timezone.now() - timedelta(seconds=30))
    watch.look()
    assert held_before() is None


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    Watch(tmp_path).look()
    seen = datetime.fromisoformat(json.loads((tmp_path / NAME).read_text())["seen_at"])
    assert datetime.now(UTC) - seen < timedelta(minutes=1)


def test_a_machine_put_back_whole_can_be_told(watch: Watch, waiting: Delivery) -> None:
    call_command("hold")
    assert deliveries.claim("w", 10, LEASE) == []
    call_command("release")
    assert deliveries.claim("w", 10, LEASE) == [waiting.pk]


def test_nothing_is_sent_before_the_first_look_nor_after_the_database_was_away(tmp_path: Path) -> None:
    sent = []

    def send() -> bool:
        sent.append("a round")
        raise OperationalError

    watch = Watch(tmp_path)
    work = watch.before(send)
    assert not work()
    assert sent == []
    watch.look()
    with pytest.raises(OperationalError):
        work()
    assert not work()
    assert sent == ["a round"]


def test_releasing_where_nothing_is_held_says_so(northlane: Organization, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("release")
    assert "Nothing is held" in capsys.readouterr().out
