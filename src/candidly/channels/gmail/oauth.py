"""A member lets us into their Gmail mailbox, and takes that back (OAuth 2.0, RFC 6749, 7009, 7636; OpenID Connect).

The order is: `new_secrets`, kept with the member's session; `authorization_url`, where the member is sent; back with
the right `state` and a code, `exchange`. Whether the address is the right one, the caller decides.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from candidly.channels.gmail.errors import BUSY, CODE, Unanswered, reaching_google, refused_grant, told
from candidly.channels.gmail.settings import GmailSettings
from candidly.envelope import PermanentFailure, ReconnectNeeded, TemporaryFailure

_API = "https://www.googleapis.com/auth/gmail"
SEND, READ, LABEL = f"{_API}.send", f"{_API}.readonly", f"{_API}.labels"
#: What we ask for: nothing that could change or delete a mail.
SCOPES = ("openid", "email", SEND, READ, LABEL)
#: What each permission that a member can untick lets us do.
PERMISSIONS: Mapping[str, str] = {
    SEND: "send mail as you",
    READ: "read mail",
    LABEL: "create the label",
}
NO_LASTING_ACCESS = (
    "Google gave no lasting access to the mailbox. Remove Candidly in your Google Account under “Third-party apps and "
    "services”, then connect again."
)
NOT_PROVEN = "What Google said of who you are could not be verified. Connect again."
_CLAIMS = ["exp", "iat", "iss", "aud", "sub"]
KEYS_AWAY = "Google's keys could not be read, so that nobody knows whether it was Google. Connect again in a minute."


@dataclass(frozen=True, slots=True)
class Secrets:
    """For one attempt to connect, and never used twice: `state` comes back in the address, `nonce` in the identity;
    `verifier` proves that who brings the code is who asked for it (RFC 7636). `url` holds the first two."""

    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a member agreed to, at Google: `address` is their mailbox's, lower case, which Google has verified.

    `scopes` are those granted; `missing` says in words what of PERMISSIONS was not. `credentials` are what a
    MailboxAccount takes.
    """

    address: str
    scopes: frozenset[str]
    credentials: Mapping[str, str] = field(repr=False)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(words for scope, words in PERMISSIONS.items() if scope not in self.scopes)


def new_secrets() -> Secrets:
    return Secrets(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(64))


def authorization_url(settings: GmailSettings, made: Secrets, *, login_hint: str = "") -> str:
    """Where to send the member. `login_hint` is the address whose mailbox they should choose."""
    asked = {
        "client_id": settings.client_id,
        "redirect_uri": settings.redirect_uri,
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": made.state,
        "nonce": made.nonce,
        "code_challenge": _challenge(made.verifier),
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",  # without it Google gives lasting access the first time only
        "login_hint": login_hint,
    }
    return f"{settings.auth_url}?{urlencode({name: value for name, value in asked.items() if value})}"


def exchange(settings: GmailSettings, code: str, made: Secrets) -> Consent:
    """What the code stands for that Google sent the member back with. Raises PermanentFailure (begin anew), or
    TemporaryFailure; both with a sentence for the member."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": made.verifier,
        "redirect_uri": settings.redirect_uri,
    }
    with httpx.Client(timeout=settings.timeout) as http:
        try:
            given = ask_for_token(http, settings, asked)
        except ReconnectNeeded as refused:
            raise PermanentFailure(CODE, refused.reply) from refused
        who = _identity(http, settings, str(given.get("id_token", "")), made.nonce)
    if not given.get("refresh_token"):
        raise PermanentFailure(NO_LASTING_ACCESS)
    return Consent(
        address=str(who["email"]).lower(),
        scopes=frozenset(str(given.get("scope", "")).split()),
        credentials={"refresh_token": str(given["refresh_token"])},
    )


def revoke(settings: GmailSettings, credentials: Mapping[str, str]) -> None:
    """Tell Google that we give the access back (RFC 7009). That it was gone already is as good. Raises
    TemporaryFailure when Google did not hear it: the member can take it back in their Google Account."""
    with httpx.Client(timeout=settings.timeout) as http, reaching_google():
        answer = http.post(settings.revoke_url, data={"token": credentials.get("refresh_token", "")})
    if answer.status_code >= 500 or answer.status_code == 429:
        raise TemporaryFailure("Google did not take back the access just now.", f"{answer.status_code}")


def ask_for_token(http: httpx.Client, settings: GmailSettings, asked: Mapping[str, str]) -> dict[str, Any]:
    """One request to the token endpoint (RFC 6749, 4.1.3 and 6). Raises DeliveryFailure."""
    ours = {"client_id": settings.client_id, "client_secret": settings.client_secret}
    with reaching_google():
        answer = http.post(settings.token_url, data={**asked, **ours})
    if answer.status_code != 200:
        raise refused_grant(answer)
    given = told(answer)
    if not given.get("access_token"):
        raise Unanswered(BUSY, "no token in it")
    return given


def _identity(http: httpx.Client, settings: GmailSettings, token: str, nonce: str) -> Mapping[str, Any]:
    """Who the member is at Google: signed by Google, for us, for this attempt, and not expired."""
    with reaching_google():
        keys = http.get(settings.certs_url)
    if keys.status_code != 200:
        raise TemporaryFailure(KEYS_AWAY, f"{keys.status_code}")
    who = verified(token, told(keys), audience=settings.client_id, issuer=settings.issuer)
    is_ours = secrets.compare_digest(str(who.get("nonce", "")).encode(), nonce.encode())
    if not (is_ours and who.get("email") and who.get("email_verified") is True):
        raise PermanentFailure(NOT_PROVEN)
    return who


def verified(token: str, keys: Mapping[str, Any], *, audience: str, issuer: str) -> Mapping[str, Any]:
    """The claims of a token that one of the `keys` (RFC 7517) signed. Raises PermanentFailure for any other."""
    try:
        key_id = jwt.get_unverified_header(token).get("kid", "")
        key = jwt.PyJWKSet.from_dict(dict(keys))[key_id]
        issuers = [issuer, issuer.removeprefix("https://")]  # Google writes it both ways
        return jwt.decode(token, key, ["RS256"], {"require": _CLAIMS}, audience=audience, issuer=issuers, leeway=60)
    except (jwt.PyJWTError, KeyError) as error:
        raise PermanentFailure(NOT_PROVEN, type(error).__name__) from error


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
