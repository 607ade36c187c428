"""Two campaigns: one that most have answered, and one whose members wait for their first e-mail."""

from datetime import date, timedelta

from candidly.actions import campaigns, completion, fan_out, mailings, responses, templates
from candidly.demo.talks import Past, hear
from candidly.demo.team import Team
from candidly.models import Application, Campaign, CampaignMember, Mailing, Message, Person, Place
from candidly.rules.response_links import recipient_of, token_of

#: Before anything that is said with candidates, so that newer messages have higher ids.
INVITED = timedelta(days=64)
OPEN_DAY, WARD_VISITS = "Autumn open day", "Spring ward visits"
INVITED_NUMBER, CLIENTS = 60, 12
SUBJECT = "{{first_name|You}}, come and see how we work"
BODY = (
    "<p>Dear {{first_name|applicant}},</p><p>On the last Saturday of the month we open our wards from 10:00 to 13:00. "
    "Meet the teams, see the gym and the bays, and ask anything.</p>"
    '<p><a href="{{accept_link}}">I will come</a> · <a href="{{decline_link}}">Not this time</a></p>'
    "<p>{{sender_name}}, {{organization_name}}</p>"
)
ANSWERED = "That sounds lovely. May I bring my flatmate, who is a nurse too?\n\n{first}"
Response = CampaignMember.Response


def tell(team: Team, applications: list[Application], past: Past) -> None:
    """The invitation to the open day, with what came of it, and the members of the ward visits."""
    template = templates.save(
        team.hannah,
        None,
        templates.Content(
            name="Open day invitation",
            subject=SUBJECT,
            body=BODY,
            is_html=True,
            places=[Place.CAMPAIGN_CANDIDATES, Place.CAMPAIGN_CONTACTS],
        ),
    )
    open_day = campaigns.create(
        team.hannah, name=OPEN_DAY, purpose="Show our wards to whoever applied this year, and meet them."
    )
    able = [application.person for application in reversed(applications) if application.person.email]
    _add(team, open_day, able[:INVITED_NUMBER])
    order = mailings.Order(
        subject=template.subject,
        body=template.body,
        is_html=True,
        audience={"campaign": open_day.pk},
        campaign=open_day,
        template=template,
    )
    _answer(mailings.send(team.hannah, order), past)
    visits = campaigns.create(
        team.priya,
        name=WARD_VISITS,
        purpose="Two mornings in each ward, for those who are still deciding.",
        starts_on=date(past.now.year + 1, 3, 2),
        ends_on=date(past.now.year + 1, 3, 21),
    )
    _add(team, visits, able[INVITED_NUMBER : len(able) // 4])
    _add(team, visits, list(Person.objects.filter(kind=Person.Kind.CONTACT).order_by("pk")[:CLIENTS]))


def remember(team: Team, past: Past) -> None:
    """When that mailing went, and that it is done."""
    sent_at = past.now - INVITED
    for mailing in Mailing.objects.filter(organization=team.organization, campaign__isnull=False):
        completion.finish(mailing)
        Mailing.objects.filter(pk=mailing.pk).update(
            created_at=sent_at, pace_started_at=sent_at, served_at=sent_at, finished_at=sent_at + timedelta(minutes=3)
        )
    Campaign.objects.filter(organization=team.organization, name=OPEN_DAY).update(
        created_at=sent_at - timedelta(days=1), example_sent_at=sent_at - timedelta(hours=2)
    )


def _add(team: Team, campaign: Campaign, people: list[Person]) -> None:
    campaigns.add(team.hannah, campaign, {"ids": [person.pk for person in people]}, people[0].kind)


def _answer(mailing: Mailing, past: Past) -> None:
    """Many by the links, some with words, one on the phone; the others say nothing."""
    while fan_out.fan_out(mailing):
        pass
    messages = list(mailing.messages.select_related("conversation__person", "member__user").order_by("pk"))
    for number, message in enumerate(messages):
        past.said_at[message.pk] = past.now - INVITED + timedelta(seconds=number)
        if number % 9 in (0, 3, 4, 7):
            _press(mailing, message, Response.DECLINED if number % 9 == 7 else Response.ACCEPTED)
    for number, message in enumerate(messages[1::12]):
        said = hear(message, ANSWERED.format(first=message.conversation.person.first_name))
        past.said_at[said.pk] = past.now - INVITED + timedelta(hours=2 * number + 1)
    assert mailing.campaign
    responses.enter(mailing.sender, mailing.campaign, [messages[2].conversation.person_id], Response.ACCEPTED)


def _press(mailing: Mailing, message: Message, response: Response) -> None:
    """By the link in their own mail."""
    recipient = recipient_of(token_of(mailing.recipients.get(message=message).pk))
    assert recipient
    assert mailing.campaign
    responses.give(mailing.campaign, recipient.person, response)
