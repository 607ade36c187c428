"""Secrets of other people at rest: a field that the database, its back-ups and every export hold encrypted."""

from typing import TYPE_CHECKING, Any, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
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
        return cls(_keys().encrypt(secret.encode()).decode() if secret else "")

    def open(self) -> str:
        """Empty where there is none. Raises SealBroken."""
        if not self._token:
            return ""
        try:
            return _keys().decrypt(self._token.encode()).decode()
        except InvalidToken as error:
            raise SealBroken("The key that this was encrypted with is not known here any more.") from error

    @property
    def is_newest(self) -> bool:
        """Whether the newest key sealed it, if there is anything to seal."""
        return not self._token or _opens(Fernet(config().sealing_keys()[0]), self._token)

    @property
    def can_be_opened(self) -> bool:
        """Whether one of our keys sealed it."""
        return bool(self._token) and _opens(_keys(), self._token)

    @property
    def token(self) -> str:
        """As the database holds it."""
        return self._token

    def __bool__(self) -> bool:
        return bool(self._token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._token == other._token

    def __hash__(self) -> int:
        return hash(self._token)

    def __repr__(self) -> str:
        return f"<Sealed{'' if self._token else ': nothing'}>"


def _opens(key: Fernet | MultiFernet, token: str) -> bool:
    try:
        key.decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _keys() -> MultiFernet:
    """The first seals, all open. Read each time: another process may have made a new one."""
    return MultiFernet([Fernet(key) for key in config().sealing_keys()])


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
