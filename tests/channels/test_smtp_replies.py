import pytest

from candidly.channels.smtp.replies import Parties, Reply, queue_id, refusal
from candidly.envelope import PermanentFailure, TemporaryFailure

PARTIES = Parties("relay.northlane.example:587", "mail.example")


@pytest.mark.parametrize(
    ("code", "text", "kind", "reason"),
    [
        (
            550,
            "5.1.1 <a@b>: unknown",
            PermanentFailure,
            "The mail server of mail.example says there is no such mailbox.",
        ),
        (550, "5.1.10 null MX", PermanentFailure, "mail.example accepts no mail at all."),
        (452, "4.2.2 over quota", TemporaryFailure, "says the mailbox is full."),
        (552, "5.3.4 too big", PermanentFailure, "says the mail is too large."),
        (554, "5.7.1 no", PermanentFailure, "refuses the mail by its own rules."),
        (451, "try again", TemporaryFailure, "could not take the mail just now."),
        (550, "unknown user", PermanentFailure, "refuses the mail. It said why in its answer."),
        (550, "5.99.99 novel", PermanentFailure, "refuses the mail. It said why in its answer."),
    ],
)
def test_an_answer_becomes_a_sentence_and_is_kept_unchanged(code: int, text: str, kind: type, reason: str) -> None:
    failure = refusal(Reply(code, text), PARTIES)
    assert type(failure) is kind
    assert reason in failure.reason
    assert failure.reply == f"{code} {text}"


def test_about_our_sender_the_gateway_speaks_for_itself() -> None:
    failure = refusal(Reply(553, "5.1.8 bad sender"), PARTIES, by_gateway=True)
    assert failure.reason.startswith("The mail server relay.northlane.example:587 cannot find the domain of our own")


@pytest.mark.parametrize("code", [530, 535, 538])
def test_a_demand_to_sign_in_is_for_the_administrator_and_fails_no_mail_for_good(code: int) -> None:
    failure = refusal(Reply(code, "5.7.0 Authentication required"), PARTIES)
    assert isinstance(failure, TemporaryFailure)
    assert failure.gateway_down


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2.0.0 Ok: queued as 4FQ7Zx1k2Mz", "4FQ7Zx1k2Mz"),
        ("OK id=1sXyZ-0001-Ab", "1sXyZ-0001-Ab"),
        ("2.0.0 OK  1700000000 a1-2b.100 - gsmtp", ""),
        ("OK", ""),
    ],
)
def test_the_gateways_name_for_a_mail_is_read_where_it_gives_one(text: str, name: str) -> None:
    assert queue_id(Reply(250, text)) == name
