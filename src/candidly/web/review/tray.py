"""What the review tray shows."""

from django.db.models import QuerySet

from candidly.models import Conversation, InboundMail, Member
from candidly.rules.access import conversations_for, review_for

PAGE = 50
FOUND = 10


def tray_page(member: Member, before: int | None) -> tuple[list[InboundMail], bool]:
    """Waiting mails older than `before` (from the newest when None), without their content; whether there are more."""
    mails = review_for(member).defer("raw").order_by("-pk")
    if before is not None:
        mails = mails.filter(pk__lt=before)
    found = list(mails[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def suggested(member: Member, mail: InboundMail) -> Conversation | None:
    """The conversation that the mail most likely belongs to, where the member may see it."""
    if mail.suggestion_id is None:
        return None
    return _shown(member).filter(pk=mail.suggestion_id).first()


def found_conversations(member: Member, words: str) -> list[Conversation]:
    """At most FOUND conversations, newest first, of people whose name or address holds every one of the words."""
    found = _shown(member)
    for word in words.lower().replace("\x00", "").split()[:5]:
        found = found.filter(person__search__text__contains=word)
    return list(found.order_by("-last_message_at", "-pk")[:FOUND])


def _shown(member: Member) -> QuerySet[Conversation]:
    return conversations_for(member).select_related("person", "application__opening")
