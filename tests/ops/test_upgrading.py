"""What an upgrade makes of the rows that are there."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.models import F

from candidly.actions import conversations
from candidly.models import Delivery, Member, Person, clock

pytestmark = pytest.mark.django_db

moments = import_module("candidly.migrations.0019_moments")


@pytest.fixture
def text_to(hannah: Member) -> Callable[[Person], Delivery]:
    return lambda person: conversations.start(
        hannah, person, subject="Hi", text="Hello", channels=["sms"]
    ).deliveries.get()


def test_texts_that_waited_for_quiet_hours_still_wait_for_them(
    text_to: Callable[[Person], Delivery], amara: Person
) -> None:
    kept, gone, _chosen = (text_to(amara) for _ in range(3))
    waits = "Waits until 08:00, the person’s local time."
    Delivery.objects.update(due_at=clock.now() + timedelta(hours=3))
    Delivery.objects.filter(pk__in=[kept.pk, gone.pk]).update(reason=waits)
    Delivery.objects.filter(pk=gone.pk).update(state="cancelled")
    with connection.cursor() as cursor:
        cursor.execute(moments.KEPT_BACK)
    assert list(Delivery.objects.filter(quiet_until=F("due_at"))) == [kept]
    assert Delivery.objects.filter(quiet_until=None).count() == 2
