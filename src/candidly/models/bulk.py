"""Insert many rows in one go, by columns and values, without an object for each.

PostgreSQL takes them by COPY; SQLite by one prepared statement. Both want the ids beforehand: `new_ids` hands them
out, so that rows of several tables can name each other before any is written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models


def new_ids(model: type[models.Model], number: int) -> list[int]:
    """`number` ids that no other row of `model` has or will get, in order. The caller holds a transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [model._meta.db_table, number],
            )
            return [row[0] for row in cursor.fetchall()]
    # The immediate transaction keeps every other writer out until these rows stand.
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        last = cursor.fetchone()
    first = (last[0] if last else 0) + 1
    return list(range(first, first + number))


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, whose values stand in the order of `fields` (attribute names: `person_id`, not `person`).

    A field that is left out gets its default, the same in every row, or NULL.
    """
    target, columns, defaults = _target(model, fields)
    whole = ((*row, *defaults) for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for row in whole:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {target} VALUES ({_marks(columns)})", _plain(whole))  # noqa: S608


def insert_missing(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same for rows of which some may be there already, by what is unique in `model`: these are left as they are.

    For rows that are large rather than many. The caller holds the transaction.
    """
    target, columns, defaults = _target(model, fields)
    whole = [(*row, *defaults) for row in rows]
    with connection.cursor() as cursor:
        plain = whole if connection.vendor == "postgresql" else _plain(whole)
        insert = f"INSERT INTO {target} VALUES ({_marks(columns)}) ON CONFLICT DO NOTHING"  # noqa: S608
        cursor.executemany(insert, plain)


def update_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set `fields` of many rows, each to its own values. A row's values stand in the order of `fields`, its id last."""
    changed = [*_fields(model, fields), model._meta.get_field("id")]
    columns = [connection.ops.quote_name(str(field.column)) for field in changed]
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            settings = ", ".join(f"{column} = v.{column}" for column in columns[:-1])
            arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in changed)
            values = f"unnest({arrays}) AS v({', '.join(columns)})"
            columnwise = [list(values) for values in zip(*rows, strict=True)]
            if columnwise:
                cursor.execute(f"UPDATE {table} SET {settings} FROM {values} WHERE {table}.id = v.id", columnwise)  # noqa: S608
        else:
            settings = ", ".join(f"{column} = %s" for column in columns[:-1])
            cursor.executemany(f"UPDATE {table} SET {settings} WHERE id = %s", _plain(rows))  # noqa: S608


def _fields(model: type[models.Model], names: Sequence[str]) -> list[Any]:
    known = {field.attname: field for field in model._meta.concrete_fields}
    return [known[name] for name in names]


def _target(model: type[models.Model], fields: Sequence[str]) -> tuple[str, list[Any], list[Any]]:
    """The table with its columns, as INSERT names them: those of `fields`, then those that need a default; and these
    defaults."""
    given = _fields(model, fields)
    rest = [
        field
        for field in model._meta.concrete_fields
        if field not in given and not field.primary_key and not field.null
    ]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in [*given, *rest])
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{table} ({names})", [*given, *rest], [field.get_default() for field in rest]


def _marks(columns: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(columns))


def _plain(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """What the driver takes: Django's adapter knows how each database writes a time."""
    adapt = lru_cache(maxsize=16)(connection.ops.adapt_datetimefield_value)  # a page is written at one moment
    return [[adapt(value) if isinstance(value, datetime) else value for value in row] for row in rows]
