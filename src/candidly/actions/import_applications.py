"""Applications of a list: whose they are, for which opening, what differs, and writing it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models.functions import Lower

from candidly.actions.import_people import Known
from candidly.actions.import_plans import Plan
from candidly.actions.people import ENDS, refresh_search, repeat_stage
from candidly.models import Application, Member, Opening, Organization, Person, Stage
from candidly.models.bulk import update_rows
from candidly.rules.list_rows import Row, Wrong
from candidly.rules.search_text import fold

CHANGED = ("stage", "status", "declined_at", "stage_owner_id", "applied_at")
MOST_OPENINGS = 20_000


@dataclass
class ApplicationPlan(Plan):
    """`application` is the newest of the person for the opening; `values` are those that differ."""

    person: Person | None = None
    opening: Opening | None = None
    application: Application | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        if self.wrong:
            return "wrong"
        if self.application is None:
            return "new"
        return "changed" if self.values else "unchanged"


def plan(organization: Organization, kind: str, rows: Sequence[Row]) -> list[ApplicationPlan]:
    """What is to be done about each row; its person and its opening must be there."""
    known = Known(organization, Person.Kind.CANDIDATE, rows)
    openings = _openings(organization)
    owners = _owners(organization, rows)
    plans = [_placed(row, known.find(row), openings) for row in rows]
    there = list(Application.objects.filter(person__in={one.person.pk for one in plans if one.person}))
    newest = {(one.person_id, one.opening_id): one for one in sorted(there, key=lambda one: (one.applied_at, one.pk))}
    named = {(one.person_id, one.opening_id, one.pk): one for one in there}
    for one in plans:
        if not one.wrong and one.person and one.opening:
            pair = (one.person.pk, one.opening.pk)
            one.application = named.get((*pair, one.row.number_in("application"))) or newest.get(pair)
            _differ(one, owners)
    return plans


def _placed(row: Row, found: Person | Wrong | None, openings: Mapping[str, list[Opening]]) -> ApplicationPlan:
    if isinstance(found, Wrong):
        return ApplicationPlan(row, found)
    if found is None:
        named = str(row.keys[0][1])
        return ApplicationPlan(
            row, Wrong("", f"There is no candidate with {named}. Import the candidates first, then the applications.")
        )
    opening = _opening(row, openings)
    if isinstance(opening, Wrong):
        return ApplicationPlan(row, opening)
    return ApplicationPlan(row, None, found, opening)


def _openings(organization: Organization) -> dict[str, list[Opening]]:
    """By their titles, and by title and place as they are shown."""
    named: dict[str, list[Opening]] = defaultdict(list)
    for opening in Opening.objects.filter(organization=organization).order_by("-is_open", "pk")[:MOST_OPENINGS]:
        for name in {fold(opening.title), fold(str(opening))}:
            named[name].append(opening)
    return named


def _opening(row: Row, openings: Mapping[str, list[Opening]]) -> Opening | Wrong:
    title, place = row.text("opening"), row.text("opening_location")
    found = [one for one in openings.get(fold(title), ()) if not place or fold(one.location) == fold(place)]
    if not found:
        where = f" in {place}" if place else ""
        return Wrong("Opening", f"There is no opening called “{title[:80]}”{where}. Correct it, or add the opening.")
    if len(found) > 1 and len({one.location for one in found}) > 1:
        return Wrong("Opening", f"There are several openings called “{title[:80]}”. Add a column with their location.")
    return found[0]


def _owners(organization: Organization, rows: Sequence[Row]) -> dict[str, int]:
    """The members named as stage owners, by their addresses."""
    named = {row.text("stage_owner").lower() for row in rows} - {""}
    members = Member.objects.filter(organization=organization).annotate(address=Lower("user__email"))
    return dict(members.filter(address__in=named).values_list("address", "pk"))


def _differ(one: ApplicationPlan, owners: Mapping[str, int]) -> None:
    """Put what differs into the plan: all there is, for a new one."""
    row, there = one.row, one.application
    owner = row.text("stage_owner").lower()
    if owner and owner not in owners:
        one.wrong = Wrong("Stage owner", f"Nobody here signs in with {owner}. Correct it, or leave the cell empty.")
        return
    values: dict[str, Any] = {}
    stage, day = row.values.get("stage"), row.values.get("applied_at")
    if isinstance(stage, int) and (there is None or there.stage != stage):
        values |= {"stage": stage, "status": ENDS.get(Stage(stage), Application.Status.ACTIVE).value}
    if status := row.text("status"):
        values["status"] = status
    if there and values.get("status") == there.status:
        del values["status"]
    if "status" in values:
        values["declined_at"] = None  # a list does not say when
    if owner and (there is None or there.stage_owner_id != owners[owner]):
        values["stage_owner_id"] = owners[owner]
    if isinstance(day, date) and (there is None or there.applied_at.astimezone(UTC).date() != day):
        values["applied_at"] = datetime.combine(day, time(12), UTC)
    one.values = values


def write(organization: Organization, kind: str, plans: Sequence[ApplicationPlan]) -> None:
    """Do it, in statements for all of them. The caller holds the transaction."""
    new = [one for one in plans if one.outcome == "new"]
    changed = [one for one in plans if one.outcome == "changed"]
    Application.objects.bulk_create(
        Application(organization=organization, person=one.person, opening=one.opening, **one.values) for one in new
    )
    for one in changed:
        for name, value in one.values.items():
            setattr(one.application, name, value)
    rows = [(*(getattr(one.application, name) for name in CHANGED), one.application.pk) for one in changed]  # type: ignore[union-attr]
    update_rows(Application, CHANGED, rows)
    touched = {one.person.pk: one.person for one in (*new, *changed) if one.person}
    repeat_stage(*touched.values())
    refresh_search(*touched.values())
