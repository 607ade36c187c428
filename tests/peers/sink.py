"""Postfix's smtp-sink: takes mail as a real server does, keeps it as files, and fails as it is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.peers.processes import open_folder, program, running
from tests.support.ports import free_port


@dataclass(frozen=True)
class Sink:
    host: str
    port: int
    folder: Path

    def mails(self) -> list[EmailMessage]:
        """What it kept, oldest first. The envelope is in X-Mail-Args and X-Rcpt-Args."""
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def recipients(self) -> list[str]:
        return [str(mail["X-Rcpt-Args"]).partition(">")[0].lstrip("<") for mail in self.mails()]


@contextmanager
def smtp_sink_running(*options: str, port: int | None = None) -> Iterator[Sink]:
    """smtp-sink with the options of its manual page, such as "-r", "rcpt"."""
    port = port or free_port()
    user = ["-u", "postfix"] if os.geteuid() == 0 else []  # as root it insists on giving up its rights
    with open_folder(owner="postfix" if user else None) as folder:
        command = [program("smtp-sink"), *user, "-d", f"{folder}/%M.", *options, f"127.0.0.1:{port}", "64"]
        with running(command, port):
            yield Sink("127.0.0.1", port, folder)
