"""Many workers and many mailboxes: each mailbox is in one worker's hands at a time, and none is forgotten."""

import threading
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from candidly.actions import conversations, listening, people
from candidly.envelope import SyncPage, TemporaryFailure
from candidly.models import Mailbox, Member, Message, Organization, Role
from candidly.worker.listening import Listening
from candidly.worker.mailboxes import Reading
from tests.conftest import join
from tests.support.mailboxes import MemoryBox, mail
from tests.support.own_mail import Post, new_post, turn_on

TEAM = 12
WORKERS = 4


@pytest.fixture
def post(sofia: Member) -> Post:
    turn_on(sofia)
    return new_post()


def threads_of(number: int, work: Callable[[int], None]) -> None:
    """`work` in so many threads at once, each with a connection of its own."""
    faults: list[BaseException] = []

    def run(index: int) -> None:
        try:
            work(index)
        except BaseException as error:  # noqa: BLE001 - a thread's fault is the test's
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_many_mailboxes_and_no_mail_is_taken_in_twice(
    post: Post, northlane: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(TEAM):
        member = join(northlane, f"Member{number} Smith", Role.RECRUITER)
        person = people.add_candidate(northlane, first_name=f"Person{number}", private_email=f"p{number}@mail.example")
        post.connect(member)
        message = conversations.start(member, person, subject="Hello", text="Hello")
        post.send()
        message.refresh_from_db()
        (sent,) = post.of(member).mails.values()
        for n in range(3):
            answer = mail(person.email, member.email, f"Answer {n}", answers=message.given_message_id)
            post.of(member).put(answer, sent.thread_id)
    under_way: dict[str, int] = {}
    together: list[str] = []
    original = MemoryBox.changes

    def changes(self: MemoryBox, cursor: str, labels: Collection[str]) -> Iterator[SyncPage]:
        under_way[self.box.address] = under_way.get(self.box.address, 0) + 1
        if under_way[self.box.address] > 1:
            together.append(self.box.address)
        yield from original(self, cursor, labels)
        under_way[self.box.address] -= 1

    monkeypatch.setattr(MemoryBox, "changes", changes)
    Mailbox.objects.filter(state="connected").update(due_at=timezone.now())

    def work(index: int) -> None:
        reading = Reading(f"w{index}", {"gmail": post.provider})
        while reading.round():
            pass

    threads_of(WORKERS, work)
    assert together == []
    assert Message.objects.filter(direction="in").count() == 3 * TEAM
    late = Mailbox.objects.filter(state="connected", due_at__lte=timezone.now())
    assert not late.exists()


@pytest.mark.django_db
def test_a_mailbox_whose_worker_died_is_anothers_when_the_lease_has_run_out(post: Post, hannah: Member) -> None:
    post.connect(hannah)
    Mailbox.objects.update(due_at=timezone.now(), leased_by="dead", lease_until=timezone.now() + timedelta(seconds=60))
    reading = Reading("alive", {"gmail": post.provider})
    assert not reading.round()
    Mailbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reading.round()


@pytest.mark.django_db
def test_a_worker_that_is_stopping_leaves_the_rest_to_the_next(
    post: Post, hannah: Member, northlane: Organization
) -> None:
    post.connect(hannah)
    person = people.add_candidate(northlane, first_name="Amara", private_email="amara@mail.example")
    message = conversations.start(hannah, person, subject="Hello", text="Hello")
    post.send()
    message.refresh_from_db()
    (sent,) = post.of(hannah).mails.values()
    post.of(hannah).put(mail(person.email, hannah.email, answers=message.given_message_id), sent.thread_id)
    Mailbox.objects.filter(member=hannah).update(due_at=timezone.now())
    assert Reading("stopping", {"gmail": post.provider}, lambda: True).round()
    assert not Message.objects.filter(direction="in").exists()
    assert Reading("next", {"gmail": post.provider}).round()
    assert Message.objects.filter(direction="in").count() == 1


# Listening


@pytest.fixture
def listened(post: Post, hannah: Member) -> Mailbox:
    """Hannah's, which tells of news by itself, and is not due for an hour."""
    post.provider.mailboxes.can_listen = True
    mailbox = post.connect(hannah)
    Mailbox.objects.filter(pk=mailbox.pk).update(due_at=timezone.now() + timedelta(hours=1))
    return mailbox


def listen(post: Post, times: int) -> bool:
    """Somebody listens so many times, and is stopped then."""
    left = iter(range(times))
    return Listening({"gmail": post.provider}, lambda: next(left, None) is None).round()


@pytest.mark.django_db
def test_a_mailbox_that_tells_of_news_is_looked_at_at_once(post: Post, hannah: Member, listened: Mailbox) -> None:
    post.of(hannah).listened = [False]
    assert listen(post, 1)
    assert not Reading("r", {"gmail": post.provider}).round()
    post.of(hannah).listened = [False, True]
    assert listen(post, 2)
    assert Reading("r", {"gmail": post.provider}).round()


@pytest.mark.django_db
def test_one_listens_to_a_mailbox_and_another_when_that_one_is_gone(post: Post, listened: Mailbox) -> None:
    held = listening.claim(["gmail"])
    assert held is not None
    assert listening.claim(["gmail"]) is None
    listening.end(held)
    assert listening.claim(["gmail"]) is not None
    Mailbox.objects.update(listened_until=timezone.now() - timedelta(seconds=1))
    assert listening.claim(["gmail"]) is not None


@pytest.mark.django_db
def test_one_that_cannot_be_listened_to_is_left_alone_for_a_while(
    post: Post, hannah: Member, listened: Mailbox
) -> None:
    post.of(hannah).fault = TemporaryFailure("The connection was lost.")
    assert listen(post, 1)
    assert not listen(post, 1)
    listened.refresh_from_db()
    assert listened.listened_until is not None
    assert listened.listened_until - timezone.now() > timedelta(minutes=4)


@pytest.mark.django_db
def test_a_disconnected_mailbox_is_listened_to_no_more(post: Post, hannah: Member, listened: Mailbox) -> None:
    held = listening.claim(["gmail"])
    assert held is not None
    Mailbox.objects.update(state="disconnected")
    assert not listening.go_on(held)
