"""A real Dovecot. Every user name opens a mailbox of its own, made when it is first used: each test takes another."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.peers.certificates import Certificate
from tests.peers.processes import answers, open_folder, program, wait_until
from tests.support.ports import free_port

PASSWORD = "nobody-else’s-mail"  # with a letter that is not ASCII
#: Whom the mailboxes belong to on this machine.
OWNER = "mail"
_INSTALL = "apt-get install -y --no-install-recommends dovecot-imapd"
_NUMBERS = count(1)

_CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
stats_writer_socket_path =
ssl = required
ssl_cert = <{certificate.certificate}
ssl_key = <{certificate.key}
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 100
service imap-login {{
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service auth {{
  unix_listener for-postfix {{
    mode = 0666
  }}
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
{folders}}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = allow_all_users=yes uid={owner} gid={owner} home={folder}/mail/%u
}}
{more}
"""
_TOKENS = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""
_FOLDERS = "".join(
    f"  mailbox {name} {{\n    special_use = \\{name}\n    auto = create\n  }}\n"
    for name in ("Sent", "Drafts", "Junk", "Trash")
)


@dataclass(frozen=True)
class Dovecot:
    """`port` speaks TLS from the start, `starttls_port` after STARTTLS. `host` is the name in the certificate."""

    host: str
    port: int
    starttls_port: int
    folder: Path
    certificate: Certificate

    def user(self, name: str = "hannah") -> str:
        """A user name that nobody has had."""
        return f"{name}{next(_NUMBERS)}@northlane.example"

    def credentials(self, user: str, **changes: str) -> dict[str, str]:
        """What opens this user's mailbox here, as ours keep it. Nothing takes mail at the SMTP address."""
        values = {
            "imap_host": self.host,
            "imap_port": str(self.port),
            "imap_security": "tls",
            "smtp_host": self.host,
            "smtp_port": "1",
            "smtp_security": "tls",
            "username": user,
            "password": PASSWORD,
        }
        return {**values, **changes}

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def dovecot_running(
    certificate: Certificate, more: str = "", folders: str = _FOLDERS, tokens: str = ""
) -> Iterator[Dovecot]:
    """Dovecot with its own configuration, and `more` of it, mailboxes and log. It starts as root, as it must for the
    rights of its parts. `folders` says which there are beside the inbox, and what they are for; `tokens` is where it
    asks whose an access token is."""
    dovecot = program("dovecot", _INSTALL)
    if os.geteuid() != 0:
        pytest.fail("Dovecot can only be started as root. Run these tests as root, in a container for example.")
    with open_folder(owner=OWNER) as folder:
        server = Dovecot("localhost", free_port(), free_port(), folder, certificate)
        (folder / "mail").mkdir()
        (folder / "log").touch()
        for name in ("mail", "log"):  # what delivers mail is not root
            shutil.chown(folder / name, OWNER)
        if tokens:
            (folder / "oauth2.conf").write_text(
                f"tokeninfo_url = {tokens}/?access_token=\nusername_attribute = email\n"
            )
            more += _TOKENS.format(folder=folder)
        _configure(server, more, folders)
        command = [dovecot, "-F", "-c", str(folder / "dovecot.conf")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                wait_until(lambda: process.poll() is not None or answers(server.port), "Dovecot listens")
                if process.poll() is not None and process.stdout:
                    pytest.fail(f"Dovecot ended at once and said: {process.stdout.read().decode(errors='replace')}")
                yield server
            finally:
                process.terminate()


def _configure(server: Dovecot, more: str, folders: str) -> None:
    text = _CONFIGURATION.format(
        folder=server.folder,
        certificate=server.certificate,
        starttls_port=server.starttls_port,
        tls_port=server.port,
        password=PASSWORD,
        owner=OWNER,
        more=more,
        folders=folders,
    )
    (server.folder / "dovecot.conf").write_text(text)
