"""Whether this process can serve pages."""

from functools import cache

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def why_not_ready() -> str:
    """A sentence, or nothing when all is well. Raises DatabaseError when the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    try:
        _require_tables()
    except LookupError as missing:
        return str(missing)
    return ""


@cache
def _require_tables() -> None:
    """Raises LookupError when migrations have not been run. Once they have, that is remembered: they stay."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise LookupError(f"{len(missing)} migrations have not been run. Run: candidly migrate")
