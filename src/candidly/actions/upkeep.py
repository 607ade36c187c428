"""What a database needs now and then."""

from django.db import connection


def refresh_statistics() -> None:
    """SQLite plans by statistics that it gathers only when asked (PRAGMA optimize); PostgreSQL gathers its own."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize=0x10002")
