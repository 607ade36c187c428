"""Many ids as one value."""

import json
from typing import Any

from django.db.models import BigAutoField, Lookup


@BigAutoField.register_lookup
class Among(Lookup):
    """`pk__among=keys`, and across a foreign key `message__id__among=keys`: what `in` finds, for a batch of keys.

    With `in` each key is a place of the statement. To put hundreds of them together, and to read them again on the
    other side, takes longer than to find the rows.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*values, json.dumps(list(self.rhs)))  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*values, list(self.rhs))
