"""The listener: 250 only for what is kept, and a plain answer for everything else."""

import logging
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, current_thread
from typing import Any

import pytest

from candidly.channels.smtp.listener import CannotListen, Listener, ReceivedMail
from tests.peers.certificates import Certificate
from tests.peers.processes import program, wait_until

RAW = b"From: Amara <amara@mail.example>\r\nSubject: Re: Your application\r\n\r\nYes, gladly.\r\n"
TOKEN = "r.abc234@reply.northlane.example"

type StartListener = Callable[..., Listener]


class Shelf:
    """Keeps mails, or fails to."""

    def __init__(self) -> None:
        self.mails: list[ReceivedMail] = []
        self.failing = False

    def keep(self, mails: Sequence[ReceivedMail]) -> list[bool]:
        if self.failing:
            raise ConnectionError(f"the database is away, so {mails[0].raw!r} is not stored")
        self.mails.extend(mails)
        return [True for _ in mails]


def only_token(addresses: Sequence[str]) -> list[bool]:
    return [address == TOKEN for address in addresses]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def listen(shelf: Shelf) -> Iterator[StartListener]:
    started: list[Listener] = []

    def start(**options: Any) -> Listener:
        listener = Listener("127.0.0.1", 0, **{"keep": shelf.keep, "hostname": "mx.northlane.example", **options})
        listener.start()
        started.append(listener)
        return listener

    yield start
    for listener in started:
        listener.stop()


@pytest.fixture
def client() -> Iterator[Callable[[Listener], smtplib.SMTP]]:
    opened: list[smtplib.SMTP] = []

    def connect(listener: Listener) -> smtplib.SMTP:
        smtp = smtplib.SMTP(listener.host, listener.port, timeout=20)
        opened.append(smtp)
        smtp.ehlo("mail.example")
        return smtp

    yield connect
    for connection in opened:
        connection.close()


def hand_in(smtp: smtplib.SMTP, raw: bytes = RAW, *recipients: str) -> tuple[int, bytes]:
    """The answer to the content."""
    smtp.mail("amara@mail.example")
    for recipient in recipients or (TOKEN,):
        smtp.rcpt(recipient)
    return smtp.data(raw)


def test_a_mail_is_kept_before_it_is_acknowledged(listen: StartListener, client: Any, shelf: Shelf) -> None:
    listener = listen()
    assert hand_in(client(listener))[0] == 250
    assert shelf.mails == [ReceivedMail("amara@mail.example", (TOKEN,), RAW, "127.0.0.1", (True,))]


def test_keeping_and_accepting_run_outside_the_event_loop(listen: StartListener, client: Any) -> None:
    threads: list[str] = []

    def note(asked: Sequence[object]) -> list[bool]:
        threads.append(current_thread().name)
        return [True for _ in asked]

    assert hand_in(client(listen(keep=note, accepts=note)))[0] == 250
    assert [name.partition("_")[0] for name in threads] == ["smtp-accept", "smtp-keep"]


