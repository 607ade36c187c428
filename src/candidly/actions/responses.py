"""What the members of a campaign answer: by a link in the mail, by a reply, by a bounce, or entered by hand."""

from collections.abc import Collection

from django.db import transaction

from candidly.actions import audit, live
from candidly.actions.errors import Refused
from candidly.models import Campaign, CampaignMember, Conversation, Member, Person, clock
from candidly.rules.access import campaign_members_for, may_write

Response = CampaignMember.Response
Source = CampaignMember.Source

#: Which responses give way to a new one. What somebody decided stands until they, or a member, decide otherwise.
DECIDED = (Response.ACCEPTED, Response.DECLINED)
GIVE_WAY: dict[Response, Collection[Response]] = {
    Response.OPENED: (Response.NONE,),
    Response.BOUNCED: (Response.NONE, Response.OPENED),
    Response.REPLIED: (Response.NONE, Response.OPENED, Response.BOUNCED),
    Response.UNSUBSCRIBED: (Response.NONE, Response.OPENED, Response.BOUNCED, Response.REPLIED),
    Response.ACCEPTED: tuple(Response),
    Response.DECLINED: tuple(Response),
}


def note(conversation: Conversation, response: Response, source: Source) -> bool:
    """What became of a mailing's conversation; False where it belongs to no campaign, or where it changes nothing.

    The caller holds the transaction. Called for every conversation: those of campaigns are found here.
    """
    campaign = conversation.mailing.campaign_id if conversation.mailing else None
    if campaign is None:
        return False
    return _note(campaign, conversation.person_id, response, source)


def give(campaign: Campaign, person: Person, response: Response) -> bool:
    """The person pressed accept or decline on the page that a link of the mail opened; they may change their mind."""
    with transaction.atomic():
        return _note(campaign.pk, person.pk, response, Source.LINK)


@transaction.atomic
def enter(member: Member, campaign: Campaign, people: Collection[int], response: Response) -> int:
    """A member knows better: whatever stood there. Returns of how many it was changed. Raises Refused."""
    if not may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to change a campaign.")
    chosen = campaign_members_for(member).filter(campaign=campaign, person__in=people).exclude(response=response)
    source = Source.HAND if response != Response.NONE else ""
    at = clock.now() if response != Response.NONE else None
    changed = chosen.update(response=response, response_source=source, responded_at=at)
    if changed:
        audit.note(member, "campaign.responded", f"campaign {campaign.pk}", name=campaign.name)
        _tell(campaign.pk)
    return changed


def _note(campaign: int, person: int, response: Response, source: Source) -> bool:
    """Pressing twice is answering once, and a hand-entered decision gives way to the person's own."""
    giving_way = [given for given in GIVE_WAY[response] if given != response]
    changed = CampaignMember.objects.filter(campaign=campaign, person=person, response__in=giving_way).update(
        response=response, response_source=source, responded_at=clock.now()
    )
    if changed:
        _tell(campaign)
    return bool(changed)


def _tell(campaign: int) -> None:
    live.publish(f"campaign:{campaign}", "campaign")
