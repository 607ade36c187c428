"""Many ids, or names, as one value."""

import json
from typing import Any

from django.db.models import BigAutoField, CharField, Lookup


@CharField.register_lookup
@BigAutoField.register_lookup
class Among(Lookup):
    """`pk__among=keys`, and across a foreign key `message__id__among=keys`: what `in` finds, for a batch of keys.

    With `in` each key is a place of the statement. To put hundreds of them together, and to read them again on the
    other side, takes longer than to find the rows; and for each number of them it is another statement.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*values, json.dumps(list(self.rhs)))  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        kind, *_ = self.lhs.output_field.rel_db_type(connection).partition("(")  # a length would cut longer ones off
        return f"{column} = ANY(%s::{kind}[])", (*values, list(self.rhs))
