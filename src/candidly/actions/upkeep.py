"""What a database needs now and then."""

from django.db import connection, models


def refresh_statistics() -> None:
    """SQLite plans by statistics that it gathers only when asked (PRAGMA optimize); PostgreSQL gathers its own."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize=0x10002")


def learn_of(*changed: type[models.Model]) -> None:
    """Many rows have just come into these tables. PostgreSQL would take a minute to hear of them, and plan what is
    asked meanwhile as if there were none: with 100,000 rows that is the difference of seconds and hours."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in changed:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
