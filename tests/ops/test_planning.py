"""Whose questions PostgreSQL plans anew, and whose plans it keeps."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from candidly.models import planning

#: What SQLite says, which has no such choice.
ANEW, KEPT = {"postgresql": ("force_custom_plan", "auto"), "sqlite": ("", "")}[connection.vendor]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own_options(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is done to the options of connections is undone."""
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", dict(connection.settings_dict["OPTIONS"]))
    connection.close()
    yield
    connection.close()


def mode() -> str:
    if connection.vendor == "sqlite":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        return str(cursor.fetchone()[0])


def test_plans_are_kept_while_many_rows_are_written() -> None:
    with transaction.atomic():
        planning.keep_plans_for_now()
        assert mode() == KEPT
    assert mode() == ANEW


@pytest.mark.usefixtures("own_options")
def test_a_process_without_pages_has_its_plans_kept() -> None:
    assert mode() == ANEW
    planning.keep_plans()
    connection.close()
    assert mode() == KEPT
