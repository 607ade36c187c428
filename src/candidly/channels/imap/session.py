"""One connection to a mailbox: a few questions, each answer in our words. Nothing it asks marks a mail as read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError
from imapclient.imap_utf7 import decode as decode_name
from imapclient.response_parser import parse_response

from candidly.channels.imap.errors import NO_WAY_IN, dialling, in_our_words, signing_in
from candidly.channels.imap.settings import Access, ImapSettings, Server
from candidly.channels.reaching import tls_context
from candidly.envelope import DeliveryFailure, ReconnectNeeded

_STATE = ("UIDVALIDITY", "UIDNEXT")


class State(NamedTuple):
    """How far a folder is: `validity` changes when its numbers begin anew, `following` is the next number that it
    gives, `modseq` grows with every change (RFC 7162); 0 where the server does not count them."""

    validity: int
    following: int
    modseq: int


class Listed(NamedTuple):
    """A folder as the server tells of it; `flags` in lower case."""

    name: str
    delimiter: str
    flags: frozenset[str]
    state: State | None


class Selected(NamedTuple):
    """What is asked about from now on: a folder's UIDVALIDITY and next number, and the flags and keywords in use."""

    validity: int
    following: int
    flags: frozenset[str]
    takes_keywords: bool


class _Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    """Without the library's log of all that is said: passwords and mails are in it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._imap.debug = 0
        self.normalise_times = False

    def list_with_states(self, wanted: str) -> tuple[list[Any], dict[str, dict[bytes, int]]]:
        """Folders as `list_folders` tells them, and their states by name, in one round trip (RFC 5819)."""
        options = f"RETURN (SPECIAL-USE STATUS ({wanted}))" if self._knows_uses() else f"RETURN (STATUS ({wanted}))"
        for name in ("LIST", "STATUS"):
            self._imap.untagged_responses.pop(name, None)
        kind, said = self._imap._simple_command("LIST", '""', '"*"', options)
        self._checkok("LIST", kind, said)
        listed = self._imap.untagged_responses.pop("LIST", [])
        states = parse_response(self._imap.untagged_responses.pop("STATUS", [None]))
        by_name = {_decoded(name): dict(_pairs(items)) for name, items in _pairs(states)}
        return self._proc_folder_list(listed), by_name

    def _knows_uses(self) -> bool:
        return bool(self.has_capability("SPECIAL-USE"))


def _decoded(name: Any) -> str:
    return str(name) if isinstance(name, int) else str(decode_name(name))


def _pairs(items: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(items[::2], items[1::2], strict=False)


class Session:
    """Signed in. Every method raises DeliveryFailure, after which it `is_broken`: who knows what would be said next?"""

    def __init__(self, access: Access, settings: ImapSettings, access_token: str = "") -> None:
        self.server = access.imap
        self.is_broken = False
        self._timeout = settings.timeout
        self._is_examining = False
        self._client = _connect(self.server, settings)
        try:
            with signing_in(self.server, self._timeout):
                _sign_in(self._client, access, access_token)
            with in_our_words(self.server, self._timeout):
                self._capabilities = frozenset(bytes(one).decode() for one in self._client.capabilities())
        except DeliveryFailure:
            self.drop()
            raise

    def knows(self, capability: str) -> bool:
        return capability in self._capabilities

    def folders(self) -> list[Listed]:
        """All that can be opened, with their states."""
        with self._asking():
            self._leave_folder()
            wanted = " ".join((*_STATE, "HIGHESTMODSEQ") if self.knows("CONDSTORE") else _STATE)
            if self.knows("LIST-STATUS"):
                listed, states = self._client.list_with_states(wanted)
            else:
                listed, states = self._client.list_folders(), {}
            there = [(flags, mark, name) for flags, mark, name in listed if not _is_closed(flags)]
            return [self._listed(flags, mark, name, states.get(name), wanted) for flags, mark, name in there]

    @property
    def keeps_what_it_sends(self) -> bool:
        """Whether it is one of those that are known to put what is sent by them among the sent mails."""
        return self.knows("X-GM-EXT-1") or b"Microsoft Exchange" in self._client.welcome

    @cached_property
    def prefixes(self) -> tuple[str, frozenset[str]]:
        """What the names of our own folders begin with, and what those of others' do (RFC 2342)."""
        if not self.knows("NAMESPACE"):
            return "", frozenset()
        with self._asking():
            own, *others = self._client.namespace()
            foreign = frozenset(prefix for found in others for prefix, _ in found or () if prefix)
            return (str(own[0][0]) if own else ""), foreign

    def examine(self, folder: str) -> Selected:
        with self._asking():
            said = self._client.select_folder(folder, readonly=True)
            self._is_examining = True
            flags = frozenset(bytes(flag).decode(errors="replace").lower() for flag in said.get(b"FLAGS", ()))
            following = int(said.get(b"UIDNEXT", 0))
            return Selected(int(said[b"UIDVALIDITY"]), following, flags, b"\\*" in said.get(b"PERMANENTFLAGS", ()))

    def _leave_folder(self) -> None:
        """Of an examined folder a server need not tell how far it is by now (RFC 9051, 6.3.11)."""
        if self._is_examining:
            self._is_examining = False
            self._client.close_folder()

    def search(self, criteria: str) -> list[int]:
        """UIDs in the examined folder. What comes from outside stands in `quoted` in it."""
        with self._asking():
            return [int(uid) for uid in self._client.search(criteria)]

    def fetch(self, uids: Sequence[int], *items: str) -> dict[int, Mapping[bytes, Any]]:
        """By UID, of those that are still there."""
        with self._asking():
            return dict(self._client.fetch(list(uids), list(items)))

    def append(self, folder: str, content: bytes) -> None:
        """Put a mail there that its owner knows already."""
        with self._asking():
            self._client.append(folder, content, flags=(b"\\Seen",))

    def create(self, folder: str) -> bool:
        """Whether there is such a folder now; it is shown where only chosen folders are."""
        with self._asking():
            try:
                self._client.create_folder(folder)
            except IMAPClientError:
                return bool(self._client.folder_exists(folder))
            self._client.subscribe_folder(folder)
            return True

    def listen(self, seconds: float) -> bool:
        """Wait for a change in the examined folder (RFC 2177), and `seconds` at most; says whether there was one."""
        with self._asking():
            _, before = self._client.noop()
            if _tells_of_change(before):
                return True
            self._client.idle()
            heard = self._client.idle_check(timeout=seconds)
            _, later = self._client.idle_done()
            return _tells_of_change([*heard, *later])

    def is_alive(self) -> bool:
        try:
            with self._asking():
                self._client.noop()
        except DeliveryFailure:
            return False
        return True

    def leave(self) -> None:
        if self.is_broken:
            self.drop()
            return
        try:
            with self._asking():
                self._client.logout()
        except DeliveryFailure:
            self.drop()

    def drop(self) -> None:
        """Without a word."""
        try:
            self._client.shutdown()
        except OSError:
            return

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with in_our_words(self.server, self._timeout):
                yield
        except DeliveryFailure:
            self.is_broken = True
            raise

    def _listed(self, flags: Sequence[bytes], mark: Any, name: str, state: Any, wanted: str) -> Listed:
        if state is None and not self.knows("LIST-STATUS"):
            state = self._client.folder_status(name, wanted.split())
        delimiter = bytes(mark).decode() if mark else ""
        return Listed(name, delimiter, frozenset(bytes(flag).decode().lower() for flag in flags), _state(state))


