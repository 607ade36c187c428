"""Whether a person may still answer."""

from candidly.models import Application, Conversation


def is_closed(conversation: Conversation) -> bool:
    """The application it is about was declined: members may write, the person may only read."""
    application = conversation.application
    return application is not None and application.status == Application.Status.DECLINED
