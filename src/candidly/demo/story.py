"""Tell the whole story, through the actions that the pages call."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from random import Random

from django.db import transaction
from django.utils import timezone

from candidly.actions import completion, deliveries, hand_off
from candidly.demo import agencies, campaigns, candidates, contacts, oddments, talks, teamwork
from candidly.demo.backdate import backdate
from candidly.demo.relay import outcome
from candidly.demo.talks import Past, Talk, Turn
from candidly.demo.team import HANNAH, PASSWORD, found
from candidly.models import Mailing, User
from candidly.rules.channels import CARRIED

__all__ = ["HANNAH", "PASSWORD", "is_told", "tell"]

SEED = 7


def is_told() -> bool:
    return User.objects.filter(email=HANNAH).exists()


@transaction.atomic
def tell(report: Callable[[str, int, int], None], *, people: int = 2_000, talks_told: int = 240) -> None:
    """All of it or nothing. `report` hears what is being made, how much of it there is, and how much there will be.

    A mailing's sixty conversations come on top of the talks.
    """
    rng = Random(SEED)  # noqa: S311 - a story, no secret
    past = Past(timezone.now() - timedelta(minutes=5))
    team = found()
    oddments.keep_templates(team)
    everybody = candidates.apply(team, rng, past.now, people)
    applications = list(_reported(everybody, report, "candidates", people))
    teamwork.tell_before(team, applications, past)
    contacts.tell(team, past)
    campaigns.tell(team, applications, past)
    agencies.tell(team, past)
    turns = talks.plan(team, applications, rng, past, talks_told)
    told = _in_time(turns, past, partial(oddments.send_mailing, team, applications, rng, past))
    for _ in _reported(told, report, "conversations", talks_told):
        pass
    mailing = Mailing.objects.get(organization=team.organization, campaign=None)
    teamwork.tell_today(team, applications, past)
    oddments.fill_review_tray(team, applications)
    _empty_outbox()
    completion.finish(mailing)
    _empty_outbox()
    backdate(team.organization, past, mailing)
    teamwork.remember(team, past)
    campaigns.remember(team, past)
    _empty_outbox()


def _in_time(turns: list[Turn], past: Past, send_mailing: Callable[[], object]) -> Iterator[Talk]:
    """The talks, and the mailing in their midst when its day comes."""
    mailed = past.now - oddments.MAILED
    yield from talks.tell([turn for turn in turns if turn.said_at < mailed], past)
    send_mailing()
    yield from talks.tell([turn for turn in turns if turn.said_at >= mailed], past)


def _reported[T](made: Iterable[T], report: Callable[[str, int, int], None], what: str, total: int) -> Iterator[T]:
    for number, thing in enumerate(made, start=1):
        report(what, number, total)
        yield thing


def _empty_outbox() -> None:
    """Everything has long been sent: nothing of the past may leave now."""
    for channel in CARRIED:
        while claimed := deliveries.claim("demo", 500, timedelta(minutes=5), channel):
            built = hand_off.BUILDERS[channel](claimed)
            deliveries.record("demo", [outcome(item) for item in built], channel)
