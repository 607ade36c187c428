"""Values that stand in a statement itself instead of beside it."""

from typing import Any

from django.db.models import Value


class Literal(Value):
    """A word of our own, such as a state, written into the SQL.

    SQLite takes a partial index on `state IN ('queued', 'unconfirmed')` only when the statement says these very
    words: values that are handed over beside it come too late for its planner, and it would scan the whole table.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[()]]:
        if not str(self.value).isidentifier():
            raise ValueError(f"{self.value!r} may not stand in a statement")
        return f"'{self.value}'", ()


def literals(*words: str) -> list[Literal]:
    """For `field__in=`, in the order of the index's condition."""
    return [Literal(str(word)) for word in words]
