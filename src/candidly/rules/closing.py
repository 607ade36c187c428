"""Whether a person may still answer, and since when not."""

from datetime import datetime

from candidly.models import Application, AuditEvent, Conversation, Stage

#: So many of an organization's newest acts are looked through for the one that declined an application.
LOOKED_THROUGH = 10_000


def is_closed(conversation: Conversation) -> bool:
    """The application it is about was declined: members may write, the person may only read."""
    application = conversation.application
    return application is not None and application.status == Application.Status.DECLINED


def closed_at(conversation: Conversation) -> datetime | None:
    """When a member declined the application that it is about; None where it is open, where nobody is known to have
    declined it (a list did), and where that was long ago."""
    if not is_closed(conversation):
        return None
    newest = AuditEvent.objects.filter(organization=conversation.organization_id).order_by("-pk")[:LOOKED_THROUGH]
    moves = AuditEvent.objects.filter(
        pk__in=newest.values("pk"), verb="person.moved", subject=f"application {conversation.application_id}"
    )
    last = moves.order_by("-pk").first()
    return last.at if last and last.details.get("stage") == Stage.DECLINED.label else None
