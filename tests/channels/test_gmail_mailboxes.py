"""Members' Gmail mailboxes as they are read: against a stand-in that has labels and a history."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from candidly.channels.contract import Channel, Mailboxes, OpenMailbox
from candidly.channels.gmail import oauth
from candidly.channels.registry import open_mailboxes
from candidly.envelope import (
    FullResyncNeeded,
    Label,
    MailboxAccount,
    PermanentFailure,
    ReconnectNeeded,
    SeenMail,
    TemporaryFailure,
    Withheld,
)
from tests.channels.outgoing import from_mailbox
from tests.peers.faulty_google import HISTORY, TOKEN
from tests.peers.google import Google
from tests.peers.hands import Hands, letter

SEND_AS = r"GET .*/sendAs"
AMARA = "Amara Okafor <amara@mail.example>"


@pytest.fixture
def open_to(google: Google) -> Iterator[Callable[..., OpenMailbox]]:
    """Opens a mailbox, with further GmailSettings as they are given."""
    opened: list[Mailboxes] = []

    def open_it(account: MailboxAccount, **changes: object) -> OpenMailbox:
        opened.append(open_mailboxes("gmail", google.settings(**changes)))
        return opened[-1].open(account)

    yield open_it
    for mailboxes in opened:
        mailboxes.close()


@pytest.fixture
def account(google: Google) -> MailboxAccount:
    return google.account()


@pytest.fixture
def mailbox(open_to: Callable[..., OpenMailbox], account: MailboxAccount) -> OpenMailbox:
    return open_to(account)


@pytest.fixture
def hands(google: Google, account: MailboxAccount) -> Hands:
    return google.hands(account)


def beginning(mailbox: OpenMailbox) -> str:
    """Where to go on from now."""
    return [page.cursor for page in mailbox.everything([], None)][-1]


def news(mailbox: OpenMailbox, cursor: str, *labels: str) -> list[SeenMail]:
    return [mail for page in mailbox.changes(cursor, labels) for mail in page.mails]


def written(hands: Hands, subject: str = "Your offer", text: str = "Yes, gladly.") -> bytes:
    return letter(AMARA, hands.address, subject, text)


def test_what_comes_in_is_told_once_and_by_name_before_it_is_read(mailbox: OpenMailbox, hands: Hands) -> None:
    cursor = beginning(mailbox)
    external_id = hands.receive(written(hands))
    (page,) = mailbox.changes(cursor, [])
    assert page.mails == (SeenMail(external_id, hands.thread_of(external_id), in_inbox=True),)
    assert news(mailbox, page.cursor) == []


def test_a_mail_comes_as_it_was_transferred(mailbox: OpenMailbox, hands: Hands) -> None:
    raw = written(hands, text="Zażółć gęślą jaźń 👍")
    external_id = hands.receive(raw)
    (mail,) = mailbox.mails([external_id])
    assert mail.raw == raw
    assert mail.seen.external_id == external_id
    assert abs(datetime.now(UTC) - mail.received_at) < timedelta(minutes=10)


def test_what_stands_outside_is_read_without_the_mail(mailbox: OpenMailbox, hands: Hands, google: Google) -> None:
    external_id = hands.receive(written(hands))
    google.door.mend()
    (head,) = mailbox.heads([external_id])
    assert head.fields["from"] == AMARA
    assert head.fields["subject"] == "Your offer"
    assert google.door.count("GET .*format=metadata") == 1
    assert google.door.count("GET .*format=(raw|full)") == 0


def test_mails_that_are_gone_are_left_out(mailbox: OpenMailbox, hands: Hands) -> None:
    gone, binned, there = (hands.receive(written(hands, f"Mail {n}")) for n in range(3))
    hands.delete(gone)
    hands.label_mail(binned, "TRASH", remove=("INBOX",))
    assert [mail.seen.external_id for mail in mailbox.mails([gone, binned, there])] == [there]
    assert [mail.seen.external_id for mail in mailbox.heads([gone, binned, there])] == [there]


def test_drafts_and_spam_are_never_told_of(mailbox: OpenMailbox, hands: Hands) -> None:
    cursor = beginning(mailbox)
    hands.receive(written(hands, "Win a prize"), "SPAM")
    hands.receive(written(hands, "Not yet"), "DRAFT")
    assert news(mailbox, cursor) == []


def test_a_mail_taken_out_of_the_spam_is_told_of(mailbox: OpenMailbox, hands: Hands) -> None:
    external_id = hands.receive(written(hands), "SPAM")
    cursor = beginning(mailbox)
    hands.label_mail(external_id, "INBOX", remove=("SPAM",))
    (seen,) = news(mailbox, cursor)
    assert (seen.external_id, seen.in_inbox, seen.is_new) == (external_id, True, False)


def test_what_its_owner_sends_is_told_of_as_sent(mailbox: OpenMailbox, hands: Hands) -> None:
    cursor = beginning(mailbox)
    external_id = hands.write(letter(hands.address, AMARA, "Hello", "Hello Amara"))
    (seen,) = news(mailbox, cursor)
    assert (seen.external_id, seen.is_sent, seen.in_inbox) == (external_id, True, False)


def test_what_was_deleted_for_good_is_told_of(mailbox: OpenMailbox, hands: Hands) -> None:
    external_id = hands.receive(written(hands))
    cursor = beginning(mailbox)
    hands.delete(external_id)
    assert [gone for page in mailbox.changes(cursor, []) for gone in page.gone] == [external_id]


# Trap 1: history 404 means a full resync, not an account error; afterwards the fresh history id counts


@pytest.mark.parametrize("status", [404, 400])
def test_history_that_is_too_old_asks_for_everything(mailbox: OpenMailbox, google: Google, status: int) -> None:
    google.door.fault(HISTORY, status)
    with pytest.raises(FullResyncNeeded):
        news(mailbox, "1")


def test_after_everything_was_looked_at_the_history_goes_on_from_before_the_look(
    mailbox: OpenMailbox, hands: Hands, google: Google
) -> None:
    """What comes in between is told by the history: it may come twice, and is never missed."""
    hands.receive(written(hands, "Before"))
    pages = mailbox.everything([], datetime.now(UTC) - timedelta(days=1))
    first = next(pages)
    late = hands.receive(written(hands, "Meanwhile"))
    assert {page.cursor for page in pages} == {first.cursor}
    assert [seen.external_id for seen in news(mailbox, first.cursor)] == [late]


# Trap 2: a page without history may not be the last


def test_an_empty_page_may_not_be_the_last(mailbox: OpenMailbox, hands: Hands, google: Google) -> None:
    cursor = beginning(mailbox)
    external_id = hands.receive(written(hands))
    google.door.fault(HISTORY, 200, body={"historyId": "999", "nextPageToken": "0"})
    empty, full = mailbox.changes(cursor, [])
    assert (empty.cursor, empty.mails) == (cursor, ())
    assert [seen.external_id for seen in full.mails] == [external_id]
    assert full.cursor != "999"


def test_each_page_of_many_says_where_to_go_on(mailbox: OpenMailbox, hands: Hands, google: Google) -> None:
    """A worker that dies after a page goes on after that page."""
    cursor = beginning(mailbox)
    first, second = hands.receive(written(hands, "One")), hands.receive(written(hands, "Two"))
    (whole,) = mailbox.changes(cursor, [])
    record = {"id": _cursor_between(mailbox, cursor), "messagesAdded": [_added(hands, first)]}
    google.door.fault(HISTORY, 200, body={"history": [record], "historyId": whole.cursor, "nextPageToken": "1"})
    page = next(iter(mailbox.changes(cursor, [])))
    assert [seen.external_id for seen in page.mails] == [first]
    assert [seen.external_id for seen in news(mailbox, page.cursor)] == [second]


def _cursor_between(mailbox: OpenMailbox, cursor: str) -> str:
    """The history id of the first change since the cursor."""
    requests = mailbox._requests  # type: ignore[attr-defined]
    return str(requests.get("history", 2, startHistoryId=cursor)["history"][0]["id"])


def _added(hands: Hands, external_id: str) -> dict[str, object]:
    return {"message": {"id": external_id, "threadId": hands.thread_of(external_id), "labelIds": ["INBOX"]}}


# Trap 3: labels lie on mails, not on threads


def test_a_thread_that_gets_the_label_is_told_of_and_whole(mailbox: OpenMailbox, hands: Hands) -> None:
    label = mailbox.ensure_label("Hire")
    old = hands.receive(letter(AMARA, hands.address, "Nursing", "Hello", "Mon, 02 Nov 2020 09:00:00 +0000"))
    thread = hands.thread_of(old)
    cursor = beginning(mailbox)
    hands.label_thread(thread, label.id)
    (told,) = news(mailbox, cursor, label.id)
    assert (told.thread_id, told.labels, told.is_new) == (thread, frozenset({label.id}), False)
    answer = hands.receive(letter(AMARA, hands.address, "Re: Nursing", "And?"), thread=thread)
    assert [seen.external_id for seen in mailbox.thread(thread)] == [old, answer]


def test_a_later_mail_of_a_labelled_thread_bears_no_label_and_is_known_by_its_thread(
    mailbox: OpenMailbox, hands: Hands
) -> None:
    label = mailbox.ensure_label("Hire")
    thread = hands.thread_of(hands.receive(written(hands)))
    hands.label_thread(thread, label.id)
    cursor = beginning(mailbox)
    archived = hands.receive(letter(AMARA, hands.address, "Re: Your offer", "And?"), "UNREAD", thread=thread)
    (seen,) = news(mailbox, cursor, label.id)
    assert (seen.external_id, seen.thread_id) == (archived, thread)
    assert (seen.labels, seen.in_inbox) == (frozenset(), False)


def test_another_label_is_no_news(mailbox: OpenMailbox, hands: Hands) -> None:
    external_id = hands.receive(written(hands))
    other, cursor = hands.make_label("Holidays"), beginning(mailbox)
    hands.label_mail(external_id, other)
    assert news(mailbox, cursor, mailbox.ensure_label("Hire").id) == []


def test_a_thread_that_is_gone_is_empty(mailbox: OpenMailbox) -> None:
    assert mailbox.thread("no-such-thread") == ()


# Trap 4: a label is known by its id


def test_a_label_is_made_once_and_found_again_whatever_its_case(mailbox: OpenMailbox, hands: Hands) -> None:
    made = mailbox.ensure_label("Hire")
    assert hands.labels()["Hire"] == made.id
    assert mailbox.ensure_label("hire") == made
    assert mailbox.label("HIRE") == made
    assert mailbox.label("Recruiterbox") is None


def test_a_label_that_its_owner_renamed_stays_the_label(mailbox: OpenMailbox, hands: Hands) -> None:
    made = mailbox.ensure_label("Hire")
    hands.rename_label(made.id, "People to hire")
    assert mailbox.ensure_label("Hire", made.id) == Label(made.id, "People to hire")
    assert "Hire" not in hands.labels()


def test_a_label_that_was_deleted_is_made_anew(mailbox: OpenMailbox, hands: Hands) -> None:
    made = mailbox.ensure_label("Hire")
    hands.delete_label(made.id)
    again = mailbox.ensure_label("Hire", made.id)
    assert again.id != made.id
    assert hands.labels()["Hire"] == again.id


@pytest.mark.parametrize("status", [400, 409])
def test_of_two_that_make_the_label_at_once_both_get_it(
    mailbox: OpenMailbox, hands: Hands, google: Google, status: int
) -> None:
    """The peer says 400 and Google 409; then the label is there."""
    made = hands.make_label("Hire")
    google.door.fault("GET .*/labels", 200, body={"labels": []})
    google.door.fault("POST .*/labels", status)
    assert mailbox.ensure_label("Hire").id == made


def test_a_name_that_gmail_keeps_for_itself_is_refused_in_words(mailbox: OpenMailbox) -> None:
    with pytest.raises(PermanentFailure, match="Choose another name"):
        mailbox.ensure_label("INBOX")


def test_a_label_that_is_gone_holds_up_no_resync(mailbox: OpenMailbox, hands: Hands, google: Google) -> None:
    external_id = hands.receive(written(hands))
    google.door.fault(r"GET .*/messages", 400)
    pages = list(mailbox.everything(["Label_gone"], datetime.now(UTC) - timedelta(days=1)))
    assert external_id in {seen.external_id for page in pages for seen in page.mails}


def test_labels_are_read_once_as_long_as_the_mailbox_is_open(mailbox: OpenMailbox, google: Google) -> None:
    made = mailbox.ensure_label("Hire")
    google.door.mend()
    assert [mailbox.ensure_label("Hire", made.id), mailbox.label("Recruiterbox")] == [made, None]
    assert google.door.count("GET .*/labels") == 1


# Trap 5: nobody may say what was sent


def test_nothing_is_asked_for_that_would_change_a_mail(
    mailbox: OpenMailbox, hands: Hands, google: Google, gmail_with: Callable[..., Channel]
) -> None:
    """Whether a mail was sent or read is Gmail's to say: asking to change it is refused, or worse, is not."""
    cursor, label = beginning(mailbox), mailbox.ensure_label("Hire")
    thread = hands.thread_of(hands.receive(written(hands)))
    hands.label_thread(thread, label.id)
    google.door.mend()
    list(gmail_with().send([from_mailbox(mailbox.account, thread)]))
    seen = [mail.external_id for mail in news(mailbox, cursor, label.id)]
    assert (len(list(mailbox.mails(seen))), len(list(mailbox.heads(seen)))) == (len(seen), len(seen))
    mailbox.thread(thread)
    asked = {
        re.sub(r"/(messages|threads)/(?!send)[^/?]+", r"/\1/…", asked.partition("?")[0]) for asked in google.door.asked
    }
    mine = {asked.replace("/gmail/v1/users/me", "") for asked in asked}
    assert mine == {
        "POST /oauth2/token",
        "POST /messages/send",
        "GET /history",
        "GET /messages/…",
        "GET /threads/…",
    }


