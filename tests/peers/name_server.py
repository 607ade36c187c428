"""A name server of our own that knows one zone, and tells nothing where it is told to be silent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingUDPServer

import dns.flags
import dns.message
import dns.rcode
import dns.zone
from dns.resolver import Resolver


class NameServer(ThreadingUDPServer):
    """Knows what `zone` says in the form of RFC 1035, with whole names; without a zone it knows nothing and says so."""

    daemon_threads = True

    def __init__(self, zone: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.zone = dns.zone.from_text(zone, ".", relativize=False, check_origin=False) if zone else None

    def answer(self, asked: bytes) -> bytes:
        query = dns.message.from_wire(asked)
        question = query.question[0]
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self.zone is None:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found := self.zone.get_rrset(question.name, question.rdtype):
            answer.answer.append(found)
        elif question.name not in self.zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


class _Handler(BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        asked, ours = self.request
        ours.sendto(self.server.answer(asked), self.client_address)


@contextmanager
def name_server_running(zone: str) -> Iterator[Resolver]:
    """One who asks nobody but this server."""
    with NameServer(zone) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        try:
            yield resolver
        finally:
            server.shutdown()
            thread.join()
