"""An SMTP server of our own that misbehaves as it is told, and tells what it saw."""

import base64
import hmac
import itertools
import socket
import socketserver
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from tests.peers.certificates import Certificate

STEPS = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content", "dot", "rset", "quit")


@dataclass(frozen=True)
class Mail:
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes


class HangUp(Exception):
    """The server ends the connection."""


class FaultyServer(socketserver.ThreadingTCPServer):
    """For each step (see STEPS) one action for every time, or a list for the first times; then all is well.

    An action is "ok", a reply such as "451 4.3.0 busy" (a 421 also hangs up), "drop" (hangs up without an
    answer), "hang" (never answers), "slow" (answers after a while), or "garbage". The step "content" comes
    when the first line of the content has been read. About mail to `silent_domains` it says nothing until it is told to
    `speak`. `login` is the user name and password that it insists on,
    `ways` are those of signing in that it offers.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self,
        *,
        pipelining: bool = True,
        certificate: Certificate | None = None,
        tls_from_the_start: bool = False,
        login: tuple[str, str] | None = None,
        ways: str = "PLAIN LOGIN",
        features: Iterable[str] = (),
        silent_domains: Iterable[str] = (),
        **actions: str | Iterable[str],
    ) -> None:
        assert set(actions) <= set(STEPS)
        self.actions = {step: _as_iterator(given) for step, given in actions.items()}
        self.tls = certificate.server_context() if certificate else None
        self.tls_from_the_start = tls_from_the_start
        self.login = login
        self.ways = ways
        self.silent_domains = frozenset(silent_domains)
        self.speak = threading.Event()
        self.before_dot: Callable[[], object] = lambda: None  # when a mail is here whole, before anything is said of it
        self.features = [*features, *(["PIPELINING"] if pipelining else [])]
        self.connections = 0
        self.verbs: list[str] = []
        self.arguments: defaultdict[str, list[str]] = defaultdict(list)  # by verb
        self.mails: list[Mail] = []
        self.under_way: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def host(self) -> str:
        return "localhost"  # the name in the certificates

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def action(self, step: str) -> str:
        with self.lock:
            return next(self.actions.get(step, iter(())), "ok")

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up_on_all(self) -> None:
        """As a server does with connections that lie idle, or when it ends."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def enter(self, domain: str) -> None:
        with self.lock:
            self.under_way[domain] += 1
            self.peak[domain] = max(self.peak[domain], self.under_way[domain])

    def leave(self, domain: str) -> None:
        with self.lock:
            self.under_way[domain] -= 1


def _as_iterator(given: str | Iterable[str]) -> Iterator[str]:
    return itertools.repeat(given) if isinstance(given, str) else iter(list(given))


