"""Every setting of a running Candidly, read from the environment as `CANDIDLY_*` (docs/running.md lists them)."""

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

#: From a range that is never given to anybody (Ofcom's numbers for drama).
SANDBOX_NUMBER = "+447700900000"
#: Of Google's quota, in its units: what it costs to send a mail, and to ask for the name that it got.
GMAIL_UNITS_OF_A_MAIL = 105


class Config(BaseSettings):
    """The typed form of the environment. An unreadable value stops the start with the setting's name."""

    model_config = SettingsConfigDict(env_prefix="CANDIDLY_", env_file=".env", extra="ignore")

    debug: bool = False
    data_dir: Path = Path("data")
    secret_key: str = ""
    encryption_keys: list[str] = Field(default_factory=list)
    base_url: str = "http://127.0.0.1:8000"
    allowed_hosts: list[str] = Field(default_factory=list)

    database_url: str = ""

    web_host: str = "127.0.0.1"
    web_port: int = 8000
    web_threads: int = 8

    relay_host: str = ""
    relay_port: int = 587
    relay_security: Literal["starttls", "tls", "none"] = "starttls"
    relay_username: str = ""
    relay_password: str = ""
    relay_ca_file: Path | None = None
    relay_connections: int = 4
    relay_domain_connections: int = 2
    relay_timeout: float = 30
    relay_client_name: str = ""

    sandbox_port: int = 2525

    inbound_host: str = "127.0.0.1"
    inbound_port: int = 2526
    inbound_domain: str = "reply.candidly.localhost"
    inbound_max_bytes: int = 40_000_000
    inbound_certificate: Path | None = None
    inbound_key: Path | None = None

    mail_from: str = ""
    bounce_addresses: bool = True
    soft_bounces: int = 3

    sms_account: str = ""
    sms_token: str = ""
    sms_number: str = ""
    sms_api_url: str = ""
    sms_timeout: float = 15
    sms_connections: int = 4

    google_client_id: str = ""
    google_client_secret: str = ""
    google_auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    google_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    google_revoke_url: str = "https://oauth2.googleapis.com/revoke"
    google_certs_url: str = "https://www.googleapis.com/oauth2/v3/certs"
    google_issuer: str = "https://accounts.google.com"
    gmail_api_url: str = "https://gmail.googleapis.com"
    gmail_timeout: float = 30
    gmail_connections: int = 4
    gmail_units_per_minute: int = 6000
    gmail_push_topic: str = ""
    gmail_push_account: str = ""

    imap: bool = False
    imap_hosts: list[str] = Field(default_factory=list)
    imap_ca_file: Path | None = None
    imap_timeout: float = 30
    imap_connections: int = 4
    imap_token_url: str = ""
    imap_client_id: str = ""
    imap_client_secret: str = ""

    mailbox_poll: float = 15
    mailbox_readers: int = 4
    mailbox_listeners: int = 20

    portal_link_days: int = 180

    attachment_max_bytes: int = 20_000_000
    mailing_per_minute: int = 0

    metrics_token: str = ""

    @property
    def sandbox(self) -> bool:
        """Whether mail goes to the built-in sandbox: always when no relay is named, never when one is."""
        return not self.relay_host

    @property
    def sms_sandbox(self) -> bool:
        """Whether texts go to the built-in phone: only beside the mail sandbox, and when no account is named."""
        return self.sandbox and not self.sms_account

    @property
    def texts(self) -> bool:
        """Whether text messages can be sent at all."""
        return bool(self.sms_account) or self.sms_sandbox

    @property
    def gmail(self) -> bool:
        """Whether members can connect their Gmail mailboxes at all."""
        return bool(self.google_client_id)

    @property
    def own_mailboxes(self) -> bool:
        """Whether members can connect a mailbox of their own at all, be it Gmail or another."""
        return self.gmail or self.imap

    @property
    def gmail_mails_per_minute(self) -> int:
        """How many mails one Gmail mailbox may send in a minute."""
        return max(1, self.gmail_units_per_minute // GMAIL_UNITS_OF_A_MAIL)

    @property
    def text_number(self) -> str:
        """The number that texts come from where an organization has none of its own; E.164."""
        return self.sms_number or (SANDBOX_NUMBER if self.sms_sandbox else "")

    def text_account(self) -> tuple[str, str]:
        """Account and token at the text message provider; those for the sandbox phone are made from our own key."""
        if not self.sms_sandbox:
            return self.sms_account, self.sms_token
        made = hmac.digest(self.signing_key().encode(), b"sandbox phone", "sha256").hex()
        return f"AC{made[:32]}", made[32:]

    @property
    def sqlite_path(self) -> Path:
        return self.data_dir / "candidly.sqlite3"

    @property
    def attachments_dir(self) -> Path:
        return self.data_dir / "attachments"

    def signing_key(self) -> str:
        """The configured secret, or one made at the first start and kept in the data folder, readable by us alone."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text().strip()

    @property
    def sealing_keys_path(self) -> Path:
        """Where the keys are kept that the settings do not name, one a line, the newest first."""
        return self.data_dir / "encryption_keys"

    def sealing_keys(self) -> list[str]:
        """The keys that secrets at rest are encrypted with, in Fernet's form: the first encrypts, all decrypt.

        Those of the settings, or one made when it is first needed and kept in the data folder, readable by us alone.
        """
        if self.encryption_keys:
            return self.encryption_keys
        path = self.sealing_keys_path
        if not path.exists():
            _write_once(path, new_sealing_key())
        return path.read_text().split()

    def write_sealing_keys(self, keys: list[str]) -> None:
        """Keep these from now on, in one step: a reader never finds half of them."""
        fresh = self.sealing_keys_path.with_name(f"{self.sealing_keys_path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text("\n".join(keys))
        fresh.replace(self.sealing_keys_path)


def new_sealing_key() -> str:
    """32 random bytes in the alphabet that is safe in addresses, as Fernet wants them."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _write_once(path: Path, text: str) -> None:
    """Create `path` with `text`; of several processes starting at once, the first one's text stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f"{path.name}.{os.getpid()}")
    whole.touch(mode=0o600)
    whole.write_text(text)
    try:
        os.link(whole, path)
    except FileExistsError:
        pass
    finally:
        whole.unlink()


@cache
def config() -> Config:
    """The settings of this process, read once."""
    return Config()
