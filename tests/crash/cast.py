"""Who takes part: one organization, Hannah who sends, and the candidates that she writes to."""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from candidly.actions import mailings
from candidly.actions.organizations import found
from candidly.models import Mailing, Member, Organization, Person

DOMAINS = 20
#: Every so many candidates one has no address, and one a mailbox that is gone.
NO_ADDRESS, GONE = 100, 101


def insist[T](action: Callable[[], T]) -> T:
    """The harness is a client of a database that is being killed: it asks again until it is answered."""
    while True:
        try:
            return action()
        except (DatabaseError, InterfaceError):
            connection.close()


def gather(number: int) -> Member:
    """Hannah, with `number` candidates in her organization."""
    hannah = found("Northlane Care", "Hannah Whitlock", "hannah@northlane.example", "correct horse battery")
    Person.objects.bulk_create((_candidate(hannah.organization, n) for n in range(1, number + 1)), batch_size=500)
    return hannah


def _candidate(organization: Organization, number: int) -> Person:
    address = f"{'gone.' if number % GONE == 0 else ''}candidate.{number}@mail{number % DOMAINS}.example"
    return Person(
        organization=organization,
        first_name="Amara",
        last_name=f"Okafor {number}",
        private_email="" if number % NO_ADDRESS == 0 else address,
    )


def send_mailing(hannah: Member, number: int) -> Mailing:
    """To everybody; every second one formatted. Asked for again, it is the same one."""
    formatted = number % 2 == 0
    body = "Dear {{first_name}} {{last_name}}, there is news about your application."
    return mailings.send(
        hannah,
        mailings.Order(
            subject=f"News {number} for {{{{first_name}}}}",
            body=f"<p>{body}</p>" if formatted else body,
            is_html=formatted,
            audience={"filter": {}},
            send_key=f"mailing-{number}",
        ),
    )
