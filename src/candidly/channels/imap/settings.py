"""Where a member's mailbox is, and what opens it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from candidly.config import Config
from candidly.envelope import MailboxAccount, PermanentFailure, ReconnectNeeded

#: What an account's credentials may have.
KEYS = (
    *("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security"),
    *("username", "password", "refresh_token"),
)

type Security = Literal["tls", "starttls"]

_HOST = "Write the name of the {kind} server, such as {kind_lower}.example.com."
_PORT = "The port of the {kind} server must be a number from 1 to 65535."
_SECURITY = "Choose how the {kind} server is secured: TLS from the start, or STARTTLS."
_USER = "Write the user name of the mailbox, mostly its address."
_NOTHING_TO_OPEN_IT = "Write the password of the mailbox."
_NOT_ALLOWED = "The administrator of this server allows no mailboxes at {host}. Ask them, or use another server."
_GARBLED = "What opened the mailbox cannot be read any more. Connect it again in the settings."
# In no password that a protocol of lines could carry.
_UNSAYABLE = re.compile(r"[\0\r\n]")


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """What holds for all mailboxes. Times are seconds.

    `connections` is how many mails leave at once, `timeout` holds for each step. `ca_file` (PEM) names the authorities
    to trust instead of the system's. `hosts`, where there are any, are the only mail servers that may be named.
    `patience`: so long a server may take to put what it sent among the sent mails by itself; then we do. At `token_url`
    the client `client_id` gets access tokens (RFC 6749, 6) for mailboxes that are opened without a password.
    """

    connections: int = 4
    timeout: float = 30
    ca_file: str | None = None
    hosts: frozenset[str] = frozenset()
    patience: float = 3
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """Both kinds of security insist on TLS and verify the certificate."""

    host: str
    port: int
    security: Security

    @property
    def place(self) -> str:
        """As people write it: host:port."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Access:
    """What opens one mailbox to be read (`imap`) and to send (`smtp`): a password, or what gets access tokens."""

    imap: Server
    smtp: Server
    username: str
    password: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


def access_to(account: MailboxAccount) -> Access:
    """Raises ReconnectNeeded when its credentials are none that we could have kept."""
    try:
        return read_access(account.credentials)
    except PermanentFailure as error:
        raise ReconnectNeeded(_GARBLED) from error


def read_access(credentials: Mapping[str, str]) -> Access:
    """Of `imap_host`, `imap_port`, `imap_security` ("tls", "starttls"), the same of `smtp_`, `username` and `password`,
    or a `refresh_token` instead.

    Raises PermanentFailure with a sentence on the first that is missing or cannot be.
    """
    access = Access(
        imap=_server(credentials, "IMAP"),
        smtp=_server(credentials, "SMTP"),
        username=credentials.get("username", "").strip(),
        password=credentials.get("password", ""),
        refresh_token=credentials.get("refresh_token", ""),
    )
    if not access.username or not access.username.isprintable():
        raise PermanentFailure(_USER)
    if not (access.password or access.refresh_token) or _UNSAYABLE.search(access.password):
        raise PermanentFailure(_NOTHING_TO_OPEN_IT)
    return access


def _server(credentials: Mapping[str, str], kind: str) -> Server:
    prefix = kind.lower()
    host, port = credentials.get(f"{prefix}_host", "").strip(), credentials.get(f"{prefix}_port", "")
    security = credentials.get(f"{prefix}_security", "tls")
    if not host or not host.isprintable() or " " in host:
        raise PermanentFailure(_HOST.format(kind=kind, kind_lower=prefix))
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise PermanentFailure(_PORT.format(kind=kind))
    if security == "tls":
        return Server(host, int(port), "tls")
    if security == "starttls":
        return Server(host, int(port), "starttls")
    raise PermanentFailure(_SECURITY.format(kind=kind))


def allow(access: Access, settings: ImapSettings) -> None:
    """Raises PermanentFailure for servers that may not be named."""
    for server in (access.imap, access.smtp):
        if settings.hosts and server.host.lower() not in settings.hosts:
            raise PermanentFailure(_NOT_ALLOWED.format(host=server.host))


def imap_settings(config: Config) -> ImapSettings:
    return ImapSettings(
        connections=config.imap_connections,
        timeout=config.imap_timeout,
        ca_file=str(config.imap_ca_file) if config.imap_ca_file else None,
        hosts=frozenset(host.lower() for host in config.imap_hosts),
        token_url=config.imap_token_url,
        client_id=config.imap_client_id,
        client_secret=config.imap_client_secret,
    )
