"""What an upgrade makes of the rows that are there."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from itertools import pairwise

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F

from candidly.actions import conversations, people
from candidly.models import Application, AuditEvent, Delivery, Member, Opening, Person, Stage, clock

pytestmark = pytest.mark.django_db

moments = import_module("candidly.migrations.0020_moments")


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


def test_the_day_on_which_somebody_was_declined_is_taken_from_the_audit_log(
    hannah: Member, amara: Person, kwame: Person, icu: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "PAGE", 2)
    declined, reopened, listed = amara.applications.get(), kwame.applications.get(), people.apply(kwame, icu)
    for application, *stages in (
        (declined, Stage.APPLIED, Stage.DECLINED, Stage.SCREENING, Stage.DECLINED),
        (reopened, Stage.APPLIED, Stage.DECLINED, Stage.SCREENING),
        (listed, Stage.APPLIED, Stage.DECLINED, Stage.SCREENING),
    ):
        for was, stage in pairwise(stages):
            people.move(application, stage, was=was, by=hannah)
    Application.objects.filter(pk=listed.pk).update(status="declined")
    Application.objects.update(declined_at=None)
    moments.remember_declines(apps, None)
    last = AuditEvent.objects.filter(subject=f"application {declined.pk}").latest("pk")
    assert Application.objects.get(pk=declined.pk).declined_at == last.at
    assert Application.objects.filter(declined_at=None).count() == 2
