"""From nothing to a connection that is ready for mail: dial, secure, sign in."""

import smtplib
import socket
import ssl

from candidly.channels.smtp.settings import RelaySettings
from candidly.envelope import TemporaryFailure

# In order: the first kind that fits speaks.
_EXPLANATIONS: tuple[tuple[type[Exception], str], ...] = (
    (
        UnicodeError,
        (
            "The mail server {place} cannot be used: its host name, user name or password has letters that cannot be "
            "sent. Use plain ASCII letters."
        ),
    ),
    (
        smtplib.SMTPAuthenticationError,
        "The mail server {place} did not accept the user name and password. Check both in the relay's settings.",
    ),
    (
        smtplib.SMTPResponseException,
        "The mail server {place} does not want to talk to us at present. Its answer says why.",
    ),
    (
        smtplib.SMTPServerDisconnected,
        (
            "The mail server {place} broke the connection off, or did not answer in time. Check that the port is right "
            "and that it expects {security}."
        ),
    ),
    (
        ssl.SSLCertVerificationError,
        (
            "The certificate of the mail server {place} could not be verified ({detail}). Use the host name that the "
            "certificate carries, or name the authority that signed it as CA file."
        ),
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
        TimeoutError,
        "The mail server {place} did not answer within {timeout:g} seconds. Check the host, the port and the firewall.",
    ),
    (
        OSError,
        "The mail server {place} could not be reached ({detail}). Check the host, the port and the network.",
    ),
)
_NO_STARTTLS = "The mail server {place} offers no STARTTLS, so nothing was sent in the clear. Use another port."
_NO_SIGN_IN = "The mail server {place} offers no sign-in. Use other security, or leave the user name empty."
_NO_CA_FILE = (
    "The CA file {ca_file} for the mail server {place} could not be read ({detail}). Check its path and content."
)
_EXPECTED = {"none": "no TLS", "starttls": "STARTTLS", "tls": "TLS from the start"}


def connect(settings: RelaySettings) -> smtplib.SMTP:
    """A connection past EHLO, STARTTLS (RFC 3207) and AUTH (RFC 4954), as the settings ask.

    Raises TemporaryFailure with `gateway_down`, whatever stood in the way: all of it can be mended.
    """
    context = _tls_context(settings)
    try:
        smtp = _dial(settings, context)
        try:
            _without_delay(smtp)
            smtp.ehlo_or_helo_if_needed()
            _secure(smtp, settings, context)
            _sign_in(smtp, settings)
        except BaseException:
            smtp.close()
            raise
    except (OSError, UnicodeError) as error:  # smtplib's own errors are OSErrors too
        raise _explained(error, settings) from error
    return smtp


def _tls_context(settings: RelaySettings) -> ssl.SSLContext | None:
    if settings.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        reason = _NO_CA_FILE.format(ca_file=settings.ca_file, place=settings.place, detail=error.strerror or error)
        raise TemporaryFailure(reason, gateway_down=True) from error


def _dial(settings: RelaySettings, context: ssl.SSLContext | None) -> smtplib.SMTP:
    name = settings.ehlo_name or None
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, name, timeout=settings.timeout, context=context)
    return smtplib.SMTP(settings.host, settings.port, name, timeout=settings.timeout)


def _without_delay(smtp: smtplib.SMTP) -> None:
    """Short writes that wait for an answer must not wait for each other (Nagle's algorithm)."""
    if smtp.sock is not None:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _secure(smtp: smtplib.SMTP, settings: RelaySettings, context: ssl.SSLContext | None) -> None:
    if settings.security != "starttls":
        return
    if not smtp.has_extn("starttls"):
        raise TemporaryFailure(_NO_STARTTLS.format(place=settings.place), gateway_down=True)
    smtp.starttls(context=context)
    smtp.ehlo_or_helo_if_needed()


def _sign_in(smtp: smtplib.SMTP, settings: RelaySettings) -> None:
    if not settings.username:
        return
    if not smtp.has_extn("auth"):
        raise TemporaryFailure(_NO_SIGN_IN.format(place=settings.place), gateway_down=True)
    smtp.login(settings.username, settings.password)


def _explained(error: Exception, settings: RelaySettings) -> TemporaryFailure:
    sentence = next(sentence for kind, sentence in _EXPLANATIONS if isinstance(error, kind))
    reason = sentence.format(
        place=settings.place,
        timeout=settings.timeout,
        security=_EXPECTED[settings.security],
        detail=getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error,
    )
    return TemporaryFailure(reason, _answer_in(error), gateway_down=True)


def _answer_in(error: Exception) -> str:
    if not isinstance(error, smtplib.SMTPResponseException):
        return ""
    said = error.smtp_error
    return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
