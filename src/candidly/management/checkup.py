"""What must be true for Candidly to work here: each check looks at one thing and says it in a sentence."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.db import DatabaseError, connection

from candidly.channels.gmail.settings import gmail_settings
from candidly.channels.sms.account import try_out as try_out_texts
from candidly.channels.smtp.connect import try_out
from candidly.config import Config
from candidly.demo import story
from candidly.envelope import DeliveryFailure, TemporaryFailure
from candidly.mail import addresses
from candidly.management import ports
from candidly.management.finding import Finding
from candidly.management.mail_domain import inbound_domain, return_path
from candidly.management.migrations import missing_migrations
from candidly.models import Mailbox, Sealed
from candidly.rules import own_mailboxes
from candidly.rules.restored import held_before
from candidly.worker.relay import relay_settings
from candidly.worker.texts import text_settings

LEAST_FREE_BYTES = 1_000_000_000
LARGEST_CLOCK_DIFFERENCE = timedelta(seconds=5)
#: This version was made after that day, so a clock that says otherwise is wrong.
NOT_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
#: Seconds.
LONGEST_LAG = 300
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_all(config: Config) -> Iterator[Finding]:
    """Every check's finding, as soon as it is known."""
    for check in CHECKS:
        yield check(config)


def database(config: Config) -> Finding:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return Finding(
            f"The database does not answer: {str(error).strip()}",
            "Start it, or correct CANDIDLY_DATABASE_URL; without that setting SQLite in the data folder is used.",
        )
    name = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    return Finding(f"The database answers ({name} {'.'.join(map(str, connection.get_database_version()))}).")


def tables(config: Config) -> Finding:
    try:
        missing = missing_migrations()
    except DatabaseError:
        return Finding("Whether the tables are there cannot be seen.", "Mend the database first.")
    if missing:
        return Finding(f"{len(missing)} migrations have not been run.", "Run: candidly migrate")
    return Finding("The tables are those of this version.")


def data_folder(config: Config) -> Finding:
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.data_dir):
            pass
    except OSError as error:
        return Finding(
            f"The data folder {config.data_dir} cannot be written to ({error.strerror}).",
            "Give this account the right to write there, or choose another CANDIDLY_DATA_DIR.",
        )
    return Finding(f"The data folder {config.data_dir.resolve()} can be written to.")


def disk_space(config: Config) -> Finding:
    if not config.data_dir.exists():
        return Finding("How much space is left cannot be seen.", "Mend the data folder first.")
    free = shutil.disk_usage(config.data_dir).free
    says = f"{free / 1e9:.1f} GB are free in the data folder."
    return Finding(says, "Make room: below 1 GB mail may be refused." if free < LEAST_FREE_BYTES else "")


def clock(config: Config) -> Finding:
    """Against the database server's clock, and against the age of this version."""
    now = datetime.now(UTC)
    fix = "Set the clock, and keep it right with chrony or systemd-timesyncd."
    if now < NOT_BEFORE:
        return Finding(f"The clock says {now:%d %B %Y}, which cannot be.", fix)
    difference = abs(_database_clock(now) - now)
    if difference > LARGEST_CLOCK_DIFFERENCE:
        return Finding(f"This clock and the database's are {difference.total_seconds():.0f} seconds apart.", fix)
    return Finding(f"The clock says {now:%d %B %Y, %H:%M} UTC.")


def _database_clock(now: datetime) -> datetime:
    if connection.vendor != "postgresql" or not connection.is_usable():
        return now
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    return there if isinstance(there, datetime) else now


def relay(config: Config) -> Finding:
    """As far as a mail would go before its content: connection, TLS, sign-in."""
    settings = relay_settings(config)
    if config.sandbox and not ports.answers(settings.host, settings.port):
        return Finding("Mail stays on this machine: the sandbox takes it. It is not running at the moment.")
    try:
        try_out(settings)
    except TemporaryFailure as failure:
        return Finding(failure.reason, "Then run “candidly doctor” again.")
    if config.sandbox:
        return Finding("Mail stays on this machine: the sandbox takes it.")
    return Finding(f"The relay {settings.place} takes our mail (security: {settings.security}).")


def texts(config: Config) -> Finding:
    """With an account, as far as a text would go before it leaves."""
    if config.sms_sandbox:
        return Finding("Text messages stay on this machine: the sandbox phone takes them.")
    if not config.texts:
        return Finding("Text messages are not set up; with CANDIDLY_SMS_ACCOUNT they can be.")
    if urlsplit(config.base_url).hostname in LOOPBACK:
        return Finding(
            f"The text message provider cannot call us at {config.base_url}.",
            "Set CANDIDLY_BASE_URL to the address by which Candidly is reached from outside.",
        )
    try:
        try_out_texts(text_settings(config))
    except DeliveryFailure as failure:
        return Finding(failure.reason, "Then run “candidly doctor” again.")
    return Finding("The text message provider takes our account and token.")


