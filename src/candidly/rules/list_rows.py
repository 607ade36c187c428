"""What one row of a list says, checked cell by cell. An empty cell says nothing, and so changes nothing."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from zoneinfo import available_timezones

from candidly.mail import addresses
from candidly.models import Application, Person, Stage
from candidly.rules.list_columns import Kind, label_of
from candidly.rules.moments import YEARS
from candidly.rules.numbers import number_in
from candidly.rules.phones import e164
from candidly.rules.search_text import fold

LONGEST_TAG, LONGEST_SUMMARY, LONGEST_OWN = 60, 20_000, 2_000
NOBODY_MEANT = "This row has no e-mail address, no ID and no phone number by which the person is known. Add one."
NO_CANDIDATE_MEANT = "This row has no e-mail address and no ID by which the candidate is known. Add one."
NO_OPENING = "There is no opening in this row. Add its title."
DAYS = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")

type Value = str | int | date | tuple[str, ...]


@dataclass(frozen=True)
class Wrong:
    """`column` is the heading of the cell, empty where it is the row as a whole."""

    column: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """`number` as a spreadsheet counts. Where anything is wrong, nothing of the row is taken in."""

    number: int
    values: dict[str, Value]
    wrong: list[Wrong] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The value of a field whose values are texts; empty where the row has none."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def number_in(self, name: str) -> int:
        """The same of a field of numbers; 0 where there is none."""
        value = self.values.get(name, 0)
        return value if isinstance(value, int) else 0

    @property
    def pk(self) -> int:
        return self.number_in("pk")

    @property
    def emails(self) -> list[str]:
        """As compared with others'."""
        named = (self.text(name) for name in ("private_email", "work_email", "email"))
        return [addresses.normalise(email) for email in named if email]

    @property
    def keys(self) -> list[tuple[str, object]]:
        """What says who is meant, the surest first: Candidly's own ID alone where it is there, and a phone number only
        where nothing else is."""
        if self.pk:
            return [("pk", self.pk)]
        keys: list[tuple[str, object]] = [("external_id", own) for own in [self.text("external_id")] if own]
        keys += [("email", email) for email in self.emails]
        return keys or [("phone", phone) for phone in [self.text("phone")] if phone]


def read_row(kind: str, fields: Mapping[str, int], heading: Sequence[str], number: int, cells: Sequence[str]) -> Row:
    """The row whose cells stand in these columns."""
    row = Row(number, {})
    for name, place in fields.items():
        cell = cells[place] if place < len(cells) else ""
        if not cell:
            continue
        try:
            row.values[name] = reader(name)(cell)
        except ValueError as error:
            row.wrong.append(Wrong(heading[place] if place < len(heading) else name, str(error)))
    _part_name(row)
    if not row.wrong and not row.keys:
        row.wrong.append(Wrong("", NO_CANDIDATE_MEANT if kind == Kind.APPLICATIONS else NOBODY_MEANT))
    if kind == Kind.APPLICATIONS and not row.wrong and not row.text("opening"):
        row.wrong.append(Wrong(label_of(kind, "opening"), NO_OPENING))
    return row


def reader(name: str) -> Callable[[str], Value]:
    """How a cell of this field is read. It raises ValueError with a sentence."""
    return READERS.get(name, partial(_text, LONGEST.get(name, LONGEST_OWN)))


def _part_name(row: Row) -> None:
    """A whole name is first names and, behind the last space, the last name; names that stand alone are surer."""
    whole = row.values.pop("full_name", "")
    if isinstance(whole, str) and whole and not row.text("first_name") and not row.text("last_name"):
        first, _, last = whole.rpartition(" ")
        parts = {"first_name": first or last, "last_name": last if first else ""}
        row.values.update({name: part[:100] for name, part in parts.items() if part})


def _text(longest: int, cell: str) -> str:
    if len(cell) > longest:
        raise ValueError(f"“{cell[:20]}…” is longer than {longest:,} characters. Shorten it.")
    return cell


def _email(cell: str) -> str:
    if problem := addresses.problem(cell):
        raise ValueError(problem)
    return _text(254, cell)


def _number(cell: str) -> int:
    if number := number_in(cell):
        return number
    raise ValueError(f"“{cell[:40]}” is not an ID of Candidly, which are numbers. Leave this column out.")


def tags_cell(names: Iterable[str]) -> str:
    """Tags as one cell; a name that holds what parts them stands in quotation marks."""
    return ", ".join('"' + name.replace('"', '""') + '"' if _PARTS.search(name) else name for name in names)


_PARTS = re.compile(r'[,;"]')


def _tags(cell: str) -> tuple[str, ...]:
    quoted = '"' in cell
    parted = next(csv.reader([" ".join(cell.split())], skipinitialspace=True)) if quoted else _PARTS.split(cell)
    names = (name.strip() for name in parted)
    return tuple(dict.fromkeys(_text(LONGEST_TAG, name) for name in names if name))


@cache
def _zones() -> set[str]:
    return available_timezones()


def _zone(cell: str) -> str:
    if cell not in _zones():
        raise ValueError(f"“{cell[:40]}” is not a time zone. Write it as Europe/London.")
    return cell


def _day(cell: str) -> date:
    day = _read_day(cell)
    if day is None:
        raise ValueError(f"“{cell[:40]}” is not a day. Write it as 2026-03-31.")
    if day.year not in YEARS:
        raise ValueError(f"“{cell[:40]}” is in no year from {YEARS[0]} to {YEARS[-1]}. Leave the cell empty.")
    return day


def _read_day(cell: str) -> date | None:
    try:
        return datetime.fromisoformat(cell).date()
    except ValueError:
        pass
    for form in DAYS:
        try:
            return datetime.strptime(cell, form).date()
        except ValueError:
            continue
    return None


def _one_of(named: Mapping[str, Value], what: str, cell: str) -> Value:
    found = named.get(fold(cell))
    if found is None:
        raise ValueError(f"“{cell[:40]}” is not a {what}. It is one of {', '.join(map(str.capitalize, named))}.")
    return found


LONGEST = {
    field.name: field.max_length or LONGEST_SUMMARY for field in Person._meta.fields if hasattr(field, "max_length")
}
READERS: dict[str, Callable[[str], Value]] = {
    "pk": _number,
    "application": _number,
    "private_email": _email,
    "work_email": _email,
    "email": _email,
    "stage_owner": _email,
    "phone": e164,
    "tags": _tags,
    "time_zone": _zone,
    "applied_at": _day,
    "stage": partial(_one_of, {fold(stage.label): int(stage) for stage in Stage if stage}, "stage"),
    "status": partial(_one_of, {fold(str(one.label)): str(one.value) for one in Application.Status}, "status"),
}
