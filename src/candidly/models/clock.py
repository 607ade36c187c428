"""One clock for all: the database's. Machines' own clocks may differ, and a lease must mean the same to each."""

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """The database server's time, aware; on SQLite, where everything is on one machine, that machine's."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    assert isinstance(there, datetime)
    return there.astimezone(UTC)
