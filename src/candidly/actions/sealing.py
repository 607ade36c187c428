"""Seal every secret with the newest key, so that the older ones can go."""

from collections.abc import Iterator

from django.db import transaction

from candidly.config import config, new_sealing_key
from candidly.models import Mailbox, Sealed

SECRETS = ("credentials", "attempt", "discarded")


def rotate() -> int:
    """Returns how many secrets were sealed anew.

    Where the settings name no keys, a new one is made first, and those before it are forgotten when nothing is sealed
    with them any more. A secret that no key opens stays as it is, and its key, if it comes back, opens it.
    """
    if config().encryption_keys:
        return _seal_all()
    config().write_sealing_keys([new_sealing_key(), *config().sealing_keys()])
    number = _seal_all()
    number += _seal_all()  # what another process, which had read the keys before, wrote meanwhile
    config().write_sealing_keys(config().sealing_keys()[:1] if not _left() else config().sealing_keys())
    return number


def _seal_all() -> int:
    return sum(_seal(pk, name, secret) for pk, name, secret in _old())


def _old() -> Iterator[tuple[int, str, Sealed]]:
    """Every secret that the newest key did not seal."""
    for pk, *secrets in Mailbox.objects.order_by("pk").values_list("pk", *SECRETS).iterator():
        for name, secret in zip(SECRETS, secrets, strict=True):
            if not secret.is_newest:
                yield pk, name, secret


@transaction.atomic
def _seal(pk: int, name: str, secret: Sealed) -> bool:
    """Unless it has changed meanwhile: then whoever changed it sealed it."""
    if not secret.can_be_opened:
        return False
    return bool(Mailbox.objects.filter(pk=pk, **{name: secret}).update(**{name: Sealed.of(secret.open())}))


def _left() -> bool:
    """Whether an older key is still needed."""
    return any(secret.can_be_opened for _, _, secret in _old())