def test_a_mail_that_cannot_be_kept_is_to_be_sent_again(
    listen: StartListener, client: Any, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    smtp = client(listen())
    shelf.failing = True
    with caplog.at_level(logging.DEBUG):
        code, text = hand_in(smtp)
    assert (code, text[:5]) == (451, b"4.3.0")
    assert "could not be stored" in text.decode()
    logged = caplog.text
    assert "ConnectionError" in logged
    assert "gladly" not in logged
    assert "@" not in logged
    shelf.failing = False
    assert hand_in(smtp)[0] == 250
    assert len(shelf.mails) == 1


def test_a_mail_that_has_lost_its_place_meanwhile_is_not_acknowledged(listen: StartListener, client: Any) -> None:
    code, text = hand_in(client(listen(keep=lambda mails: [False for _ in mails])))
    assert (code, text[:5]) == (451, b"4.3.0")


def test_an_unknown_recipient_is_refused_and_the_known_one_served(
    listen: StartListener, client: Any, shelf: Shelf
) -> None:
    smtp = client(listen(accepts=only_token))
    smtp.mail("amara@mail.example")
    code, text = smtp.rcpt("r.nobody@reply.northlane.example")
    assert (code, text[:5]) == (550, b"5.1.1")
    assert smtp.rcpt(TOKEN)[0] == 250
    assert smtp.data(RAW)[0] == 250
    assert [mail.recipients for mail in shelf.mails] == [(TOKEN,)]


def test_while_recipients_cannot_be_looked_up_mail_is_to_be_sent_again(listen: StartListener, client: Any) -> None:
    def away(addresses: Sequence[str]) -> list[bool]:
        raise ConnectionError("the database is away")

    smtp = client(listen(accepts=away))
    smtp.mail("amara@mail.example")
    code, text = smtp.rcpt(TOKEN)
    assert (code, text[:5]) == (451, b"4.3.0")


def test_one_mail_may_have_several_recipients_and_a_hundred_at_once(
    listen: StartListener, client: Any, shelf: Shelf
) -> None:
    smtp = client(listen())
    smtp.mail("amara@mail.example")
    answers = [smtp.rcpt(f"r.{n}@reply.northlane.example") for n in range(101)]
    assert [code for code, _ in answers] == [250] * 100 + [452]
    assert answers[100][1].startswith(b"4.5.3")
    assert smtp.data(RAW)[0] == 250
    assert len(shelf.mails[0].recipients) == 100


def test_a_bounce_has_the_null_sender(listen: StartListener, client: Any, shelf: Shelf) -> None:
    smtp = client(listen())
    smtp.docmd("MAIL", "FROM:<>")
    smtp.rcpt(TOKEN)
    assert smtp.data(RAW)[0] == 250
    assert shelf.mails[0].envelope_from == ""


def test_size_is_announced_and_too_large_a_mail_refused(listen: StartListener, client: Any, shelf: Shelf) -> None:
    smtp = client(listen(max_bytes=100_000))
    assert smtp.esmtp_features["size"] == "100000"
    code, text = smtp.docmd("MAIL", "FROM:<amara@mail.example> SIZE=100001")
    assert (code, text[:5]) == (552, b"5.3.4")
    for content in (b"much to say\r\n" * 10_000, b"x" * 300_000 + b"\r\n"):
        code, text = hand_in(smtp, content)
        assert (code, text[:5]) == (552, b"5.3.4")
    assert hand_in(smtp)[0] == 250
    assert len(shelf.mails) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: \0\0\r\n\r\nnul \0 and 8-bit \xff\xfe and \x1a\r\n",
        "Subject: Grüße\r\n\r\nüber alle Maßen\r\n".encode("latin-1"),
        b"Subject: long\r\n\r\n" + b"x" * 5_000_000 + b"\r\n",
        b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n",
        b"Subject: bare \r and \n line ends\r\n\r\na\rb\nc\n.\nd\r\n",
        b"\r\n",
    ],
    ids=["NUL and 8-bit", "Latin-1", "one line of 5 MB", "dots", "bare line ends", "nothing"],
)
def test_content_is_kept_byte_for_byte(listen: StartListener, client: Any, shelf: Shelf, content: bytes) -> None:
    smtp = client(listen())
    smtp.mail("amara@mail.example")
    smtp.rcpt(TOKEN)
    smtp.docmd("DATA")
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n"))
    smtp.send(stuffed + b".\r\n")
    assert smtp.getreply()[0] == 250
    assert shelf.mails[0].raw == content


def test_international_addresses_are_offered_and_taken(listen: StartListener, client: Any, shelf: Shelf) -> None:
    smtp = client(listen())
    assert {"smtputf8", "8bitmime", "pipelining", "size"} <= smtp.esmtp_features.keys()
    assert "auth" not in smtp.esmtp_features
    smtp.command_encoding = "utf-8"
    smtp.docmd("MAIL", "FROM:<amará@mail.example> SMTPUTF8 BODY=8BITMIME")
    smtp.rcpt(TOKEN)
    assert smtp.data(RAW)[0] == 250
    assert shelf.mails[0].envelope_from == "amará@mail.example"


