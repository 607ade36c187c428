"""When PostgreSQL may keep a plan for any value, instead of planning each question for its own (settings.PLANNING).

Among the questions are those that it asks itself for every row that refers to others: whether they are there. Planned
anew each time, they are half of what the rows of a mailing cost.
"""

from django.db import connection

KEPT = "plan_cache_mode=auto"


def keep_plans() -> None:
    """From its next connections on this process has plans kept: for one that shows no pages. A worker asks the same few
    questions all day, and what it asks does not depend on how frequent a value is."""
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["options"] += f" -c {KEPT}"  # of several the last one counts


def keep_plans_for_now() -> None:
    """Until the transaction ends, which the caller holds: before many rows are written at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL {KEPT}")