def gmail(config: Config) -> Finding:
    """What Google must know of us."""
    if not config.gmail:
        return Finding("Gmail mailboxes cannot be connected; with CANDIDLY_GOOGLE_CLIENT_ID they can be.")
    back = gmail_settings(config).redirect_uri
    if not config.google_client_secret:
        return Finding("The client at Google has no secret.", "Set CANDIDLY_GOOGLE_CLIENT_SECRET.")
    if urlsplit(back).scheme != "https" and urlsplit(back).hostname not in LOOPBACK:
        return Finding(
            f"Google sends nobody back to {back}: it is not encrypted.",
            "Set CANDIDLY_BASE_URL to an https:// address, and enter the new address at Google.",
        )
    return Finding(f"Gmail mailboxes can be connected; at Google the client must name {back}")


def mailboxes(config: Config) -> Finding:
    """Whether they can be opened, and are looked at in time."""
    try:
        locked = sum(not sealed.can_be_opened for sealed in _sealed())
        totals = own_mailboxes.totals()
    except DatabaseError:
        return Finding("How members' own mailboxes are cannot be seen.", "Mend the database first.")
    except ValueError:
        return Finding(
            "CANDIDLY_ENCRYPTION_KEYS holds something that is no Fernet key.", "See docs/running.md, Back-up."
        )
    states = totals.states
    if locked:
        return Finding(
            f"What opens {locked:,} of members' own mailboxes was encrypted with a key that is not here.",
            "Put the file encryption_keys, or CANDIDLY_ENCRYPTION_KEYS, back; else these members must connect again.",
        )
    if totals.lag_seconds > LONGEST_LAG:
        return Finding(
            f"A mailbox should have been looked at {totals.lag_seconds / 60:.0f} minutes ago.",
            "See that “candidly worker” runs; with many mailboxes run more, or raise CANDIDLY_MAILBOX_READERS.",
        )
    return Finding(
        f"Own mailboxes: {states['connected']:,} connected, {states['failing']:,} of them with trouble, "
        f"{states['reconnect']:,} to be connected again by their members."
    )


def _sealed() -> Iterator[Sealed]:
    yield from Mailbox.objects.exclude(credentials=Sealed()).values_list("credentials", flat=True).iterator()


def inbound_port(config: Config) -> Finding:
    place = f"{config.inbound_host}:{config.inbound_port}"
    if ports.answers(config.inbound_host, config.inbound_port):
        return Finding(f"The door for mail is open at {place}.")
    if ports.is_free(config.inbound_host, config.inbound_port):
        return Finding(f"The door for mail can be opened at {place}.")
    return Finding(
        f"The door for mail cannot be opened at {place}.",
        "Use an address of this machine as CANDIDLY_INBOUND_HOST; ports below 1024 need a right of their own.",
    )


def sender(config: Config) -> Finding:
    """The From address, where one is set."""
    if not config.mail_from:
        return Finding(f"Mail is sent from an address of the organization at {config.inbound_domain}.")
    if problem := addresses.problem(config.mail_from):
        return Finding(f"CANDIDLY_MAIL_FROM cannot be used. {problem}", "Set it to an address of yours.")
    return Finding(f"Mail is sent from {config.mail_from}.")


def base_url(config: Config) -> Finding:
    parts = urlsplit(config.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        return Finding(
            f"CANDIDLY_BASE_URL is “{config.base_url}”, which is no address of a site.",
            "Set it to how people reach Candidly, for example https://candidly.example.org",
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return Finding(
            f"People would sign in at {config.base_url} without encryption.",
            "Put a TLS proxy in front and set CANDIDLY_BASE_URL to its https:// address (docs/running.md says how).",
        )
    return Finding(f"People reach Candidly at {config.base_url}.")


def restored(config: Config) -> Finding:
    try:
        before = held_before()
    except DatabaseError:
        return Finding("Whether the database was restored cannot be seen.", "Mend the database first.")
    if before:
        return Finding(
            f"The database was restored from a back-up: mail written before {before:%d %B %Y, %H:%M} UTC is held.",
            "Run “candidly release” to send it, or “candidly release --cancel” if it has gone already.",
        )
    return Finding("No mail is held after a restore.")


def demo_accounts(config: Config) -> Finding:
    try:
        there = story.is_told()
    except DatabaseError:
        return Finding("Whether the demo story is loaded cannot be seen.", "Mend the database first.")
    if there and not config.sandbox:
        return Finding(
            "The demo story is loaded, and everybody knows its password.",
            "Use a fresh database for real work.",
        )
    return Finding("The demo story is loaded." if there else "The demo story is not loaded.")


CHECKS: tuple[Callable[[Config], Finding], ...] = (
    database,
    tables,
    data_folder,
    disk_space,
    clock,
    base_url,
    relay,
    texts,
    gmail,
    mailboxes,
    inbound_port,
    inbound_domain,
    return_path,
    sender,
    restored,
    demo_accounts,
)
