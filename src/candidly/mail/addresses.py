"""E-mail addresses: compared, judged and made fit for the wire (RFC 5321, 5322; IDNA for domains)."""

import re
import unicodedata
from functools import lru_cache

from candidly.envelope import PermanentFailure

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
# The standard library speaks IDNA 2003, which maps these to other letters and so to another person's domain.
_KEPT_BY_IDNA_2008 = frozenset("ßς\u200c\u200d")


def domain_of(email: str) -> str:
    """The domain as compared: lower case, in its ASCII form where it has one; empty without an @."""
    domain = email.strip().rpartition("@")[2] if "@" in email else ""
    try:
        return ascii_domain(domain).lower()
    except ValueError:
        return domain.lower()


def normalise(email: str) -> str:
    """The address as compared with others: trimmed, lower case, the domain in its ASCII form. Never raises."""
    local, at, _ = email.strip().rpartition("@")
    return f"{local.lower()}@{domain_of(email)}" if at else email.strip().lower()


def spellings(email: str) -> set[str]:
    """A normalised address as it may stand somewhere in lower case: its domain in ASCII, and in its own letters."""
    local, at, domain = email.rpartition("@")
    try:
        return {email, f"{local}{at}{domain.encode('ascii').decode('idna')}"}
    except UnicodeError:
        return {email}


def problem(text: str) -> str:
    """Why mail cannot be sent to `text`, as a sentence of plain English; empty when it can."""
    local, at, domain = text.rpartition("@")
    if not text.strip():
        return "There is no e-mail address. Add one."
    if not at:
        return f"“{_shown(text)}” is not an e-mail address: it has no @. Correct the address."
    if len(text.split()) > 1 or text != text.strip():
        return f"The address “{_shown(text)}” contains a space. Remove it."
    return _local_problem(local, text) or _domain_problem(domain, text)


@lru_cache(maxsize=4096)  # the header names the same addresses as the envelope, and a mailing always the same sender
def to_ascii(email: str) -> str:
    """The address as SMTP carries it, an IDN domain as A-labels. PermanentFailure when it cannot be mailed."""
    if reason := problem(email):
        raise PermanentFailure(reason)
    local, _, domain = email.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """The domain in its ASCII form (A-labels). ValueError when it has none."""
    ascii_form = ".".join(_ascii_label(label) for label in _DOTS.split(domain))
    if len(ascii_form) > 253 or not all(_LABEL.fullmatch(label) for label in ascii_form.split(".")):
        raise ValueError("not a domain")
    return ascii_form


def _ascii_label(label: str) -> str:
    if label.isascii():
        encoded = label
    elif len(label) > 63:
        raise ValueError("label too long")
    elif _KEPT_BY_IDNA_2008.isdisjoint(label):
        encoded = label.encode("idna").decode("ascii")
    else:
        encoded = "xn--" + unicodedata.normalize("NFC", label.lower()).encode("punycode").decode("ascii")
    if len(encoded) > 63:
        raise ValueError("label too long")
    return encoded


def _local_problem(local: str, text: str) -> str:
    if not local:
        return f"The address “{_shown(text)}” has nothing before the @. Correct the address."
    if not local.isascii():
        return (
            f"The address “{_shown(text)}” has letters before the @ that most mail servers do not take "
            "(only English letters, digits and a few signs are safe). Ask for another address."
        )
    if len(local) > 64:
        return f"The address “{_shown(text)}” is too long before the @ (at most 64 characters). Correct the address."
    if ".." in local or local.startswith(".") or local.endswith("."):
        return f"The address “{_shown(text)}” has a dot too many before the @. Correct the address."
    if not _LOCAL.fullmatch(local):
        return f"The address “{_shown(text)}” has a sign before the @ that is not allowed there. Correct the address."
    return ""


def _domain_problem(domain: str, text: str) -> str:
    if not domain:
        return f"The address “{_shown(text)}” has nothing after the @. Correct the address."
    try:
        ascii_form = ascii_domain(domain)
    except ValueError:
        return f"The part after the @ in “{_shown(text)}” is not a domain name. Correct the address."
    if "." not in ascii_form:
        return f"The part after the @ in “{_shown(text)}” has no dot, as in example.org. Correct the address."
    if len(text.rpartition("@")[0]) + len(ascii_form) + 1 > 254:
        return f"The address “{_shown(text)}” is too long (at most 254 characters). Correct the address."
    return ""


def _shown(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text[:80])
    return printable + ("…" if len(text) > 80 else "")
