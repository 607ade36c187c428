"""Whether anything was written since one looked."""

from django.db import connection


def change_counter() -> int | None:
    """Another number whenever another connection has committed; None where the database cannot tell at so little cost.

    https://sqlite.org/pragma.html#pragma_data_version
    """
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        (counter,) = cursor.fetchone()
    return int(counter)