# Looking at everything


def test_everything_is_what_is_labelled_and_what_came_since(mailbox: OpenMailbox, hands: Hands) -> None:
    label = mailbox.ensure_label("Hire")
    old = letter(AMARA, hands.address, "Long ago", "Hello", "Mon, 02 Nov 2020 09:00:00 +0000")
    labelled, unlabelled = hands.receive(old, label.id), hands.receive(old)
    new, archived = hands.receive(written(hands, "New")), hands.receive(written(hands, "Archived"), "UNREAD")
    sent = hands.write(letter(hands.address, AMARA, "Hello", "Hello Amara"))
    pages = list(mailbox.everything([label.id], datetime.now(UTC) - timedelta(days=1)))
    found = {seen.external_id: seen for page in pages for seen in page.mails}
    assert found.keys() == {labelled, new, sent}
    assert found[labelled].labels == {label.id}
    assert (found[new].in_inbox, found[sent].is_sent) == (True, True)
    only_labelled = [seen.external_id for page in mailbox.everything([label.id], None) for seen in page.mails]
    assert only_labelled == [labelled]
    assert unlabelled not in found
    assert archived not in found


# Trap 9: whose mail it is


def test_the_owner_writes_under_all_their_own_addresses(mailbox: OpenMailbox, google: Google) -> None:
    assert mailbox.own_addresses() == {mailbox.account.address}
    more = [{"sendAsEmail": "Jobs@Northlane.example"}, {"sendAsEmail": mailbox.account.address}]
    google.door.fault(SEND_AS, 200, body={"sendAs": more})
    assert mailbox.own_addresses() == {mailbox.account.address, "jobs@northlane.example"}


