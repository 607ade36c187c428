"""Write what a form says once, however often it is sent."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from candidly.models import Member, Message


def once(member: Member, send_key: str, write: Callable[[], Message]) -> Message:
    """What `write` writes in a transaction of its own; for a key seen before, the message that was written then."""
    try:
        with transaction.atomic():
            return _written_before(member, send_key) or write()
    except IntegrityError:  # the other click committed while ours was writing
        if written := _written_before(member, send_key):
            return written
        raise


def _written_before(member: Member, send_key: str) -> Message | None:
    if not send_key:
        return None
    return Message.objects.filter(organization=member.organization_id, send_key=send_key, member=member).first()