def test_pipelined_commands_are_answered_in_order(listen: StartListener, shelf: Shelf) -> None:
    commands = (
        f"EHLO mail.example\r\nMAIL FROM:<a@mail.example>\r\nRCPT TO:<{TOKEN}>\r\nDATA\r\n".encode()
        + RAW
        + b".\r\n"
        + f"MAIL FROM:<b@mail.example>\r\nRCPT TO:<{TOKEN}>\r\nDATA\r\n".encode()
        + RAW
        + b".\r\nQUIT\r\n"
    )
    listener = listen()
    with socket.create_connection((listener.host, listener.port), timeout=20) as sock, sock.makefile("rb") as answers:
        sock.sendall(commands)
        codes = [line[:3] for line in answers if line[3:4] == b" "]
    assert codes == [b"220", b"250", *[b"250", b"250", b"354", b"250"] * 2, b"221"]
    assert [mail.envelope_from for mail in shelf.mails] == ["a@mail.example", "b@mail.example"]


@pytest.mark.parametrize("no_end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r"])
def test_only_a_dot_between_two_full_line_ends_ends_a_mail_so_none_is_smuggled(
    listen: StartListener, client: Any, shelf: Shelf, no_end: bytes
) -> None:
    smtp = client(listen())
    smtp.mail("amara@mail.example")
    smtp.rcpt(TOKEN)
    smtp.docmd("DATA")
    smuggled = f"MAIL FROM:<forged@mail.example>\r\nRCPT TO:<{TOKEN}>\r\nDATA\r\nSubject: forged\r\n".encode()
    smtp.send(b"Subject: x\r\n\r\ny" + no_end + smuggled + b"\r\n.\r\n")
    assert smtp.getreply()[0] == 250
    assert smtp.noop()[0] == 250
    (kept,) = shelf.mails
    assert kept.envelope_from == "amara@mail.example"
    assert kept.raw == b"Subject: x\r\n\r\ny" + no_end.replace(b"\r\n.", b"\r\n") + smuggled + b"\r\n"


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        (["DATA"], 503),
        (["MAIL FROM:<amara@mail.example>", "DATA"], 503),
        (["MAIL FROM:<amara@mail.example>", f"RCPT TO:<{TOKEN}>", "DATA now"], 501),
    ],
    ids=["no sender", "no recipient", "an argument"],
)
def test_content_is_asked_for_only_where_it_has_a_place(
    listen: StartListener, client: Any, shelf: Shelf, commands: list[str], code: int
) -> None:
    smtp = client(listen())
    assert [smtp.docmd(command)[0] for command in commands][-1] == code
    smtp.rset()
    assert hand_in(smtp)[0] == 250
    assert [mail.raw for mail in shelf.mails] == [RAW]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("<amara@mail.example>", "amara@mail.example"),
        ("<amara.o'neil+x_1@Mail.Example> BODY=8BITMIME", "amara.o'neil+x_1@Mail.Example"),
        ('<"amara b"@mail.example>', '"amara b"@mail.example'),
        ("<amara@[192.0.2.1]>", "amara@[192.0.2.1]"),
        ("<@relay.example:amara@mail.example>", "amara@mail.example"),
    ],
)
def test_addresses_of_every_kind_are_understood(
    listen: StartListener, client: Any, shelf: Shelf, said: str, address: str
) -> None:
    smtp = client(listen())
    assert smtp.docmd(f"MAIL FROM:{said}")[0] == 250
    assert smtp.rcpt(TOKEN)[0] == 250
    assert smtp.data(RAW)[0] == 250
    assert shelf.mails[0].envelope_from == address


def test_an_endless_command_is_refused_and_not_held(listen: StartListener, client: Any) -> None:
    smtp = client(listen())
    assert smtp.docmd("NOOP " + "x" * 2_000_000)[0] == 500
    assert hand_in(smtp)[0] == 250


def test_starttls_is_offered_with_a_certificate_and_used(
    listen: StartListener, client: Any, shelf: Shelf, tls_certificate: Certificate
) -> None:
    smtp = client(listen(tls_context=tls_certificate.server_context()))
    context = ssl.create_default_context(cafile=str(tls_certificate.certificate))
    context.check_hostname = False
    assert smtp.starttls(context=context)[0] == 220
    smtp.ehlo("mail.example")
    assert "auth" not in smtp.esmtp_features
    assert hand_in(smtp)[0] == 250
    assert len(shelf.mails) == 1