def test_to_which_address_a_mail_was_delivered_is_told(mailbox: OpenMailbox, hands: Hands, google: Google) -> None:
    """It may be none of those that it is addressed to."""
    headers = [{"name": "Delivered-To", "value": "jobs@northlane.example"}, {"name": "To", "value": "all@list.example"}]
    message = {"id": "m1", "threadId": "t1", "labelIds": ["INBOX"], "payload": {"headers": headers}}
    google.door.fault("GET .*/messages/m1", 200, body=message)
    (head,) = mailbox.heads(["m1"])
    assert head.fields["delivered-to"] == "jobs@northlane.example"


# Trap 10: quota


def test_a_mailbox_whose_quota_is_used_up_is_left_alone(
    open_to: Callable[..., OpenMailbox], account: MailboxAccount, google: Google
) -> None:
    mailbox = open_to(account, units_per_minute=12)
    for _ in range(2):
        mailbox.own_addresses()
    google.door.mend()
    with pytest.raises(Withheld) as withheld:
        mailbox.own_addresses()
    assert 0 < withheld.value.wait <= 60
    assert google.door.asked == []


def test_the_quota_of_one_mailbox_is_not_that_of_another(
    open_to: Callable[..., OpenMailbox], account: MailboxAccount, google: Google
) -> None:
    assert open_to(account, units_per_minute=7).own_addresses()
    assert open_to(google.account(), units_per_minute=7).own_addresses()


