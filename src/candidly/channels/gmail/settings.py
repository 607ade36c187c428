"""Where Google is, and as whom we come to it."""

from dataclasses import dataclass, field

from candidly.config import Config

#: Where Google sends a member back to, below the base URL. It must be entered at Google letter by letter.
CALLBACK_PATH = "/mailboxes/google/callback/"
#: Where Google's Pub/Sub tells that something changed in a mailbox.
PUSH_PATH = "/webhooks/gmail/"


@dataclass(frozen=True, slots=True)
class GmailSettings:
    """A client at Google, and Google's addresses.

    `redirect_uri` is our own CALLBACK_PATH with the base URL. `issuer` is who signs identities. `units_per_minute` is
    the quota of one mailbox, `connections` how many mails leave at once, `timeout` in seconds. `push_topic` is the full
    name of a Pub/Sub topic, empty where there is none; `push_account` is the service account that calls us for it, at
    `push_url`.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    auth_url: str
    token_url: str
    revoke_url: str
    certs_url: str
    issuer: str
    api_url: str
    timeout: float = 30
    connections: int = 4
    units_per_minute: int = 6000
    push_topic: str = ""
    push_account: str = ""
    push_url: str = ""


def gmail_settings(config: Config) -> GmailSettings:
    return GmailSettings(
        client_id=config.google_client_id,
        client_secret=config.google_client_secret,
        redirect_uri=f"{config.base_url}{CALLBACK_PATH}",
        auth_url=config.google_auth_url,
        token_url=config.google_token_url,
        revoke_url=config.google_revoke_url,
        certs_url=config.google_certs_url,
        issuer=config.google_issuer,
        api_url=config.gmail_api_url,
        timeout=config.gmail_timeout,
        connections=config.gmail_connections,
        units_per_minute=config.gmail_units_per_minute,
        push_topic=config.gmail_push_topic,
        push_account=config.gmail_push_account,
        push_url=f"{config.base_url}{PUSH_PATH}",
    )
