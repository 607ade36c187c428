"""Tell by mail of what was said between members and agency users, and take back what was deleted."""

from collections.abc import Iterable

from candidly.actions import notices
from candidly.config import config
from candidly.models import (
    AgencyMessage,
    AgencyReplyAddress,
    AgencyThread,
    AgencyUser,
    Alerts,
    Delivery,
    Member,
    Notice,
)
from candidly.rules import agencies, mail_identity
from candidly.rules.agencies import Audience, Speaker, Talk

DELETED = "This message was deleted by its author."


def tell(message: AgencyMessage, audience: Audience) -> None:
    """A mail to the readers on the other side who take part, with an address of its own to answer to."""
    for reader in _told(message, audience):
        _write(message, audience, reader)


def _told(message: AgencyMessage, audience: Audience) -> Iterable[Speaker]:
    """The agency user, or those of the members who take part; nobody who wants no mail for each."""
    if not message.from_agency:
        return [audience.agency_user] if audience.agency_user.wants_alerts else []
    return [member for member in _taking_part(message.thread, audience) if member.alerts == Alerts.EACH]


def _taking_part(thread: AgencyThread, audience: Audience) -> list[Member]:
    """Who has written in the thread, and who owns the present stage; before there is anybody, who invited the agency
    user. In a private thread its one member."""
    if thread.private_with_id:
        return list(audience.members)
    talk = Talk.of(thread)
    taking_part = set(thread.messages.filter(from_agency=False).values_list("author", flat=True))
    taking_part |= {owner.user_id for owner in agencies.stage_owners_of(talk.agency_user, talk.person)}
    if not taking_part and talk.agency_user.invited_by:
        taking_part = {talk.agency_user.invited_by.user_id}
    return [member for member in audience.members if member.user_id in taking_part]


def _write(message: AgencyMessage, audience: Audience, reader: Speaker) -> None:
    thread = message.thread
    author = message.author.name if message.author else "Somebody"
    person = thread.person.full_name
    notices.enqueue(
        kind=Notice.Kind.AGENCY,
        organization=thread.organization,
        user=reader.user,
        agency_message=message,
        to_address=reader.email,
        from_name=author,
        reply_to=_reply_address(thread, audience, reader),
        subject=f"{'Private message' if thread.private_with_id else 'Message'} about {person}"[:300],
        text=f"{_said(message)}\n\n--\n{_answer_line(author, audience, reader)}\n{page_of(thread, reader)}",
    )


def _said(message: AgencyMessage) -> str:
    """Files are named only: what was deleted must not lie in a mailbox of ours on its way."""
    names = [f"Attached: {file.name}" for file in message.attachments.order_by("pk")]
    return "\n\n".join(part for part in (message.text, "\n".join(names)) if part)


def _answer_line(author: str, audience: Audience, reader: Speaker) -> str:
    seers = audience.beside(reader)
    who = seers[0].name if len(seers) == 1 else f"{', '.join(one.name for one in seers[:-1])} and {seers[-1].name}"
    return f"Answer this mail to write back; {who} will see it. Or open the conversation in Candidly:"


def _reply_address(thread: AgencyThread, audience: Audience, reader: Speaker) -> str:
    """One for each mail: it knows whom the mail named as those who will see the answer."""
    address = AgencyReplyAddress.objects.create(
        thread=thread, user_id=reader.user_id, token=mail_identity.new_token(), audience=sorted(audience.users)
    )
    return mail_identity.reply_address(address.token)


def page_of(thread: AgencyThread, reader: Speaker) -> str:
    """Where the reader finds the thread."""
    if isinstance(reader, AgencyUser):
        return f"{config().base_url}/agency/candidates/{thread.person_id}/"
    return f"{config().base_url}/candidates/{thread.person_id}/?agency={thread.agency_user_id}"


def withdraw(message: AgencyMessage) -> None:
    """Mails that tell of the message and have not left do not leave; nothing of it stays in any."""
    told = Notice.objects.filter(agency_message=message)
    waiting = Delivery.objects.waiting().filter(notice__in=told)
    waiting.update(state=Delivery.State.CANCELLED, reason=DELETED, lease_until=None)
    told.update(text=DELETED, html="")