def test_a_failed_tls_handshake_leaves_the_listener_well(
    listen: StartListener, client: Any, shelf: Shelf, tls_certificate: Certificate
) -> None:
    listener = listen(tls_context=tls_certificate.server_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        client(listener).starttls(context=ssl.create_default_context())
    assert hand_in(client(listener))[0] == 250
    wait_until(lambda: len(listener.connections) == 1, "the failed connection is forgotten")


def test_too_many_connections_are_turned_away_and_room_is_made_again(
    listen: StartListener, client: Any, shelf: Shelf
) -> None:
    listener = listen(max_connections=2)
    first, second = client(listener), client(listener)
    with pytest.raises(smtplib.SMTPConnectError) as turned_away:
        smtplib.SMTP(listener.host, listener.port, timeout=20)
    assert turned_away.value.smtp_code == 421
    first.quit()
    wait_until(lambda: len(listener.connections) == 1, "the place is free")
    assert hand_in(client(listener))[0] == 250
    assert hand_in(second)[0] == 250


def test_a_silent_client_is_hung_up_on(listen: StartListener) -> None:
    listener = listen(timeout=0.3)
    with socket.create_connection((listener.host, listener.port), timeout=20) as sock, sock.makefile("rb") as answers:
        assert answers.readline().startswith(b"220")
        assert answers.readline() == b""


def test_a_client_that_leaves_within_the_content_leaves_nothing(
    listen: StartListener, client: Any, shelf: Shelf
) -> None:
    listener = listen()
    leaving = client(listener)
    leaving.mail("amara@mail.example")
    leaving.rcpt(TOKEN)
    leaving.docmd("DATA")
    leaving.send(RAW)
    leaving.close()
    assert hand_in(client(listener))[0] == 250
    assert len(shelf.mails) == 1


def test_a_mail_that_is_being_kept_when_the_listener_stops_is_still_acknowledged(client: Any) -> None:
    begun, go_on = Event(), Event()

    def keep_slowly(mails: Sequence[ReceivedMail]) -> list[bool]:
        begun.set()
        assert go_on.wait(20)
        return [True for _ in mails]

    listener = Listener("127.0.0.1", 0, keep=keep_slowly)
    listener.start()
    busy, idle = client(listener), client(listener)
    with ThreadPoolExecutor(2) as threads:
        answer = threads.submit(hand_in, busy)
        assert begun.wait(20)
        stopping = threads.submit(listener.stop)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            idle.getreply()
        assert not stopping.done()
        go_on.set()
        assert answer.result(20)[0] == 250
        stopping.result(20)
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(listener.host, listener.port, timeout=20)


def test_many_clients_at_once_lose_nothing(listen: StartListener, client: Any, shelf: Shelf) -> None:
    listener = listen()

    def send_ten(number: int) -> list[int]:
        smtp = client(listener)
        return [hand_in(smtp, b"Subject: %d-%d\r\n\r\nx\r\n" % (number, n))[0] for n in range(10)]

    with ThreadPoolExecutor(10) as threads:
        codes = [code for answers in threads.map(send_ten, range(10)) for code in answers]
    assert codes == [250] * 100
    assert len({mail.raw for mail in shelf.mails}) == 100


def test_a_port_in_use_is_explained(listen: StartListener, shelf: Shelf) -> None:
    taken = listen()
    with pytest.raises(CannotListen, match=f"cannot take mail on 127.0.0.1:{taken.port} .*choose another port"):
        Listener("127.0.0.1", taken.port, keep=shelf.keep).start()


def test_swaks_gets_the_answers_that_people_would_read(listen: StartListener, shelf: Shelf) -> None:
    listener = listen(accepts=only_token)

    def swaks(recipient: str) -> subprocess.CompletedProcess[str]:
        options = ["--server", f"{listener.host}:{listener.port}", "--from", "amara@mail.example", "--pipeline"]
        text = ["--header", "Subject: Re: Your application", "--body", "Yes, gladly."]
        command = [program("swaks"), *options, "--to", recipient, *text]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert swaks(TOKEN).returncode == 0
    refused = swaks("r.nobody@reply.northlane.example")
    assert refused.returncode != 0
    assert "550 5.1.1 There is no such mailbox here" in refused.stdout
    (kept,) = shelf.mails
    assert b"Yes, gladly." in kept.raw
