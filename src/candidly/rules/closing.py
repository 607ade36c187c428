"""Whether a person may still answer, and since when not."""

from datetime import datetime

from candidly.models import Application, Conversation


def is_closed(conversation: Conversation) -> bool:
    """The application it is about was declined: members may write, the person may only read."""
    application = conversation.application
    return application is not None and application.status == Application.Status.DECLINED


def closed_at(conversation: Conversation) -> datetime | None:
    """When the application that it is about was declined; None where it is open, and where nobody knows: a list said
    so, or it was entered so."""
    application = conversation.application
    return application.declined_at if application is not None and is_closed(conversation) else None
