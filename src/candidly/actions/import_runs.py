"""Go through a list: to say what would become of each row, and then to do it.

A transaction is a batch of rows, with the position behind it: a worker that is killed loses the batch at most, and
another goes on behind the position.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, Protocol

from django.db import transaction
from django.db.models import F

from candidly.actions import audit, import_applications, import_people, imports
from candidly.actions.import_plans import Plan
from candidly.actions.imports import LEASE, NOTHING, State
from candidly.models import ImportProblem, Organization, PeopleImport, Person, clock
from candidly.rules.list_columns import MOST_COLUMNS, Kind, recognised, usable
from candidly.rules.list_rows import Row, Wrong, read_row
from candidly.sheets.errors import Unreadable
from candidly.sheets.reading import Sheet, open_sheet

BATCH = 500
MOST_ROWS = 200_000
LONGEST_HEADING = 200
TOO_MANY = f"This list has more than {MOST_ROWS:,} rows. Part it into several files."
GONE = "The file is no longer there. Upload it again."

type GoesOn = Callable[[], bool]


class Superseded(Exception):
    """It was cancelled, or another worker has it."""


class Writer(Protocol):
    """How rows of a kind are planned and written."""

    def plan(self, organization: Organization, kind: str, rows: Sequence[Row]) -> Sequence[Any]: ...
    def write(self, organization: Organization, kind: str, plans: Sequence[Any]) -> None: ...


#: By the kind of list: what writes it, and the kind of people.
WRITERS: dict[str, tuple[Writer, str]] = {
    Kind.CANDIDATES: (import_people, Person.Kind.CANDIDATE.value),
    Kind.CONTACTS: (import_people, Person.Kind.CONTACT.value),
    Kind.APPLICATIONS: (import_applications, Person.Kind.CANDIDATE.value),
}


def work_on(found: PeopleImport, goes_on: GoesOn) -> None:
    """Check or take in a list that the caller has leased, until it is done or `goes_on` says no."""
    try:
        with open_sheet(Path(found.file.path)) as sheet:
            run = Run(found, sheet)
            act = run.check if found.state == State.CHECKING else run.take_in
            act(goes_on)
    except Superseded:
        return
    except Unreadable as unreadable:
        imports.end(found, State.FAILED, (State(found.state),), str(unreadable))
    except FileNotFoundError:
        imports.end(found, State.FAILED, (State(found.state),), GONE)


@dataclass
class Run:
    """`found` going through its rows."""

    found: PeopleImport
    sheet: Sheet

    def check(self, goes_on: GoesOn) -> None:
        """From the beginning, whatever another worker had looked at: which rows are the same person is known only to
        who has seen all of them."""
        self._begin_check()
        seen: dict[int, int] = {}
        for count, rows in enumerate(self._batches(after=0), start=1):
            if count > MOST_ROWS // BATCH:
                raise Unreadable(TOO_MANY)
            if not goes_on():
                self._give_back()
                return
            for row in rows:
                _find_double(self.found.kind, row, seen)
            self._deal_with(rows, rows, writes=False)
        self._end_check()

    def take_in(self, goes_on: GoesOn) -> None:
        """Behind the position. Rows that were wrong when the list was checked are left out."""
        for rows in self._batches(after=self.found.position):
            if not goes_on():
                self._give_back()
                return
            self._deal_with(rows, self._without_problems(rows), writes=True)
        self._end()

    def _begin_check(self) -> None:
        columns = self.found.columns
        if "fields" not in columns:
            heading = [cell[:LONGEST_HEADING] for cell in self.sheet.heading[:MOST_COLUMNS]]
            columns = {"heading": heading, "fields": recognised(self.found.kind, heading)}
        with transaction.atomic():
            self.found.columns = columns
            self._advance(columns=columns, **NOTHING)
            self.found.problems.all().delete()
        if problem := usable(self.found.kind, columns["fields"]):
            raise Unreadable(problem)

    def _batches(self, after: int) -> Iterator[list[Row]]:
        fields = self.found.columns["fields"]
        heading = self.sheet.heading
        read = (
            read_row(self.found.kind, fields, heading, number, cells)
            for number, cells in self.sheet.rows
            if number > after
        )
        for rows in batched(read, BATCH, strict=False):
            yield list(rows)

    def _deal_with(self, rows: Sequence[Row], taken: Sequence[Row], *, writes: bool) -> None:
        """`taken` are those of `rows` that were right so far."""
        writer, kind = WRITERS[self.found.kind]
        right = [row for row in taken if not row.wrong]
        with transaction.atomic():
            # One list at a time adds people here, so that two with the same person double nobody.
            organization = Organization.objects.select_for_update(no_key=True).get(pk=self.found.organization_id)
            plans: Sequence[Plan] = writer.plan(organization, kind, right)
            counts = Counter(one.outcome for one in plans)
            counts["wrong"] += len(rows) - len(right)
            if writes:
                writer.write(organization, kind, [one for one in plans if not one.wrong])
            self._note_problems(taken, plans)
            added = {name: F(name) + number for name, number in counts.items()}
            self._advance(position=rows[-1].number, **added)
            imports.tell(self.found)
        self.found.position = rows[-1].number

    def _note_problems(self, rows: Sequence[Row], plans: Sequence[Plan]) -> None:
        wrong = [(row.number, one) for row in rows for one in row.wrong]
        wrong += [(plan.row.number, plan.wrong) for plan in plans if plan.wrong]
        ImportProblem.objects.bulk_create(
            (
                ImportProblem(of=self.found, row=number, column=one.column[:100], sentence=one.sentence[:300])
                for number, one in sorted(wrong, key=lambda pair: pair[0])
            ),
            batch_size=BATCH,
        )

    def _without_problems(self, rows: list[Row]) -> list[Row]:
        problems = self.found.problems.filter(row__gte=rows[0].number, row__lte=rows[-1].number)
        known = set(problems.values_list("row", flat=True))
        return [row for row in rows if row.number not in known]

    def _advance(self, **values: Any) -> None:
        """Only as long as the lease is ours and nobody cancelled. Raises Superseded."""
        until = clock.now() + LEASE
        ours = PeopleImport.objects.filter(pk=self.found.pk, state=self.found.state, lease_until=self.found.lease_until)
        if not ours.update(lease_until=until, **values):
            raise Superseded
        self.found.lease_until = until

    def _give_back(self) -> None:
        PeopleImport.objects.filter(pk=self.found.pk, lease_until=self.found.lease_until).update(lease_until=None)

    def _end_check(self) -> None:
        if not self.found.position:
            raise Unreadable("There are no rows below the headings.")
        with transaction.atomic():
            total = F("new") + F("changed") + F("unchanged") + F("wrong")
            self._advance(total=total, state=State.CHECKED)
            PeopleImport.objects.filter(pk=self.found.pk).update(lease_until=None)
            imports.tell(self.found)

    @transaction.atomic
    def _end(self) -> None:
        if imports.end(self.found, State.DONE, (State.IMPORTING,)):
            self.found.refresh_from_db()
            number = self.found.new + self.found.changed
            audit.note(self.found.member, "import.done", f"import {self.found.pk}", name=self.found.name, total=number)


def _find_double(kind: str, row: Row, seen: dict[int, int]) -> None:
    """A row that means whom an earlier one means is wrong: which of the two is right, only people can tell."""
    if row.wrong:
        return
    keys = [hash(key) for key in _means(kind, row)]
    first = next((seen[key] for key in keys if key in seen), 0)
    if first:
        what = "application" if kind == Kind.APPLICATIONS else "person"
        row.wrong.append(Wrong("", f"This row is the same {what} as row {first:,}. Keep one of the two."))
    for key in keys:
        seen.setdefault(key, row.number)


def _means(kind: str, row: Row) -> list[tuple[object, ...]]:
    if kind != Kind.APPLICATIONS:
        return list(row.keys)
    if application := row.number_in("application"):
        return [("application", application)]
    return [(*key, row.text("opening"), row.text("opening_location")) for key in row.keys]
