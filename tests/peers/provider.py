"""A text message provider of our own that misbehaves as it is told, and tells what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


class FaultyProvider(ThreadingHTTPServer):
    """Answers each request with `status` and, where it is no success, the error `code`; 0 hangs up without a word."""

    daemon_threads = True

    def __init__(self, status: int = 201, code: int = 0, body: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.code, self.body = status, code, body
        self.asked: list[dict[str, str]] = []
        self.connections: set[Any] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self) -> str:
        error = {"code": self.code, "message": "No.", "status": self.status}
        return self.body or json.dumps({"sid": f"SM{len(self.asked):032}"} if self.status < 300 else error)


class _Handler(BaseHTTPRequestHandler):
    server: FaultyProvider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.append(dict(parse_qsl(content)))
        self.server.connections.add(self.client_address)
        if not self.server.status:
            self.close_connection = True
            return
        answer = self.server.answer().encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *said: object) -> None:
        """Says nothing."""


@contextmanager
def faulty_provider_running(status: int = 201, code: int = 0, body: str = "") -> Iterator[FaultyProvider]:
    with FaultyProvider(status, code, body) as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