class _Conversation(socketserver.BaseRequestHandler):
    server: FaultyServer

    def handle(self) -> None:
        self.sock: socket.socket = self.request
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input: BinaryIO = self.sock.makefile("rb")
        self.signed_in = False
        self.start_over()
        with suppress(HangUp, OSError):
            if self.server.tls_from_the_start:
                self.start_tls()
            self.answer("greeting", "220 faulty.test ESMTP")
            while line := self.input.readline():
                self.obey(line.decode(errors="replace").strip())
        self.start_over()
        self.input.close()
        self.sock.close()

    def start_over(self) -> None:
        for recipient in getattr(self, "recipients", []):
            self.server.leave(_domain(recipient))
        self.sender: str | None = None
        self.recipients: list[str] = []

    def obey(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        self.server.verbs.append(verb.upper())
        self.server.arguments[verb.upper()].append(argument)
        method = getattr(self, f"do_{verb.lower()}", None)
        if method is None:
            self.say("502 5.5.1 what?")
        else:
            method(argument)

    def do_ehlo(self, argument: str) -> None:
        features = list(self.server.features)
        if self.server.tls and not self.encrypted:
            features.append("STARTTLS")
        if self.server.login:
            features.append(f"AUTH {self.server.ways}")
        lines = ["faulty.test", *features]
        self.answer("ehlo", "\r\n".join(f"250{'-' if n < len(lines) else ' '}{x}" for n, x in enumerate(lines, 1)))

    def do_helo(self, argument: str) -> None:
        self.say("250 faulty.test")

    def do_starttls(self, argument: str) -> None:
        if self.answer("starttls", "220 go ahead"):
            self.start_tls()

    def do_auth(self, argument: str) -> None:
        method, _, initial = argument.partition(" ")
        match method:
            case "PLAIN":
                given: tuple[str, ...] = tuple(base64.b64decode(initial).decode().split("\0")[1:])
            case "XOAUTH2":
                user, token = base64.b64decode(initial).decode().rstrip("\1").split("\1")
                given = user.removeprefix("user="), token.removeprefix("auth=Bearer ")
                if given != self.server.login:
                    self.ask('{"status":"401"}')
            case "CRAM-MD5":
                given = self.seen_through(*self.ask("<1896.697170952@faulty.test>").split(" "))
            case _:
                user = base64.b64decode(initial).decode() if initial else self.ask("Username:")
                given = (user, self.ask("Password:"))
        self.signed_in = given == self.server.login
        self.answer("auth", "235 2.7.0 welcome" if self.signed_in else "535 5.7.8 wrong user name or password")

    def seen_through(self, user: str, digest: str) -> tuple[str, ...]:
        """What was given, if this is the digest of the right password."""
        _, password = self.server.login or ("", "")
        right = hmac.new(password.encode(), b"<1896.697170952@faulty.test>", "md5").hexdigest()
        return user, password if digest == right else ""

    def do_mail(self, argument: str) -> None:
        if self.server.login and not self.signed_in:
            self.say("530 5.7.0 sign in first")
        elif self.answer("mail", "250 2.1.0 ok"):
            self.sender = _in_angles(argument)

    def do_rcpt(self, argument: str) -> None:
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
            return
        if _domain(_in_angles(argument)) in self.server.silent_domains:
            self.server.speak.wait(60)
        if self.answer("rcpt", "250 2.1.5 ok"):
            self.recipients.append(_in_angles(argument))
            self.server.enter(_domain(self.recipients[-1]))

    def do_data(self, argument: str) -> None:
        good = "354 go ahead" if self.recipients else "503 5.5.1 RCPT first"
        if self.answer("data", good) and self.recipients:
            self.take_content()
        elif self.last_code == 354:
            self.input.readline()  # the lone dot
            self.say("554 5.5.1 no valid recipients")

    def take_content(self) -> None:
        lines = [self.input.readline()]
        self.perform("content", "")
        while lines[-1] and lines[-1] != b".\r\n":
            lines.append(self.input.readline())
        if not lines[-1]:
            raise HangUp
        raw = b"".join(line.removeprefix(b".") for line in lines[:-1])
        mail = Mail(self.sender or "", tuple(self.recipients), raw)
        self.server.before_dot()
        said = self.perform("dot", "250 2.0.0 ok: queued as 4FQ7")
        self.start_over()
        if said.startswith("2"):
            self.server.mails.append(mail)
        self.say(said)

    def do_rset(self, argument: str) -> None:
        self.start_over()
        self.answer("rset", "250 2.0.0 ok")

    def do_quit(self, argument: str) -> None:
        self.answer("quit", "221 2.0.0 bye")
        raise HangUp

    def answer(self, step: str, good: str) -> bool:
        """Does what the script says for this step; tells whether the answer was a good one."""
        said = self.perform(step, good)
        self.say(said)
        return said[0] in "23"

    def perform(self, step: str, good: str) -> str:
        """What to say, after waiting or hanging up as the script wants."""
        action = self.server.action(step)
        if action == "slow":
            time.sleep(0.1)
        elif action == "hang":
            self.server.stopping.wait(60)
        if action in ("hang", "drop"):
            raise HangUp
        return {"ok": good, "slow": good, "garbage": "I am a teapot"}.get(action, action)

    def ask(self, question: str) -> str:
        self.say(f"334 {base64.b64encode(question.encode()).decode()}")
        return base64.b64decode(self.input.readline()).decode()

    def say(self, reply: str) -> None:
        self.last_code = int(reply[:3]) if reply[:3].isdigit() else 0
        self.sock.sendall(f"{reply}\r\n".encode())
        if self.last_code == 421:
            raise HangUp

    def start_tls(self) -> None:
        assert self.server.tls is not None
        self.input.close()
        self.sock = self.server.tls.wrap_socket(self.sock, server_side=True)
        self.input = self.sock.makefile("rb")

    @property
    def encrypted(self) -> bool:
        return self.sock is not self.request


def _in_angles(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


@contextmanager
def faulty_server_running(server: FaultyServer) -> Iterator[FaultyServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.speak.set()
        server.shutdown()
        server.hang_up_on_all()
        server.server_close()
        thread.join()
