"""Secrets of other people at rest: a field that the database, its back-ups and every export hold encrypted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from candidly.config import config


class SealBroken(Exception):
    """What was sealed cannot be opened: the key that sealed it is not among ours any more."""


class Sealed:
    """A secret as the database holds it. Whoever uses it opens it there; shown anywhere, it says nothing."""

    __slots__ = ("_token",)

    def __init__(self, token: str = "") -> None:
        """`token` as the database holds it; empty: there is no secret."""
        self._token = token

    @classmethod
    def of(cls, secret: str) -> Self:
        """`secret`, sealed with the newest key. An empty one is none."""
        if not secret:
            return cls()
        from candidly.models.sealing_keys import sealed  # noqa: PLC0415 - takes 7 MB, which most workers never need

        return cls(sealed(secret, config().sealing_keys()))

    def open(self) -> str:
        """Empty where there is none. Raises SealBroken."""
        if not self._token:
            return ""
        secret = self._opened(config().sealing_keys())
        if secret is None:
            raise SealBroken("The key that this was encrypted with is not known here any more.")
        return secret

    @property
    def is_newest(self) -> bool:
        """Whether the newest key sealed it, if there is anything to seal."""
        return not self._token or self._opened(config().sealing_keys()[:1]) is not None

    @property
    def can_be_opened(self) -> bool:
        """Whether one of our keys sealed it."""
        return bool(self._token) and self._opened(config().sealing_keys()) is not None

    @property
    def token(self) -> str:
        """As the database holds it."""
        return self._token

    def _opened(self, keys: Sequence[str]) -> str | None:
        """By one of the keys, which are read each time: another process may have made a new one."""
        from candidly.models.sealing_keys import opened  # noqa: PLC0415 - as above

        return opened(self._token, keys)

    def __bool__(self) -> bool:
        return bool(self._token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._token == other._token

    def __hash__(self) -> int:
        return hash(self._token)

    def __repr__(self) -> str:
        return f"<Sealed{'' if self._token else ': nothing'}>"


if TYPE_CHECKING:
    TextOfSealed = models.TextField["Sealed | str", Sealed]
else:
    TextOfSealed = models.TextField


class SealedField(TextOfSealed):
    """A column of encrypted text; its value is a Sealed."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Sealed:
        return Sealed(value or "")

    def to_python(self, value: Any) -> Sealed:
        return value if isinstance(value, Sealed) else Sealed(value or "")

    def get_prep_value(self, value: Any) -> str:
        """Only what is sealed can be kept: a secret as it stands would be a fault of the program."""
        if isinstance(value, Sealed):
            return value.token
        if value:
            raise TypeError("only what is sealed may be kept here")
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        """For Django's own exports: as the database holds it."""
        return self.get_prep_value(self.value_from_object(obj))
