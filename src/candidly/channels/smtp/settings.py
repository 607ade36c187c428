"""How to reach the mail server that takes our mail."""

from dataclasses import dataclass, field
from typing import Literal

type Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """The gateway for outgoing mail. All times are seconds.

    `security`: "starttls" and "tls" both insist on TLS and verify the certificate against the system's
    authorities, or against `ca_file` (PEM) where one is given. An empty `username` means no sign-in; with an
    `access_token` it signs in by XOAUTH2 instead of a password.
    `connections`: how many are open at once; `domain_connections`: how many messages to one recipient
    domain may be under way at once. `timeout` holds for each step; `acceptance_timeout` for the answer
    after the content, over which a server may take its time (RFC 5321, 4.5.3.2.6, advises ten minutes).
    `ehlo_name` empty means this machine's own name.
    """

    host: str
    port: int
    security: Security = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    connections: int = 4
    timeout: float = 30.0
    domain_connections: int = 2
    ehlo_name: str = ""
    ca_file: str | None = None
    messages_per_connection: int = 500
    acceptance_timeout: float = 120.0
    access_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for numbers with which no mail could ever go."""
        for name in ("connections", "domain_connections", "messages_per_connection", "timeout", "acceptance_timeout"):
            if getattr(self, name) <= 0:
                raise ValueError(f"The relay's “{name}” is {getattr(self, name)}. Set it to 1 or more.")

    @property
    def place(self) -> str:
        """The gateway as people write it: host:port."""
        return f"{self.host}:{self.port}"
