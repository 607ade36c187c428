"""Members' mailboxes at any provider as they are read, against a real Dovecot."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from candidly.channels.contract import OpenMailbox
from candidly.envelope import FullResyncNeeded, Label, MailboxAccount, PermanentFailure, SeenMail
from tests.peers.dovecot import Dovecot
from tests.peers.hands import letter
from tests.peers.imap_hands import ImapHands, at_work

AMARA = "Amara Okafor <amara@mail.example>"
LONG_AGO = datetime.now(UTC) - timedelta(days=2000)
_IDS = count(1)


@pytest.fixture(params=["dovecot", "plain_dovecot"])
def server(request: pytest.FixtureRequest) -> Dovecot:
    """One that counts changes, and one that offers no more than every server must."""
    found: Dovecot = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def account(server: Dovecot) -> MailboxAccount:
    user = server.user()
    return MailboxAccount(1, user, server.credentials(user))


@pytest.fixture
def hands(server: Dovecot, account: MailboxAccount) -> Iterator[ImapHands]:
    with at_work(server, account.address) as owner:
        yield owner


@pytest.fixture
def mailbox(mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount) -> OpenMailbox:
    return mailbox_of(account)


def beginning(mailbox: OpenMailbox, *labels: str) -> str:
    """Where to go on from now."""
    return [page.cursor for page in mailbox.everything(labels, None)][-1]


def news(mailbox: OpenMailbox, cursor: str, *labels: str) -> list[SeenMail]:
    return [mail for page in mailbox.changes(cursor, labels) for mail in page.mails]


def written(
    hands: ImapHands, subject: str = "Your offer", text: str = "Yes, gladly.", *before: str, **fields: str
) -> bytes:
    """A mail of Amara's, which answers those `before`, oldest first."""
    if before:
        fields = {"references": " ".join(before), "in_reply_to": before[-1], **fields}
    fields = {"message_id": fresh_id(), **fields}
    return letter(AMARA, hands.address, subject, text, "", None, **fields)


def fresh_id() -> str:
    return f"<letter{next(_IDS)}@mail.example>"


