"""Why a mail server could not be reached, in words; and the certificates that we trust when it could."""

import os
import socket
import ssl
from functools import lru_cache

from candidly.envelope import TemporaryFailure

type Explanations = tuple[tuple[type[Exception], str], ...]

#: What the network may raise, in order: the first kind that fits speaks.
NETWORK: Explanations = (
    (
        UnicodeError,
        "The mail server {place} cannot be used: its host name has letters that cannot be sent. "
        "Use plain ASCII letters.",
    ),
    (
        ssl.SSLCertVerificationError,
        "The certificate of the mail server {place} could not be verified ({detail}). Use the host name that the "
        "certificate carries, or name the authority that signed it as CA file.",
    ),
    (
        ssl.SSLError,
        "TLS with the mail server {place} could not be set up. Check that the port expects {security}.",
    ),
    (
        socket.gaierror,
        "The mail server {place} could not be found. Check the host name, and that this machine can look up names.",
    ),
    (
        ConnectionRefusedError,
        "Nothing answers at {place}. Check that the mail server runs and that the port is right.",
    ),
    (
        ConnectionError,
        "The mail server {place} broke the connection off. Check that the port is right and that it expects "
        "{security}.",
    ),
    (
        TimeoutError,
        "The mail server {place} did not answer within {timeout:g} seconds. Check the host, the port and the firewall.",
    ),
    (
        OSError,
        "The mail server {place} could not be reached ({detail}). Check the host, the port and the network.",
    ),
)
_NO_CA_FILE = (
    "The CA file {ca_file} for the mail server {place} could not be read ({detail}). Check its path and content."
)
_EXPECTED = {"none": "no TLS", "starttls": "STARTTLS", "tls": "TLS from the start"}


def explained(error: Exception, explanations: Explanations, place: str, security: str, timeout: float) -> str:
    """The sentence for `error`, which must be of a kind that `explanations` has. `timeout` in seconds."""
    sentence = next(sentence for kind, sentence in explanations if isinstance(error, kind))
    return sentence.format(
        place=place,
        timeout=timeout,
        security=_EXPECTED[security],
        detail=getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error,
    )


def tls_context(ca_file: str | None, place: str) -> ssl.SSLContext:
    """Verifies certificates against the system's authorities, or those in `ca_file` (PEM). Raises TemporaryFailure with
    `gateway_down` when that cannot be read."""
    try:
        modified = os.stat(ca_file).st_mtime_ns if ca_file else 0
        return _context_with(ca_file, modified)
    except OSError as error:
        reason = _NO_CA_FILE.format(ca_file=ca_file, place=place, detail=error.strerror or error)
        raise TemporaryFailure(reason, gateway_down=True) from error


@lru_cache(maxsize=4)  # reading the system's authorities takes as long as sending a hundred mails
def _context_with(ca_file: str | None, modified: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
