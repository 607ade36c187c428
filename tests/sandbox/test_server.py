"""The sandbox's server, spoken to by a real mail client."""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from candidly.channels.smtp.listener import Listener
from candidly.config import Config
from candidly.models import SandboxMail
from candidly.sandbox.reading import subject_of
from candidly.sandbox.server import HOST, sandbox_server
from tests.support.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(transactional_db: None) -> Iterator[Listener]:
    server = sandbox_server(Config(sandbox_port=0))
    server.start()
    yield server
    server.stop()


def mail_to(*recipients: str, subject: str = "Your application") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Hannah Whitlock <hannah@northlane.example>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message.set_content("Dear Amara,\n\nthank you.\n")
    return message


def send(server: Listener, message: EmailMessage) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(HOST, server.port, timeout=10) as client:
        return client.send_message(message)


def test_a_mail_is_kept_whole_once_for_each_recipient(sandbox: Listener) -> None:
    send(sandbox, mail_to("amara@mail.example", "kwame@mail.example", subject="Grüße aus Zürich ✓"))

    kept = list(SandboxMail.objects.order_by("recipient"))
    assert [mail.recipient for mail in kept] == ["amara@mail.example", "kwame@mail.example"]
    assert {mail.subject for mail in kept} == {"Grüße aus Zürich ✓"}
    assert {mail.envelope_from for mail in kept} == {"hannah@northlane.example"}
    assert b"Dear Amara," in bytes(kept[0].raw)


def test_several_mails_of_one_connection_are_all_kept(sandbox: Listener) -> None:
    with smtplib.SMTP(HOST, sandbox.port, timeout=10) as client:
        for number in range(20):
            client.send_message(mail_to(f"c{number}@mail.example"))

    assert SandboxMail.objects.count() == 20


def test_an_address_made_for_trying_out_a_bounce_is_refused_and_the_others_are_not(sandbox: Listener) -> None:
    refused = send(sandbox, mail_to("Bounce.amara@mail.example", "kwame@mail.example"))

    assert refused["Bounce.amara@mail.example"][0] == 550
    assert refused["Bounce.amara@mail.example"][1].startswith(b"5.1.1")
    assert SandboxMail.objects.get().recipient == "kwame@mail.example"


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"Subject: =?utf-8?q?Na=C3=AFve?=\r\n\r\nx", "Naïve"),
        (b"Subject: two\r\n lines\r\n\r\nx", "two lines"),
        (b"Subject: =?no-such-charset?q?=E4?=\r\n\r\nx", "=?no-such-charset?q?=E4?="),
        (b"Subject: a\x00b\r\n\r\nx", "ab"),
        (b"From: nobody\r\n\r\nx", ""),
        (b"", ""),
    ],
)
def test_the_subject_is_read_as_well_as_can_be(raw: bytes, subject: str) -> None:
    assert subject_of(raw) == subject


def test_bytes_that_are_no_text_are_kept_all_the_same(sandbox: Listener) -> None:
    with smtplib.SMTP(HOST, sandbox.port, timeout=10) as client:
        client.sendmail("x@y.example", ["amara@mail.example"], b"Subject: \xff\xfe\x00 hm\r\n\r\n\x00\xff\r\n")

    kept = SandboxMail.objects.get()
    assert "hm" in kept.subject
    assert b"\x00\xff" in bytes(kept.raw)


def test_the_command_takes_mail_until_it_is_told_to_stop(environment: dict[str, str]) -> None:
    port = free_port()
    command = [sys.executable, "-m", "candidly", "sandbox"]
    with subprocess.Popen(
        command,
        env=environment | {"CANDIDLY_SANDBOX_PORT": str(port), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert f"127.0.0.1:{port}" in process.stdout.readline()
        with smtplib.SMTP(HOST, port, timeout=10) as client:
            client.send_message(mail_to("amara@mail.example"))
        process.terminate()
        assert process.wait(timeout=30) == 0

    assert SandboxMail.objects.get().recipient == "amara@mail.example"


def test_the_command_refuses_to_start_beside_a_real_relay(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "candidly", "sandbox"],
        env=environment | {"CANDIDLY_RELAY_HOST": "smtp.northlane.example"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "Mail goes out through smtp.northlane.example, so the mail sandbox stays off" in done.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(environment: dict[str, str], sandbox: Listener) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "candidly", "sandbox"],
        env=environment | {"CANDIDLY_SANDBOX_PORT": str(sandbox.port)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "Stop the other program that uses the port, or choose another port" in done.stderr
