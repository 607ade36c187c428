"""A round of each kind of work. Every round is short, and says whether there was anything to do."""

from candidly.actions import (
    attachments,
    campaigns,
    completion,
    deliveries,
    digests,
    fan_out,
    imports,
    indexing,
    live,
    mailings,
    participations,
    presence,
    receive,
    reminders,
    scheduled,
    templates,
)
from candidly.actions.upkeep import refresh_statistics

#: Messages that search reads at once, and while mailings go out.
INDEX, INDEX_BESIDE_MAILINGS = 200, 25


def write_mailings() -> bool:
    """Begin what is due, write a page of each running mailing, and end those of which nothing is left."""
    mailings.start_due()
    running = list(mailings.running())
    wrote = [fan_out.fan_out(mailing) for mailing in running]
    finished = [completion.finish(mailing) for mailing, number in zip(running, wrote, strict=True) if not number]
    return any(wrote) or any(finished)


def fill_campaigns() -> bool:
    """A page of the oldest audience that is on its way into a campaign."""
    return campaigns.take_in()


def send_scheduled() -> bool:
    """What is due by now."""
    return scheduled.send_due()


def remind() -> bool:
    """Those whose reminders are due, and those whose digests are."""
    reminded = reminders.fall_due()
    return digests.send_due() or reminded


def wake_snoozed() -> bool:
    """Conversations that members had put off until now."""
    return participations.wake_snoozed()


def read_mail() -> bool:
    """The oldest stored mails."""
    return receive.read_some() > 0


def index() -> bool:
    """The newest messages that search does not know. It rests after each round: others want to write too."""
    indexing.index_new(INDEX_BESIDE_MAILINGS if mailings.running().exists() else INDEX)
    return False


def keep_statistics() -> bool:
    """Let the database know what its tables hold by now."""
    refresh_statistics()
    return False


def keep_house() -> bool:
    """Recover what dead workers held; forget what every page has heard, files that nobody sent, who has gone,
    templates that were deleted long ago, and lists of people that nobody took in."""
    deliveries.recover()
    live.prune_live_events()
    attachments.discard_forgotten()
    presence.forget_gone()
    templates.discard_deleted()
    imports.discard_forgotten()
    return False
