"""Campaigns: begin one, change what it is for, take people in and let them go."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import CharField, DateTimeField, QuerySet, Value
from django.utils import timezone

from candidly.actions import audit, live, upkeep
from candidly.actions.errors import Refused
from candidly.models import Campaign, CampaignIntake, CampaignMember, Member, Person
from candidly.rules import access
from candidly.rules.audience import audience_people

#: Up to so many are taken in at once; more by the worker, so many in one statement.
AT_ONCE = 2_000
PAGE = 20_000
READ_ONLY = "Your role is read-only: ask a super admin if you need to change a campaign."


@transaction.atomic
def create(
    member: Member, *, name: str, purpose: str = "", starts_on: date | None = None, ends_on: date | None = None
) -> Campaign:
    """There for everybody of the organization at once. Raises Refused."""
    fields = _checked(member, name, purpose, starts_on, ends_on)
    campaign = Campaign.objects.create(organization_id=member.organization_id, created_by=member, **fields)
    audit.note(member, "campaign.created", f"campaign {campaign.pk}", name=campaign.name)
    _tell_of(campaign)
    return campaign


@transaction.atomic
def change(
    member: Member,
    campaign: Campaign,
    *,
    name: str,
    purpose: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> None:
    """Another name, purpose or time. Raises Refused."""
    fields = _checked(member, name, purpose, starts_on, ends_on)
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    audit.note(member, "campaign.changed", f"campaign {campaign.pk}", name=fields["name"])
    _tell_of(campaign)


def _checked(member: Member, name: str, purpose: str, starts_on: date | None, ends_on: date | None) -> dict[str, Any]:
    if not access.may_write(member):
        raise Refused(READ_ONLY)
    if not name.strip():
        raise Refused("Give the campaign a name first.", field="name")
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused("It ends before it begins. Choose a later end.", field="ends_on")
    return {"name": name.strip(), "purpose": purpose.strip(), "starts_on": starts_on, "ends_on": ends_on}


@transaction.atomic
def add(member: Member, campaign: Campaign, audience: dict[str, Any], kind: str) -> CampaignIntake:
    """Take in an audience, however large: a few are in when this returns, many are left to the worker.

    Nobody is in a campaign twice. Raises Refused.
    """
    if not access.may_write(member):
        raise Refused(READ_ONLY)
    total = audience_people(member, audience, kind).order_by().count()
    if not total:
        raise Refused("Nobody is selected any more. Choose them again.", field="audience")
    intake = CampaignIntake.objects.create(campaign=campaign, member=member, audience=audience, kind=kind, total=total)
    audit.note(member, "campaign.added", f"campaign {campaign.pk}", name=campaign.name, total=total)
    if total <= AT_ONCE:
        _take_in(intake)
    else:
        _tell_of(campaign)
    return intake


def take_in() -> bool:
    """The next page of the oldest audience that is on its way; False when there is none."""
    waiting = CampaignIntake.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True).first()
    if waiting is None:
        return False
    with transaction.atomic():
        intake = (
            CampaignIntake.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("member", "campaign")
            .filter(pk=waiting, finished_at=None)
            .first()
        )
        if intake is None:  # another worker has it in hand
            return False
        _take_in(intake)
    if intake.finished_at:
        upkeep.learn_of(CampaignMember, Person)
    return True


def _take_in(intake: CampaignIntake) -> None:
    """One page, in one statement; the last one ends it."""
    people = audience_people(intake.member, intake.audience, intake.kind).order_by("pk").filter(pk__gt=intake.up_to)
    last = list(people.values_list("pk", flat=True)[PAGE - 1 : PAGE])
    if last:
        people = people.filter(pk__lte=last[0])
    added = _insert(intake, people)
    intake.added += added
    intake.seen = min(intake.total, intake.seen + PAGE) if last else intake.total
    intake.up_to = last[0] if last else intake.up_to
    intake.finished_at = None if last else timezone.now()
    intake.save(update_fields=["added", "seen", "up_to", "finished_at"])
    _tell_of(intake.campaign)


def _insert(intake: CampaignIntake, people: QuerySet[Person]) -> int:
    """Who is in it stays as they are; who was removed is back. Returns how many came."""
    rows = people.annotate(
        of=Value(intake.campaign_id),
        by=Value(intake.member_id),
        at=Value(timezone.now(), output_field=DateTimeField()),
        none=Value(CampaignMember.Response.NONE.value, output_field=CharField()),
        no_source=Value("", output_field=CharField()),
    ).values_list("pk", "of", "kind", "by", "at", "none", "no_source")
    try:
        select, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking that nobody can match
        return 0
    table = CampaignMember._meta.db_table
    columns = "person_id, campaign_id, kind, added_by_id, added_at, response, response_source"
    came = "removed_at = NULL, added_at = excluded.added_at, added_by_id = excluded.added_by_id"
    again = f"UPDATE SET {came} WHERE {table}.removed_at IS NOT NULL"
    statement = f"INSERT INTO {table} ({columns}) {select} ON CONFLICT (campaign_id, person_id) DO {again}"
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


@transaction.atomic
def remove(member: Member, campaign: Campaign, members: QuerySet[CampaignMember]) -> tuple[int, datetime]:
    """Let them go. Returns how many, and the moment by which `restore` takes back these and no others."""
    if not access.may_write(member):
        raise Refused(READ_ONLY)
    at = timezone.now()
    removed = members.filter(campaign=campaign, removed_at=None).update(removed_at=at)
    if removed:
        audit.note(member, "campaign.removed", f"campaign {campaign.pk}", name=campaign.name, total=removed)
        _tell_of(campaign)
    return removed, at


@transaction.atomic
def restore(member: Member, campaign: Campaign, removed_at: datetime) -> int:
    """Take back who was removed at that moment, with what they had answered."""
    if not access.may_write(member):
        raise Refused(READ_ONLY)
    removed = access.removed_campaign_members_for(member).filter(campaign=campaign, removed_at=removed_at)
    back = removed.update(removed_at=None)
    if back:
        _tell_of(campaign)
    return back


def _tell_of(campaign: Campaign) -> None:
    """To its page, and to every list and dialog in which it stands."""
    live.publish(f"campaign:{campaign.pk}", "campaign")
    live.publish(f"campaigns:{campaign.organization_id}", "campaigns")
