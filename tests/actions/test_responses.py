"""What becomes of a campaign member's response when something new is heard."""

import pytest

from candidly.actions import campaigns, fan_out, hearing, mailings, portal, responses
from candidly.actions.responses import Response, Source
from candidly.models import Campaign, CampaignMember, Conversation, Member, Person

#: The response that stands, what is heard, by what, and what stands then.
HEARD = [
    ("none", "opened", "portal", "opened"),
    ("none", "replied", "reply", "replied"),
    ("none", "bounced", "bounce", "bounced"),
    ("none", "unsubscribed", "link", "unsubscribed"),
    ("opened", "replied", "reply", "replied"),
    ("replied", "opened", "portal", "replied"),
    ("replied", "bounced", "bounce", "replied"),
    ("bounced", "replied", "reply", "replied"),
    ("replied", "unsubscribed", "link", "unsubscribed"),
    ("unsubscribed", "replied", "reply", "unsubscribed"),
    ("accepted", "replied", "reply", "accepted"),
    ("declined", "replied", "reply", "declined"),
    ("accepted", "unsubscribed", "link", "accepted"),
    ("accepted", "opened", "portal", "accepted"),
]


@pytest.fixture
def visits(hannah: Member) -> Campaign:
    return campaigns.create(hannah, name="Spring ward visits")


@pytest.fixture
def invited(hannah: Member, visits: Campaign, amara: Person) -> Conversation:
    """Amara's conversation that a mailing of the campaign began."""
    campaigns.add(hannah, visits, {"ids": [amara.pk]}, "candidate")
    order = mailings.Order(subject="Come", body="Dear you", audience={"campaign": visits.pk}, campaign=visits)
    fan_out.fan_out(mailings.send(hannah, order))
    return Conversation.objects.get(person=amara)


def response() -> tuple[str, str]:
    row: tuple[str, str] = CampaignMember.objects.values_list("response", "response_source").get()
    return row


@pytest.mark.parametrize(("stood", "heard", "source", "stands"), HEARD)
def test_what_somebody_decided_stands(invited: Conversation, stood: str, heard: str, source: str, stands: str) -> None:
    CampaignMember.objects.update(response=stood)
    changed = responses.note(invited, Response(heard), Source(source))
    assert response()[0] == stands
    assert changed == (stood != stands)


def test_a_reply_counts_and_a_machines_answer_does_not(invited: Conversation) -> None:
    hearing.hear(invited, hearing.Heard("email", "I am away", automatic="auto-replied"))
    assert response() == ("none", "")
    hearing.hear(invited, hearing.Heard("email", "I would love to"))
    assert response() == ("replied", "reply")


def test_who_looks_into_the_portal_has_opened_it(invited: Conversation) -> None:
    portal.see(invited, 0)
    assert response() == ("opened", "portal")


def test_a_person_may_change_their_mind(visits: Campaign, invited: Conversation) -> None:
    assert responses.give(visits, invited.person, Response.ACCEPTED)
    assert not responses.give(visits, invited.person, Response.ACCEPTED)
    assert responses.give(visits, invited.person, Response.DECLINED)
    assert response() == ("declined", "link")


def test_a_member_enters_what_was_said_on_the_phone_and_takes_it_back(
    hannah: Member, visits: Campaign, invited: Conversation
) -> None:
    assert responses.enter(hannah, visits, [invited.person_id], Response.ACCEPTED) == 1
    assert response() == ("accepted", "hand")
    assert responses.enter(hannah, visits, [invited.person_id], Response.NONE) == 1
    assert response() == ("none", "")


def test_an_ordinary_mailing_has_no_responses(hannah: Member, amara: Person) -> None:
    order = mailings.Order(subject="Come", body="Dear you", audience={"ids": [amara.pk]})
    fan_out.fan_out(mailings.send(hannah, order))
    assert not responses.note(Conversation.objects.get(person=amara), Response.REPLIED, Source.REPLY)