def minutes_ago(minutes: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def external(message_id: str) -> str:
    return f"m.{message_id[1:-1]}"


def test_what_comes_in_is_told_once_and_by_name_before_it_is_read(mailbox: OpenMailbox, hands: ImapHands) -> None:
    cursor, name = beginning(mailbox), fresh_id()
    hands.receive(written(hands, message_id=name))
    *pages, last = mailbox.changes(cursor, [])
    (seen,) = [mail for page in pages for mail in page.mails]
    assert (seen.external_id, seen.in_inbox, seen.is_sent, seen.is_new) == (external(name), True, False, True)
    assert news(mailbox, last.cursor) == []


def test_a_mail_comes_as_it_was_transferred_and_stays_unread(mailbox: OpenMailbox, hands: ImapHands) -> None:
    cursor = beginning(mailbox)
    raw = written(hands, text="Zażółć gęślą jaźń 👍").replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n")
    hands.receive(raw, at=datetime(2026, 3, 29, 2, 30, tzinfo=UTC))
    (seen,) = news(mailbox, cursor)
    (head,) = mailbox.heads([seen.external_id])
    (mail,) = mailbox.mails([seen.external_id])
    assert mail.raw == raw
    assert mail.received_at == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    assert (head.fields["from"], head.fields["subject"]) == (AMARA, "Your offer")
    assert mail.seen.external_id == head.seen.external_id == seen.external_id
    assert mail.seen.thread_id == head.seen.thread_id == seen.thread_id
    assert hands.unread() == 1


def test_mails_that_were_moved_are_found_and_those_that_are_gone_left_out(
    mailbox: OpenMailbox, hands: ImapHands
) -> None:
    hands.client.create_folder("Old")
    cursor = beginning(mailbox)
    deleted, binned, moved, _ = (hands.receive(written(hands, f"Mail {n}")) for n in range(4))
    names = [seen.external_id for seen in news(mailbox, cursor)]
    hands.delete(deleted)
    hands.move(binned, "Trash")
    hands.move(moved, "Old")
    assert sorted(head.fields["subject"] for head in mailbox.heads(names)) == ["Mail 2", "Mail 3"]
    assert sorted(mail.seen.external_id for mail in mailbox.mails(names)) == sorted(names[2:])


def test_a_mail_is_found_by_its_name_alone(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, hands: ImapHands
) -> None:
    """Another worker was told of it."""
    name = fresh_id()
    hands.receive(written(hands, message_id=name))
    hands.receive(written(hands, message_id=f"<more-{name[1:]}"))
    (mail,) = mailbox_of(account).mails([external(name), "m.no-such-mail@mail.example", "u.1.1.none", "nonsense"])
    assert mail.seen.external_id == external(name)


def test_drafts_spam_and_the_bin_are_never_told_of(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.client.create_folder("Trash/2025")
    cursor = beginning(mailbox)
    for folder in ("Junk", "Drafts", "Trash", "Trash/2025"):
        hands.receive(written(hands), folder)
    hands.receive(written(hands), flags=("\\Draft",))
    hands.receive(written(hands), flags=("\\Deleted",))
    assert news(mailbox, cursor) == []


def test_what_its_owner_sends_is_told_of_as_sent(mailbox: OpenMailbox, hands: ImapHands) -> None:
    cursor = beginning(mailbox)
    hands.receive(letter(hands.address, AMARA, "Hello", "Hello Amara", message_id=fresh_id()), "Sent")
    (seen,) = news(mailbox, cursor)
    assert (seen.is_sent, seen.in_inbox, seen.is_new) == (True, False, True)


def test_what_a_filter_put_elsewhere_is_told_of(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.client.create_folder("Ärzte & Pflege")
    cursor = beginning(mailbox)
    hands.receive(written(hands), "Ärzte & Pflege")
    (seen,) = news(mailbox, cursor)
    assert (seen.in_inbox, seen.is_sent, seen.is_new) == (False, False, True)


def test_what_lies_in_a_folder_that_is_new_is_told_of_as_far_as_it_came_lately(
    mailbox: OpenMailbox, hands: ImapHands
) -> None:
    cursor, name = beginning(mailbox), fresh_id()
    hands.client.create_folder("New")
    hands.receive(written(hands), "New", at=LONG_AGO)
    hands.receive(written(hands, message_id=name), "New")
    assert [seen.external_id for seen in news(mailbox, cursor)] == [external(name)]


def test_an_old_mail_that_is_moved_is_not_new(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.client.create_folder("Old")
    old = hands.receive(written(hands), "Old", at=LONG_AGO)
    cursor = beginning(mailbox)
    hands.move(old, "INBOX", "Old")
    (seen,) = news(mailbox, cursor)
    assert (seen.in_inbox, seen.is_new) == (True, False)


def test_a_mail_keeps_its_name_wherever_it_is_moved(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.client.create_folder("Old")
    cursor = beginning(mailbox)
    uid = hands.receive(written(hands))
    (first,) = news(mailbox, cursor)
    hands.move(uid, "Old")
    (second,) = news(mailbox, cursor)
    assert (second.external_id, second.thread_id) == (first.external_id, first.thread_id)


@pytest.mark.parametrize("message_id", ["", "none", "<a@b", f"<{'x' * 300}@mail.example>"])
def test_a_mail_without_a_name_of_its_own_has_one_by_its_place(
    mailbox: OpenMailbox, hands: ImapHands, message_id: str
) -> None:
    cursor = beginning(mailbox)
    raw = written(hands).replace(b"Message-ID", b"X-Old-ID")
    hands.receive(b"Message-ID: " + message_id.encode() + b"\n" + raw)
    hands.receive(b"Message-ID: " + message_id.encode() + b"\n" + raw)
    one, other = news(mailbox, cursor)
    assert one.external_id != other.external_id
    assert max(map(len, (one.external_id, one.thread_id))) <= 200
    (mail,) = mailbox.mails([one.external_id])
    assert mail.seen.external_id == one.external_id
    assert one.external_id in [seen.external_id for seen in mailbox.thread(one.thread_id)]


@pytest.mark.parametrize("message_id", ['<a"b\\c@mail.example>', "<a)b(c{3}@mail.example>", "<a%b*c@mail.example>"])
def test_names_that_mean_something_in_imap_do_no_harm(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, hands: ImapHands, message_id: str
) -> None:
    raw = written(hands, message_id="<here>", references="<there>")
    hands.receive(raw.replace(b"<here>", message_id.encode()).replace(b"References: <there>", b"X-Nothing: 1"))
    hands.receive(raw.replace(b"<here>", fresh_id().encode()).replace(b"<there>", message_id.encode()))
    mailbox = mailbox_of(account)
    assert len(list(mailbox.mails([external(message_id)]))) == 1
    assert len(mailbox.thread(f"r.{message_id[1:-1]}")) == 2


# How far it was read


def test_each_page_of_many_says_where_to_go_on(mailbox: OpenMailbox, hands: ImapHands) -> None:
    """A worker that dies after a page goes on after that page."""
    cursor = beginning(mailbox)
    names = [fresh_id() for _ in range(120)]
    for name in names:
        hands.receive(written(hands, message_id=name))
    hands.receive(letter(hands.address, AMARA, "Hello", "Hello Amara", message_id=fresh_id()), "Sent")
    first = next(iter(mailbox.changes(cursor, [])))
    assert [seen.external_id for seen in first.mails] == list(map(external, names[:100]))
    rest = news(mailbox, first.cursor)
    assert [seen.external_id for seen in rest if seen.in_inbox] == list(map(external, names[100:]))
    assert [seen.is_sent for seen in rest].count(True) == 1


def test_a_folder_whose_numbers_began_anew_asks_for_everything(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.receive(written(hands), "Sent")
    cursor = beginning(mailbox)
    hands.make_anew("Sent")
    with pytest.raises(FullResyncNeeded):
        news(mailbox, cursor)


def test_after_its_numbers_began_anew_every_mail_has_the_name_that_it_had(
    mailbox: OpenMailbox, hands: ImapHands
) -> None:
    """So nothing that is known is read again, and nothing comes in twice."""
    label = mailbox.ensure_label("Hire")
    hands.receive(written(hands), "Hire")
    before = [seen for page in mailbox.everything([label.id], None) for seen in page.mails]
    hands.make_anew("Hire")
    again = mailbox.ensure_label("Hire", label.id)
    after = [seen for page in mailbox.everything([again.id], None) for seen in page.mails]
    assert [(seen.external_id, seen.thread_id) for seen in before] == [
        (seen.external_id, seen.thread_id) for seen in after
    ]


@pytest.mark.parametrize("cursor", ["", "1", "[]", "{}", '{"at":1,"labels":[],"folders":{"INBOX":[1]},"marks":{}}'])
def test_a_cursor_that_is_none_asks_for_everything(mailbox: OpenMailbox, cursor: str) -> None:
    with pytest.raises(FullResyncNeeded):
        news(mailbox, cursor)


def test_a_label_that_was_not_looked_for_before_asks_for_everything(mailbox: OpenMailbox, hands: ImapHands) -> None:
    """What had it already would be missed otherwise."""
    hands.client.create_folder("Nurses")
    hands.receive(written(hands), "Nurses")
    cursor = beginning(mailbox, mailbox.ensure_label("Hire").id)
    with pytest.raises(FullResyncNeeded):
        news(mailbox, cursor, mailbox.ensure_label("Nurses").id)


def test_what_comes_in_while_everything_is_looked_at_is_told_afterwards(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.receive(written(hands, "Before"))
    pages = mailbox.everything([], datetime.now(UTC) - timedelta(days=1))
    first, name = next(pages), fresh_id()
    hands.receive(written(hands, "Meanwhile", message_id=name))
    assert {page.cursor for page in pages} == {first.cursor}
    assert [seen.external_id for seen in news(mailbox, first.cursor)] == [external(name)]


def test_everything_is_what_is_labelled_and_what_came_since(mailbox: OpenMailbox, hands: ImapHands) -> None:
    label = mailbox.ensure_label("Hire")
    hands.client.create_folder("Old")
    hands.receive(written(hands, "In its folder"), "Hire", at=LONG_AGO)
    hands.receive(written(hands, "With its keyword"), "Old", at=LONG_AGO, flags=("hire",))
    hands.receive(written(hands, "Long ago"), at=LONG_AGO)
    hands.receive(written(hands, "New"))
    hands.receive(written(hands, "Archived"), "Old")
    hands.receive(letter(hands.address, AMARA, "Sent", "Hello Amara", message_id=fresh_id()), "Sent")
    assert told(mailbox, [label.id], datetime.now(UTC) - timedelta(days=1)) == {
        "In its folder": (True, False, False),
        "With its keyword": (True, False, False),
        "New": (False, True, False),
        "Sent": (False, False, True),
    }
    assert told(mailbox, [label.id], None).keys() == {"In its folder", "With its keyword"}


def told(mailbox: OpenMailbox, labels: list[str], since: datetime | None) -> dict[str, tuple[bool, bool, bool]]:
    """By subject, whether each is labelled, in the inbox, sent."""
    found = {seen.external_id: seen for page in mailbox.everything(labels, since) for seen in page.mails}
    subjects = {head.seen.external_id: head.fields["subject"] for head in mailbox.heads(found)}
    return {subjects[key]: (bool(seen.labels), seen.in_inbox, seen.is_sent) for key, seen in found.items()}


# Labels: a folder, and a keyword


def test_a_label_is_a_folder_made_once_and_found_again_whatever_its_case(
    mailbox: OpenMailbox, hands: ImapHands
) -> None:
    made = mailbox.ensure_label("Hire")
    assert "Hire" in hands.folders()
    assert mailbox.ensure_label("hire") == made
    assert mailbox.label("HIRE") == made
    assert mailbox.label("Recruiterbox") is None


def test_a_folder_that_its_owner_renamed_stays_the_label(mailbox: OpenMailbox, hands: ImapHands) -> None:
    made = mailbox.ensure_label("Hire")
    hands.client.rename_folder("Hire", "People to hire")
    cursor = beginning(mailbox, made.id)
    assert mailbox.ensure_label("Hire", made.id) == Label(made.id, "People to hire")
    assert "Hire" not in hands.folders()
    hands.receive(written(hands), "People to hire")
    (seen,) = news(mailbox, cursor, made.id)
    assert seen.labels == {made.id}


def test_a_folder_that_was_deleted_is_made_anew(mailbox: OpenMailbox, hands: ImapHands) -> None:
    made = mailbox.ensure_label("Hire")
    hands.client.delete_folder("Hire")
    again = mailbox.ensure_label("Hire", made.id)
    assert again.id != made.id
    assert "Hire" in hands.folders()


def test_a_folder_that_was_deleted_and_made_by_its_owner_is_the_label(mailbox: OpenMailbox, hands: ImapHands) -> None:
    made = mailbox.ensure_label("Hire")
    hands.client.delete_folder("Hire")
    hands.client.create_folder("HIRE")
    again = mailbox.ensure_label("Hire", made.id)
    assert (again.name, again.id != made.id) == ("HIRE", True)


@pytest.mark.parametrize("name", ["Nurses & carers", "Zażółć", "Teams/Leeds", 'Say "hello"'])
def test_a_label_may_be_called_as_people_call_things(mailbox: OpenMailbox, hands: ImapHands, name: str) -> None:
    made = mailbox.ensure_label(name)
    assert made.name == name
    assert name in hands.folders()
    assert mailbox.ensure_label(name, made.id) == made


def test_a_thread_whose_mail_is_moved_into_the_folder_is_told_of_and_whole(
    mailbox: OpenMailbox, hands: ImapHands
) -> None:
    label, first, second, third = mailbox.ensure_label("Hire"), *(fresh_id() for _ in range(3))
    old = hands.receive(written(hands, message_id=first), at=LONG_AGO)
    hands.receive(letter(hands.address, AMARA, "Re: Your offer", "And?", message_id=second, references=first), "Sent")
    hands.receive(written(hands, "Re: Your offer", "Yes.", first, second, message_id=third))
    hands.receive(written(hands, "Something else"))
    cursor = beginning(mailbox, label.id)
    hands.move(old, "Hire")
    (seen,) = news(mailbox, cursor, label.id)
    assert (seen.external_id, seen.labels, seen.is_new) == (external(first), frozenset({label.id}), False)
    thread = mailbox.thread(seen.thread_id)
    assert [mail.external_id for mail in thread] == [external(first), external(second), external(third)]
    assert [mail.is_sent for mail in thread] == [False, True, False]
    assert {mail.thread_id for mail in thread} == {seen.thread_id}


def test_a_keyword_is_the_label_too(mailbox: OpenMailbox, hands: ImapHands) -> None:
    label = mailbox.ensure_label("Hire")
    one, other = hands.receive(written(hands), at=LONG_AGO), hands.receive(written(hands), at=LONG_AGO)
    cursor = beginning(mailbox, label.id)
    hands.tag(one, "HIRE")
    hands.tag(other, "\\Seen")
    hands.tag(other, "Holidays")
    (seen,) = news(mailbox, cursor, label.id)
    assert (seen.labels, seen.in_inbox, seen.is_new) == (frozenset({label.id}), True, False)


def test_a_keyword_is_told_of_once(mailbox: OpenMailbox, hands: ImapHands) -> None:
    label = mailbox.ensure_label("Hire")
    uid = hands.receive(written(hands), at=LONG_AGO)
    cursor = beginning(mailbox, label.id)
    hands.tag(uid, "Hire")
    *_, last = mailbox.changes(cursor, [label.id])
    hands.receive(written(hands, "Something else"))
    (seen,) = news(mailbox, last.cursor, label.id)
    assert seen.labels == frozenset()


def test_a_keyword_without_a_folder_is_found_as_a_label(mailbox: OpenMailbox, hands: ImapHands) -> None:
    hands.receive(written(hands), flags=("Recruiterbox",))
    found = mailbox.label("Recruiterbox")
    assert found is not None
    assert found.name == "Recruiterbox"
    (seen,) = [seen for page in mailbox.everything([found.id], None) for seen in page.mails]
    assert seen.labels == {found.id}


def test_a_copy_in_the_folder_is_the_same_mail(mailbox: OpenMailbox, hands: ImapHands) -> None:
    label = mailbox.ensure_label("Hire")
    uid = hands.receive(written(hands))
    cursor = beginning(mailbox, label.id)
    hands.copy(uid, "Hire")
    (seen,) = news(mailbox, cursor, label.id)
    assert len(mailbox.thread(seen.thread_id)) == 1


# Threads


def test_mails_that_name_all_before_them_are_one_thread_though_the_first_is_gone(
    mailbox: OpenMailbox, hands: ImapHands
) -> None:
    gone, second, third = (fresh_id() for _ in range(3))
    cursor = beginning(mailbox)
    hands.receive(written(hands, "Re: Hello", "One", gone, message_id=second))
    hands.receive(written(hands, "Re: Hello", "Two", gone, second, message_id=third))
    one, two = news(mailbox, cursor)
    assert one.thread_id == two.thread_id
    assert [seen.external_id for seen in mailbox.thread(one.thread_id)] == [external(second), external(third)]


def test_a_mail_that_names_only_the_one_it_answers_is_in_its_thread(mailbox: OpenMailbox, hands: ImapHands) -> None:
    """As some mail programs and most helpdesks write."""
    first, second, third, fourth = (fresh_id() for _ in range(4))
    hands.receive(letter(hands.address, AMARA, "Hello", "Hello", message_id=first), "Sent", at=minutes_ago(4))
    hands.receive(written(hands, "Re: Hello", "One", first, message_id=second), at=minutes_ago(3))
    cursor = beginning(mailbox)
    hands.receive(written(hands, "Re: Hello", "Two", message_id=third, in_reply_to=second), at=minutes_ago(2))
    hands.receive(written(hands, "Re: Hello", "Three", message_id=fourth, in_reply_to=third), at=minutes_ago(1))
    two, three = news(mailbox, cursor)
    assert two.thread_id == three.thread_id == f"r.{first[1:-1]}"
    thread = mailbox.thread(two.thread_id)
    assert [seen.external_id for seen in thread] == list(map(external, (first, second, third, fourth)))


def test_mails_that_answer_each_other_in_a_circle_have_a_thread(mailbox: OpenMailbox, hands: ImapHands) -> None:
    one, other = fresh_id(), fresh_id()
    cursor = beginning(mailbox)
    hands.receive(written(hands, message_id=one, in_reply_to=other))
    hands.receive(written(hands, message_id=other, in_reply_to=one))
    for seen in news(mailbox, cursor):
        assert len(mailbox.thread(seen.thread_id)) == 2


def test_a_thread_that_is_gone_is_empty(mailbox: OpenMailbox) -> None:
    for name in ("r.none@mail.example", "g.none", "m.none@mail.example", "no-such-thread", ""):
        assert mailbox.thread(name) == ()


# Waiting for news


def test_listening_hears_what_came_since_the_last_look_and_what_comes(
    dovecot: Dovecot, server: Dovecot, mailbox: OpenMailbox, hands: ImapHands
) -> None:
    beginning(mailbox)
    if server is not dovecot:
        with pytest.raises(PermanentFailure, match="does not tell of news"):
            mailbox.listen(30)
        return
    hands.receive(written(hands))
    assert mailbox.listen(30)
    assert not mailbox.listen(0.05)
    later = threading.Timer(0.2, hands.receive, [written(hands)])
    later.start()
    assert mailbox.listen(30)
    later.join()


def test_a_mailbox_that_was_not_looked_at_can_be_listened_to(
    dovecot: Dovecot, mailbox_of: Callable[..., OpenMailbox]
) -> None:
    user = dovecot.user()
    mailbox = mailbox_of(MailboxAccount(1, user, dovecot.credentials(user)))
    with at_work(dovecot, user) as hands:
        later = threading.Timer(0.5, hands.receive, [written(hands)])
        later.start()
        assert mailbox.listen(30)
        later.join()


def test_its_owner_writes_under_the_address_and_the_user_name(mailbox: OpenMailbox, account: MailboxAccount) -> None:
    assert mailbox.own_addresses() == {account.address}
    renamed = replace(account, address="jobs@northlane.example")
    assert type(mailbox)(None, renamed).own_addresses() == {account.address, "jobs@northlane.example"}  # type: ignore[call-arg]
