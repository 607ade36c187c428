"""Whom a mailing would leave out, and why."""

import pytest

from candidly.models import Member, Person
from candidly.rules.merge_fields import compile_text
from candidly.rules.preflight import Intent, preflight, recipients_of

pytestmark = pytest.mark.django_db


def intent(member: Member, **more: object) -> Intent:
    return Intent(sender=member, audience={"filter": {}}, texts=(compile_text("Dear {{first_name}}"),), **more)  # type: ignore[arg-type]


def test_debug(hannah: Member, amara: Person, kwame: Person) -> None:
    i = intent(hannah)
    print(recipients_of(i).query)
    print(list(recipients_of(i).values("pk", "used_address", "obstacle", "nth_address", "nth_phone")))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as c:
        print(preflight(i))
    print(c.captured_queries[0]["sql"])
    assert 0