def test_google_says_for_how_long_it_wants_to_be_left_alone(mailbox: OpenMailbox, google: Google) -> None:
    google.door.fault(SEND_AS, 429, headers={"Retry-After": "17"})
    with pytest.raises(Withheld) as withheld:
        mailbox.own_addresses()
    assert withheld.value.wait == 17
    google.door.mend()
    with pytest.raises(Withheld):
        mailbox.own_addresses()
    assert google.door.asked == []


def test_where_google_does_not_say_how_long_each_rest_is_longer(mailbox: OpenMailbox, google: Google) -> None:
    google.door.fault(SEND_AS, 403, body={"error": {"errors": [{"reason": "userRateLimitExceeded"}]}})
    with pytest.raises(Withheld) as withheld:
        mailbox.own_addresses()
    assert 1.6 <= withheld.value.wait <= 2.4


# Trap 11: being let in


def test_a_token_that_has_ended_is_renewed_before_anything_is_asked(
    open_to: Callable[..., OpenMailbox], account: MailboxAccount, google: Google
) -> None:
    google.door.fault(TOKEN, 200, body={"access_token": "soon over", "expires_in": 100})
    mailbox = open_to(account, timeout=19.0)
    mailbox.own_addresses()
    mailbox.own_addresses()
    assert [asked.split()[0] for asked in google.door.asked] == ["POST", "GET", "POST", "GET"]