def _tells_of_change(told: Sequence[Any]) -> bool:
    """Numbers come first where something happened to a mail; all else is small talk."""
    return any(isinstance(one[0], int) for one in told)


def _is_closed(flags: Sequence[bytes]) -> bool:
    return not {b"\\noselect", b"\\nonexistent"}.isdisjoint(bytes(flag).lower() for flag in flags)


def _state(said: Mapping[bytes, int] | None) -> State | None:
    if not said or b"UIDVALIDITY" not in said:
        return None
    return State(int(said[b"UIDVALIDITY"]), int(said.get(b"UIDNEXT", 0)), int(said.get(b"HIGHESTMODSEQ", 0)))


def _connect(server: Server, settings: ImapSettings) -> IMAPClient:
    context = tls_context(settings.ca_file, server.place)
    timeout = SocketTimeout(settings.timeout, settings.timeout)
    with dialling(server, settings.timeout):
        is_secure = server.security == "tls"
        client = _Client(server.host, server.port, ssl=is_secure, ssl_context=context, timeout=timeout)
        if is_secure:
            return client
        try:
            client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
        return client


def _sign_in(client: IMAPClient, access: Access, access_token: str) -> None:
    if access_token:
        _insist(client, "AUTH=XOAUTH2", access, "XOAUTH2")
        client.oauth2_login(access.username, access_token)
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(access.username, access.password)
    elif client.has_capability("LOGINDISABLED"):
        raise ReconnectNeeded(NO_WAY_IN.format(place=access.imap.place, way="password"))
    else:
        client.login(quoted(access.username), access.password)


def _insist(client: IMAPClient, capability: str, access: Access, way: str) -> None:
    if not client.has_capability(capability):
        raise ReconnectNeeded(NO_WAY_IN.format(place=access.imap.place, way=way))


def quoted(text: str) -> str:
    """As a quoted string (RFC 9051, 4.3); `text` is printable ASCII."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
