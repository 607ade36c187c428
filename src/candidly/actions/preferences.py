"""What a person refuses to get, or wants again, as they say in the portal."""

from django.db import transaction

from candidly.actions import consent, live
from candidly.actions.errors import Refused
from candidly.models import ConsentEvent, Conversation
from candidly.rules.preferences import PREFERENCES

SAID = {True: "Asked for it again", False: "Stopped it"}


@transaction.atomic
def prefer(conversation: Conversation, name: str, *, wanted: bool) -> None:
    """The conversation's person wants what this preference is about, or no more of it. Raises Refused for none."""
    preference = PREFERENCES.get(name)
    if preference is None:
        raise Refused("There is no such choice.")
    say = consent.opt_in if wanted else consent.opt_out
    for address in preference.addresses(conversation.person):
        say(
            conversation.organization,
            preference.channel,
            address,
            source=ConsentEvent.Source.PORTAL,
            said=SAID[wanted],
            purpose=preference.purpose,
            person=conversation.person,
        )
    live.publish(f"conversation:{conversation.pk}", "conversation")
