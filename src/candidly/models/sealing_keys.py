"""Our keys, newest first, and what they do: the first seals, all open."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def sealed(secret: str, keys: Sequence[str]) -> str:
    """`secret` under the first of the keys, as the database holds it."""
    return _all(keys).encrypt(secret.encode()).decode()


def opened(token: str, keys: Sequence[str]) -> str | None:
    """What was sealed; None when none of the keys sealed it."""
    try:
        return _all(keys).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def _all(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
