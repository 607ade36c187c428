"""An IMAP server that breaks off, stalls, refuses and says odd things, between a mailbox and a real Dovecot."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from candidly.channels.contract import OpenMailbox
from candidly.envelope import DeliveryFailure, MailboxAccount, ReconnectNeeded, TemporaryFailure, Withheld
from tests.peers.dovecot import PASSWORD
from tests.peers.hands import letter
from tests.peers.imap_door import ImapDoor
from tests.peers.imap_hands import ImapHands, at_work

AMARA = "Amara Okafor <amara@mail.example>"


@pytest.fixture
def account(imap_door: ImapDoor) -> MailboxAccount:
    user = imap_door.user()
    return MailboxAccount(1, user, imap_door.credentials(user))


@pytest.fixture
def hands(imap_door: ImapDoor, account: MailboxAccount) -> Iterator[ImapHands]:
    """By another door."""
    with at_work(imap_door.dovecot, account.address) as owner:
        yield owner


def beginning(mailbox: OpenMailbox, *labels: str) -> str:
    return [page.cursor for page in mailbox.everything(labels, None)][-1]


def subjects(mailbox: OpenMailbox, cursor: str) -> list[str]:
    names = [seen.external_id for page in mailbox.changes(cursor, []) for seen in page.mails]
    return sorted(head.fields["subject"] for head in mailbox.heads(names))


def written(hands: ImapHands, subject: str) -> bytes:
    return letter(AMARA, hands.address, subject, "Hello", message_id=f"<{hash(subject)}@mail.example>")


def failing(what: Callable[[], Any]) -> TemporaryFailure:
    with pytest.raises(TemporaryFailure) as caught:
        what()
    assert caught.value.reason.endswith(".")
    assert not caught.value.gateway_down
    return caught.value


@pytest.mark.parametrize("action", ["drop", "cut"])
@pytest.mark.parametrize("step", ["LIST", "EXAMINE", "UID SEARCH", "UID FETCH"])
def test_a_connection_that_breaks_off_loses_nothing(
    mailbox_of: Callable[..., OpenMailbox],
    account: MailboxAccount,
    hands: ImapHands,
    imap_door: ImapDoor,
    step: str,
    action: str,
) -> None:
    """What was read up to there counts, and the next look goes on from there."""
    first = mailbox_of(account)
    cursor = beginning(first)
    for number in range(3):
        hands.receive(written(hands, f"Mail {number}"))
    imap_door.fault(rf" {step}", action)
    assert isinstance(failing(lambda: subjects(first, cursor)), Withheld)
    assert subjects(mailbox_of(account), cursor) == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_mail_that_breaks_off_halfway_is_no_mail(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, hands: ImapHands, imap_door: ImapDoor
) -> None:
    mailbox = mailbox_of(account)
    cursor = beginning(mailbox)
    hands.receive(written(hands, "Whole"))
    (page, _) = mailbox.changes(cursor, [])
    imap_door.fault(r"BODY\.PEEK\[\]", "cut")
    failing(lambda: list(mailbox.mails([page.mails[0].external_id])))
    (mail,) = mailbox_of(account).mails([page.mails[0].external_id])
    assert mail.raw.endswith(b"Hello\r\n")


def test_a_connection_that_breaks_off_while_it_is_listened_to_says_so(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, hands: ImapHands, imap_door: ImapDoor
) -> None:
    mailbox = mailbox_of(account)
    cursor = beginning(mailbox)
    imap_door.fault(r" IDLE", "drop")
    assert isinstance(failing(lambda: mailbox.listen(30)), Withheld)
    hands.receive(written(hands, "Meanwhile"))
    assert subjects(mailbox_of(account), cursor) == ["Meanwhile"]


def test_a_server_that_stalls_is_given_up(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, imap_door: ImapDoor
) -> None:
    imap_door.fault(r" LIST", "hang")
    stalled = failing(lambda: beginning(mailbox_of(account, timeout=1)))
    assert isinstance(stalled, Withheld)
    assert "did not answer within 1 seconds" in stalled.reason


def test_a_connection_that_was_closed_meanwhile_is_opened_anew(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, imap_door: ImapDoor
) -> None:
    mailbox = mailbox_of(account)
    with mailbox:
        beginning(mailbox)
    with mailbox:
        beginning(mailbox)
    assert imap_door.count("AUTHENTICATE") == 1
    imap_door.hang_up_on_all()
    with mailbox:
        beginning(mailbox)
    assert imap_door.count("AUTHENTICATE") == 2


def test_a_wrong_password_needs_to_be_connected_anew(
    mailbox_of: Callable[..., OpenMailbox], imap_door: ImapDoor
) -> None:
    user = imap_door.user()
    wrong = MailboxAccount(1, user, imap_door.credentials(user, password="wrong"))
    refused = failing(lambda: mailbox_of(wrong).label("Hire"))
    assert isinstance(refused, ReconnectNeeded)
    assert "did not accept the user name and password" in refused.reason
    assert "AUTHENTICATIONFAILED" in refused.reply


@pytest.mark.parametrize(
    "action",
    ["drop", "cut", "NO [UNAVAILABLE] no database", "NO [LIMIT] too many", "NO [INUSE] locked"],
)
def test_what_has_nothing_to_do_with_the_password_does_not_ask_for_another(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, imap_door: ImapDoor, action: str
) -> None:
    imap_door.fault("AUTHENTICATE", action)
    refused = failing(lambda: mailbox_of(account).label("Hire"))
    assert isinstance(refused, Withheld)
    assert not isinstance(refused, ReconnectNeeded)
    assert refused.wait == 60


def test_credentials_that_are_none_need_to_be_entered_anew(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount
) -> None:
    nothing = MailboxAccount(1, account.address, {"refresh_token": "from another provider"})
    assert isinstance(failing(lambda: mailbox_of(nothing).label("Hire")), ReconnectNeeded)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"^\* \d+ FETCH \(.*", "* 1 FETCH (UID nonsense BODY["),
        (r"^\* SEARCH.*", "* SEARCH what?"),
        (r"^\* STATUS .*", "* STATUS (("),
        (r"^\* LIST .*", "* LIST"),
        (r"^\* OK \[UIDVALIDITY.*", "* OK [UIDVALIDITY often]"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_fault_of_the_server(
    mailbox_of: Callable[..., OpenMailbox],
    account: MailboxAccount,
    hands: ImapHands,
    imap_door: ImapDoor,
    pattern: str,
    said: str,
) -> None:
    cursor = beginning(mailbox_of(account))
    hands.receive(written(hands, "Mail"))
    imap_door.says(pattern.replace(".*", r"[^\r]*"), said)
    with pytest.raises(DeliveryFailure):
        subjects(mailbox_of(account), cursor)


def test_a_server_without_a_password_sign_in_is_told_of(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, imap_door: ImapDoor
) -> None:
    imap_door.says(r"AUTH=PLAIN AUTH=LOGIN", "LOGINDISABLED")
    imap_door.says(r" AUTH=(PLAIN|LOGIN)", "")
    failing(lambda: mailbox_of(account).label("Hire"))
    assert imap_door.count(PASSWORD) == 0


# As Gmail has it: a folder of everything, and its own names for threads


def test_threads_have_gmails_own_names_where_it_tells_them(
    mailbox_of: Callable[..., OpenMailbox], account: MailboxAccount, hands: ImapHands, imap_door: ImapDoor
) -> None:
    imap_door.says(r"^(.*CAPABILITY .*) IDLE", r"\1 X-GM-EXT-1 IDLE")
    imap_door.hears(r"X-GM-THRID 1278455344230334865", "ALL")
    imap_door.hears(r"X-GM-THRID ", "")
    imap_door.says(r"^(\* \d+ FETCH \()(UID)", r"\1X-GM-THRID 1278455344230334865 \2")
    mailbox = mailbox_of(account)
    cursor = beginning(mailbox)
    hands.receive(written(hands, "One"))
    hands.receive(written(hands, "Two"))
    told = [seen for page in mailbox.changes(cursor, []) for seen in page.mails]
    assert {seen.thread_id for seen in told} == {"g.1278455344230334865"}
    assert len(mailbox.thread("g.1278455344230334865")) == 2
