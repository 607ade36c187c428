"""`candidly serve`: real processes, started together and stopped together."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connection

from candidly.actions import conversations
from candidly.management.supervisor import tied_to
from candidly.models import Delivery, InboundMail, Member, Person, ReplyAddress, SandboxMail
from candidly.rules import mail_identity
from tests.peers.processes import answers, wait_until
from tests.support.ports import free_port
from tests.support.processes import running, wait_for_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    web, inbound, sandbox = (str(free_port()) for _ in range(3))
    return {
        "CANDIDLY_WEB_PORT": web,
        "CANDIDLY_BASE_URL": f"http://127.0.0.1:{web}",
        "CANDIDLY_INBOUND_PORT": inbound,
        "CANDIDLY_SANDBOX_PORT": sandbox,
    }


@pytest.fixture(scope="module")
def served(environment: dict[str, str], ports: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Started once: of the two tests that ask for it the second stops it."""
    with running("serve", environment=environment | ports) as process:
        wait_for_page(f"{ports['CANDIDLY_BASE_URL']}/accounts/login/", process)
        for name in ("CANDIDLY_INBOUND_PORT", "CANDIDLY_SANDBOX_PORT"):
            wait_until(lambda port=int(ports[name]): answers(port), f"{name} answers")  # type: ignore[misc]
        yield process


def group(leader: int) -> list[tuple[int, str]]:
    """The living processes of a process group: id and command line."""
    living = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader and (line := (folder / "cmdline").read_bytes()):
                living.append((int(folder.name), line.replace(b"\0", b" ").decode()))
        except (ProcessLookupError, FileNotFoundError):
            continue
    return living


def parts(leader: int, name: str) -> list[int]:
    return [pid for pid, line in group(leader) if line.rstrip().endswith(f"candidly {name}")]


def test_a_part_that_is_killed_comes_back(served: subprocess.Popen[bytes]) -> None:
    (first,) = parts(served.pid, "worker")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: parts(served.pid, "worker") not in ([], [first]), "another worker runs")


def test_a_message_goes_out_its_answer_comes_back_and_all_stop_together(
    served: subprocess.Popen[bytes], ports: dict[str, str], hannah: Member, amara: Person
) -> None:
    message = conversations.start(hannah, amara, subject="Your application", text="Dear Amara, when can we talk?")
    wait_until(lambda: SandboxMail.objects.filter(recipient=amara.email).exists(), "the sandbox has the mail")
    wait_until(lambda: Delivery.objects.get(message=message).state == Delivery.State.SENT, "the delivery is sent")
    reply_to = mail_identity.reply_address(ReplyAddress.objects.get(person=amara).token)
    with smtplib.SMTP("127.0.0.1", int(ports["CANDIDLY_INBOUND_PORT"])) as door:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            door.sendmail(amara.email, ["r.nobody@reply.candidly.localhost"], b"Subject: Hello\r\n\r\nHello\r\n")
        door.send_message(answer(amara.email, reply_to))
    ((code, _),) = refused.value.recipients.values()
    assert code == 550
    assert InboundMail.objects.count() == 1, "250 was said, so the mail must be in the database"
    wait_until(lambda: message.conversation.messages.count() == 2, "the answer is in the conversation")
    os.killpg(served.pid, signal.SIGINT)  # as Ctrl-C does, with somebody in a hurry behind it
    os.killpg(served.pid, signal.SIGTERM)
    assert served.wait(60) == 0
    assert group(served.pid) == []


def answer(sender: str, recipient: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, recipient, "Re: Hello", "<a@mail.example>"
    mail.set_content("Tomorrow at ten.")
    return mail


def test_nothing_outlives_the_whole_when_it_is_killed(environment: dict[str, str], ports: dict[str, str]) -> None:
    with running("serve", environment=environment | ports) as process:
        wait_until(lambda: all(parts(process.pid, name) for name in ("web", "worker", "inbound")), "its parts run")
        process.kill()
        process.wait()
        wait_until(lambda: group(process.pid) == [], "no process of the group is left", 60)


def test_a_part_whose_supervisor_is_gone_before_it_begins_does_nothing() -> None:
    for supervisor, said in ((os.getpid(), b"begun"), (1, b"")):
        ran = subprocess.run([*tied_to(supervisor), "echo", "begun"], check=False, stdout=subprocess.PIPE)
        assert ran.stdout.strip() == said


def test_a_port_in_use_is_said_in_a_sentence(environment: dict[str, str], ports: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(ports["CANDIDLY_WEB_PORT"]))):
        ended = serve_in_vain(environment | ports)
    assert ended.returncode == 1
    assert f"Port {ports['CANDIDLY_WEB_PORT']} on 127.0.0.1 cannot be used" in ended.stderr


def test_an_unprepared_database_is_said_in_a_sentence(
    environment: dict[str, str], ports: dict[str, str], tmp_path: Path
) -> None:
    if connection.vendor == "postgresql":
        environment = environment | {"CANDIDLY_DATABASE_URL": os.environ["CANDIDLY_DATABASE_URL"]}
    ended = serve_in_vain(environment | ports | {"CANDIDLY_DATA_DIR": str(tmp_path)})
    assert ended.returncode == 1
    assert "Run first: candidly migrate" in ended.stderr


def serve_in_vain(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`candidly serve` where it cannot start."""
    command = [sys.executable, "-m", "candidly", "serve"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
