"""A door of our own before a stand-in for Google: it misbehaves as it is told, and tells what it was asked."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

_HOP = {"connection", "content-encoding", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"}
SEND, HISTORY, TOKEN, LABELS = r"POST .*/messages/send", r"GET .*/history", r"POST .*token", r"\w+ .*/labels"


@dataclass
class Fault:
    """What happens to the next `times` requests that `matches` (method, space, path): an answer with `status` and
    `body` (bytes, or what is said in JSON); or, if that is 0, none: the request is `passed_on` and its answer lost, or
    neither."""

    matches: str
    status: int = 0
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    passed_on: bool = False
    times: int = 1

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(_error(self.status) if self.body is None else self.body).encode()


class FaultyGoogle(ThreadingHTTPServer):
    """`url` leads to everything that the stand-in has, and to a profile where it has none."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.http = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
        self.asked: list[str] = []  # method, space, path with query
        self.lock = threading.Lock()
        self._faults: list[Fault] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fault(self, matches: str, status: int = 0, *, times: int = 1, **how: Any) -> None:
        with self.lock:
            self._faults.append(Fault(matches, status, times=times, **how))

    def mend(self) -> None:
        """All is well from now on, and nothing has been asked yet."""
        with self.lock:
            self._faults.clear()
            self.asked.clear()

    def count(self, matches: str) -> int:
        return sum(bool(re.match(matches, asked)) for asked in self.asked)

    def next_fault(self, asked: str) -> Fault | None:
        with self.lock:
            self.asked.append(asked)
            found = next((f for f in self._faults if f.times and re.match(f.matches, asked.partition("?")[0])), None)
            if found:
                found.times -= 1
            return found


class _Handler(BaseHTTPRequestHandler):
    server: FaultyGoogle
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.next_fault(f"{self.command} {self.path}")
        if fault and fault.status:
            self._say(fault.status, fault.content(), fault.headers)
        elif fault:
            if fault.passed_on:
                self._pass_on(content)
            self.close_connection = True
        else:
            answer = self._pass_on(content)
            self._say(answer.status_code, answer.content, _end_to_end(answer.headers))

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815 - as http.server names them

    def _pass_on(self, content: bytes) -> httpx.Response:
        if self.command == "GET" and self.path.endswith("/users/me/profile"):
            return self._profile()
        url, headers = f"{self.server.upstream}{self.path}", _end_to_end(self.headers)
        return self.server.http.request(self.command, url, content=content, headers=headers)

    def _profile(self) -> httpx.Response:
        """Where the stand-in has none: as far as its watch tells it."""
        url, headers = f"{self.server.upstream}{self.path}", _end_to_end(self.headers)
        there = self.server.http.get(url, headers=headers)
        if there.status_code != 404:
            return there
        watch = url.replace("/profile", "/watch")
        asked = self.server.http.post(watch, json={"topicName": "projects/tests/topics/none"}, headers=headers)
        return httpx.Response(asked.status_code, json={"historyId": asked.json().get("historyId")})

    def _say(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *said: object) -> None:
        """Says nothing."""


def _end_to_end(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}


def _error(status: int) -> dict[str, Any]:
    reasons = {401: "authError", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}
    said = {"message": "No.", "domain": "global", "reason": reasons.get(status, "backendError")}
    return {"error": {"code": status, "message": "No.", "errors": [said]}}


@contextmanager
def faulty_google_running(upstream: str) -> Iterator[FaultyGoogle]:
    with FaultyGoogle(upstream) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            thread.join()
            door.http.close()
