"""Tell the whole story, through the actions that the pages call."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from candidly.actions import completion
from candidly.demo import candidates, oddments, talks
from candidly.demo.backdate import backdate
from candidly.demo.relay import PastRelay
from candidly.demo.talks import Past
from candidly.demo.team import HANNAH, PASSWORD, found
from candidly.models import User
from candidly.worker.loops import Sending

__all__ = ["HANNAH", "PASSWORD", "is_told", "tell"]

SEED = 7


def is_told() -> bool:
    return User.objects.filter(email=HANNAH).exists()


@transaction.atomic
def tell(report: Callable[[str, int, int], None]) -> None:
    """All of it or nothing. `report` hears what is being made, how much of it there is, and how much there will be."""
    rng = Random(SEED)  # noqa: S311 - a story, no secret
    past = Past(timezone.now() - timedelta(minutes=5))
    team = found()
    oddments.keep_templates(team)
    applications = candidates.apply(team, rng, past.now, lambda n: report("candidates", n, candidates.NUMBER))
    talks.tell(team, applications, rng, past, lambda n: report("conversations", n, talks.NUMBER))
    mailing = oddments.send_mailing(team, applications, rng, past)
    oddments.fill_review_tray(team, applications)
    _empty_outbox()
    completion.finish(mailing)
    _empty_outbox()
    backdate(team.organization, past, mailing)


def _empty_outbox() -> None:
    """Everything has long been sent: nothing of the past may leave now."""
    sending = Sending("demo", PastRelay())
    while sending.round():
        pass