def test_one_token_serves_until_it_ends(mailbox: OpenMailbox, google: Google) -> None:
    for _ in range(3):
        mailbox.own_addresses()
    assert google.door.count(TOKEN) == 1


def test_a_token_that_was_taken_back_early_is_renewed_once(mailbox: OpenMailbox, google: Google) -> None:
    mailbox.own_addresses()
    google.door.fault(SEND_AS, 401)
    assert mailbox.own_addresses()
    google.door.fault(SEND_AS, 401, times=2)
    with pytest.raises(ReconnectNeeded, match=r"Connect it again in the settings\."):
        mailbox.own_addresses()


def test_access_that_was_withdrawn_means_reconnect_and_is_not_asked_for_again(
    mailbox: OpenMailbox, account: MailboxAccount, google: Google
) -> None:
    oauth.revoke(google.settings(), account.credentials)
    google.door.mend()
    for _ in range(3):
        with pytest.raises(ReconnectNeeded, match="no longer lets Candidly into this mailbox"):
            mailbox.own_addresses()
    assert len(google.door.asked) == 1


def test_access_is_given_back_twice_without_harm(account: MailboxAccount, google: Google) -> None:
    oauth.revoke(google.settings(), account.credentials)
    oauth.revoke(google.settings(), account.credentials)


@pytest.mark.parametrize(
    ("status", "error", "kind", "words"),
    [
        (403, {"errors": [{"reason": "insufficientPermissions"}]}, ReconnectNeeded, "leave all of them ticked"),
        (403, {"details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}, ReconnectNeeded, "all of them ticked"),
        (403, {"errors": [{"reason": "domainPolicy"}]}, ReconnectNeeded, "administrator"),
        (400, {"message": "Mail service not enabled"}, ReconnectNeeded, "no Gmail"),
        (403, {"errors": [{"reason": "accessNotConfigured"}]}, TemporaryFailure, "Google Cloud console"),
        (500, {}, TemporaryFailure, "tried again"),
        (503, {"message": "Backend error"}, TemporaryFailure, "tried again"),
        (302, {}, TemporaryFailure, "tried again"),
    ],
)
def test_each_answer_has_one_meaning(
    mailbox: OpenMailbox, google: Google, status: int, error: dict[str, object], kind: type[Exception], words: str
) -> None:
    google.door.fault(SEND_AS, status, body={"error": error})
    with pytest.raises(kind, match=words):
        mailbox.own_addresses()


@pytest.mark.parametrize("what", [SEND_AS, TOKEN])
@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("body", [b"<html>Welcome to our network</html>", [], "none", b""])
def test_an_answer_that_is_not_googles_is_tried_again(
    mailbox: OpenMailbox, google: Google, body: object, status: int, what: str
) -> None:
    google.door.fault(what, status, body=body)
    with pytest.raises(TemporaryFailure):
        mailbox.own_addresses()


def test_a_broken_line_is_tried_again(mailbox: OpenMailbox, google: Google) -> None:
    google.door.fault(SEND_AS)
    with pytest.raises(TemporaryFailure):
        mailbox.own_addresses()
    assert mailbox.own_addresses()


def test_google_that_is_away_is_away_for_all(open_to: Callable[..., OpenMailbox], account: MailboxAccount) -> None:
    with pytest.raises(TemporaryFailure) as away:
        open_to(account, token_url="http://nowhere.invalid/token").own_addresses()
    assert away.value.gateway_down


# Being told of news


def test_google_is_asked_to_call_where_a_topic_is_set(
    open_to: Callable[..., OpenMailbox], account: MailboxAccount, google: Google
) -> None:
    assert open_to(account).watch() is None
    until = open_to(account, push_topic="projects/northlane/topics/gmail").watch()
    assert until is not None
    assert until > datetime.now(UTC) + timedelta(hours=1)
    assert not open_to(account).listen(0)
