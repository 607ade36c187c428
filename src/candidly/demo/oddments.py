"""What else a team's days bring: a mailing that has gone, an out-of-office answer, mail that a person must file."""

from datetime import timedelta
from random import Random

from django.utils import timezone

from candidly.actions import fan_out, mailings, templates
from candidly.demo.talks import Past, deliver, hear
from candidly.demo.team import Team
from candidly.demo.texts import AWAY, CLIENT_TEMPLATE, MAILING, TEMPLATES
from candidly.envelope import Address, Outgoing
from candidly.models import Application, Place
from candidly.rules import mail_identity

RECIPIENTS = 60
MAILED = timedelta(days=6)
YES = "Yes, I would like to come, with my sister if I may.\n\n{first}"


def keep_templates(team: Team) -> None:
    members = {"hannah": team.hannah, "priya": team.priya}
    for name, subject, body, is_html, writer in TEMPLATES:
        templates.save(members[writer], None, templates.Content(name=name, subject=subject, body=body, is_html=is_html))
    name, subject, body = CLIENT_TEMPLATE
    templates.save(team.hannah, None, templates.Content(name=name, subject=subject, body=body, places=[Place.CONTACTS]))


def send_mailing(team: Team, applications: list[Application], rng: Random, past: Past) -> None:
    """To sixty of those who have an address; eight of them answer, and one is away."""
    able = [application.person for application in applications[100:] if application.person.email]
    subject, body = MAILING
    people = [person.pk for person in rng.sample(able, RECIPIENTS)]
    mailing = mailings.send(
        team.hannah, mailings.Order(subject=subject, body=body, is_html=False, audience={"ids": people})
    )
    while fan_out.fan_out(mailing):
        pass
    messages = list(mailing.messages.select_related("conversation__person", "member__user").order_by("pk"))
    for number, message in enumerate(messages):
        past.said_at[message.pk] = past.now - MAILED + timedelta(seconds=number)
    for number, message in enumerate(messages[:9]):
        text = (YES if number else AWAY).format(first=message.conversation.person.first_name)
        answer = hear(message, text, automatic=number == 0)
        past.said_at[answer.pk] = past.now - MAILED + timedelta(hours=3 * number + 1)


def fill_review_tray(team: Team, applications: list[Application]) -> None:
    """Three mails that the rules may not file on their own: another address, an old acquaintance, a stranger."""
    amara, ingrid = applications[0].person, applications[2].person
    first = amara.conversations.earliest("pk").messages.earliest("pk")
    hear(
        first,
        "Hello, I write from my work address today: may I bring my old rota along?",
        sender="a.okonkwo@trust.example",
    )
    general = mail_identity.organization_address(team.organization)
    deliver(_mail(Address(ingrid.email, ingrid.full_name), general, "A question about the night allowance"))
    deliver(_mail(Address("d.farrell@meridian.example", "Declan Farrell"), general, "Two nurses for your ICU"))


def _mail(sender: Address, recipient: str, subject: str) -> Outgoing:
    return Outgoing(
        delivery_id=0,
        sender=sender,
        recipient=Address(recipient),
        subject=subject,
        text="Could somebody of your team call me about this? Any morning before ten is good.\n",
        message_id=f"<{mail_identity.new_token()}@mail-program.example>",
        date=timezone.now(),
    )
