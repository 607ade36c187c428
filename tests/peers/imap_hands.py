"""The hands of a mailbox's owner, in their own mail program: what a person does there, and sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from imapclient import IMAPClient

from tests.peers.dovecot import PASSWORD, Dovecot


class ImapHands:
    """Signed in as `user`, which is their address."""

    def __init__(self, client: IMAPClient, user: str) -> None:
        self.client = client
        self.address = user

    # What they see

    def mails(self, folder: str = "INBOX") -> list[EmailMessage]:
        """Oldest first."""
        self.client.select_folder(folder, readonly=True)
        uids = self.client.search()
        found = self.client.fetch(uids, ["BODY.PEEK[]"])
        return [message_from_bytes(found[uid][b"BODY[]"], policy=policy.default) for uid in sorted(found)]

    def subjects(self, folder: str = "INBOX") -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails(folder)]

    def unread(self, folder: str = "INBOX") -> int:
        return int(self.client.folder_status(folder, ["UNSEEN"])[b"UNSEEN"])

    def folders(self) -> list[str]:
        return sorted(name for _, _, name in self.client.list_folders())

    # What they do

    def receive(
        self, raw: bytes, folder: str = "INBOX", *, at: datetime | None = None, flags: tuple[str, ...] = ()
    ) -> int:
        """Somebody's mail arrives, or lay there since `at`; returns its number in the folder."""
        said = self.client.append(folder, raw, flags=flags, msg_time=at)
        return int(said.split(b"]")[0].split()[-1])

    def move(self, uid: int, to: str, folder: str = "INBOX") -> None:
        self.client.select_folder(folder)
        self.client.move([uid], to)

    def copy(self, uid: int, to: str, folder: str = "INBOX") -> None:
        self.client.select_folder(folder)
        self.client.copy([uid], to)

    def tag(self, uid: int, keyword: str, folder: str = "INBOX") -> None:
        self.client.select_folder(folder)
        self.client.add_flags([uid], [keyword])

    def delete(self, uid: int, folder: str = "INBOX") -> None:
        """For good."""
        self.client.select_folder(folder)
        self.client.delete_messages([uid])
        self.client.expunge([uid])

    def make_anew(self, folder: str) -> None:
        """The folder with its mails, as after a move to another server: its numbers begin anew."""
        mails = [mail.as_bytes() for mail in self.mails(folder)]
        self.client.unselect_folder()
        self.client.delete_folder(folder)
        self.client.create_folder(folder)
        for raw in mails:
            self.client.append(folder, raw)


@contextmanager
def at_work(dovecot: Dovecot, user: str) -> Iterator[ImapHands]:
    context = dovecot.certificate.client_context()
    with IMAPClient(dovecot.host, dovecot.port, ssl_context=context) as client:
        client.plain_login(user, PASSWORD)
        yield ImapHands(client, user)
