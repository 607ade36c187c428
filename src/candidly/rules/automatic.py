"""When a mail of our own may answer somebody without a person having written it (RFC 3834)."""

from datetime import timedelta

from candidly.models import Message, Notice, Person, clock

#: No more than one automatic mail to the same correspondent in this time.
REST = timedelta(days=1)


def may_answer_automatically(message: Message, person: Person) -> bool:
    """Only a mail that a person wrote, and only somebody who had nothing automatic from us lately."""
    if message.channel != "email" or message.automatic or not message.from_address:
        return False
    lately = Notice.objects.filter(person=person, created_at__gt=clock.now() - REST)
    return not lately.exists()
