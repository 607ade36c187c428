"""A provider's token endpoint (RFC 6749, 6), and what tells a mail server whose an access token is."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, parse_qsl, urlsplit

CLIENT_ID, CLIENT_SECRET = "candidly", "a client secret of the tests"


class TokenServer(ThreadingHTTPServer):
    """`lasting` are refresh tokens, by user; `good` are users by access token. `renews`: each use of a refresh token
    gives another one in its place. `answer`, where it is set, is what is said instead: status and body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lasting: dict[str, str] = {}
        self.good: dict[str, str] = {}
        self.renews = False
        self.answer: tuple[int, bytes] | None = None
        self.asked: list[dict[str, str]] = []
        self._numbers = count(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    def let_in(self, user: str) -> str:
        """A refresh token for this user's mailbox."""
        token = f"lasting-{next(self._numbers)}"
        self.lasting[token] = user
        return token

    def mend(self) -> None:
        self.renews, self.answer = False, None
        self.asked.clear()

    def give(self, form: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(form)
        if self.answer:
            return self.answer
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, json.dumps({"error": "invalid_client"}).encode()
        user = self.lasting.get(form.get("refresh_token", ""))
        if form.get("grant_type") != "refresh_token" or user is None:
            return 400, json.dumps({"error": "invalid_grant"}).encode()
        token = f"access-{next(self._numbers)}"
        self.good[token] = user
        given = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        if self.renews:
            given["refresh_token"] = self.let_in(user)
            del self.lasting[form["refresh_token"]]
        return 200, json.dumps(given).encode()

    def tell(self, token: str) -> tuple[int, bytes]:
        user = self.good.get(token)
        return (200, json.dumps({"email": user}).encode()) if user else (401, b"{}")


class _Handler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._say(*self.server.give(dict(parse_qsl(content))))

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        self._say(*self.server.tell(asked.get("access_token", [""])[0]))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Says nothing."""


@contextmanager
def token_server_running() -> Iterator[TokenServer]:
    with TokenServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
