"""The columns of lists of people: what each may hold, and how it is recognised by its heading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from candidly.models import PeopleImport
from candidly.rules.merge_fields import CUSTOM
from candidly.rules.search_text import fold

Kind = PeopleImport.Kind

LONGEST_KEY = 60
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Column:
    """`label` is its heading in a list that goes out, `also` are other headings by which it is known."""

    field: str
    label: str
    also: tuple[str, ...] = ()


OWN_ID = Column("pk", "Candidly ID")
EXTERNAL_ID = Column(
    "external_id", "ID", ("external id", "candidate id", "contact id", "applicant id", "number", "reference")
)
FIRST_NAME = Column("first_name", "First name", ("forename", "given name", "christian name", "vorname", "prénom"))
LAST_NAME = Column("last_name", "Last name", ("surname", "family name", "nachname", "nom"))
TITLE, PLACE = ("job", "job title", "vacancy", "position", "role", "title"), ("location", "site", "place", "city")

PEOPLE = (
    OWN_ID,
    EXTERNAL_ID,
    FIRST_NAME,
    LAST_NAME,
    Column("full_name", "Full name", ("name", "candidate", "contact", "candidate name", "contact name")),
    Column("private_email", "Private e-mail", ("personal email", "home email", "email private")),
    Column("work_email", "Work e-mail", ("business email", "office email", "company email", "email work")),
    Column("phone", "Phone", ("telephone", "mobile", "mobile phone", "phone number", "cell", "tel", "telefon")),
    Column("location", "Location", ("city", "town", "place", "ort")),
    Column("company", "Company", ("employer", "organisation", "organization", "client", "account", "firma")),
    Column("job_title", "Job title", ("title", "position", "role", "function")),
    Column("source", "Source", ("agency", "channel", "came from")),
    Column("language", "Language", ("lang", "sprache")),
    Column("time_zone", "Time zone", ("timezone", "zone")),
    Column("tags", "Tags", ("tag", "labels", "keywords")),
    Column("summary", "Summary", ("notes", "about", "profile", "description")),
)
#: A heading that says only "e-mail": the address that is written to first.
EMAIL = ("email", "emailaddress", "mail", "mailaddress", "emailadresse")
APPLICATIONS = (
    Column("application", "Application ID"),
    OWN_ID,
    EXTERNAL_ID,
    Column("email", "E-mail", ("email address", "mail", "private email", "candidate email", "work email")),
    Column("opening", "Opening", TITLE),
    Column("opening_location", "Location of the opening", PLACE),
    Column("stage", "Stage", ("step", "phase")),
    Column("status", "Status", ("state",)),
    Column("stage_owner", "Stage owner", ("owner", "coordinator", "recruiter", "stage owner email")),
    Column("applied_at", "Applied on", ("applied", "applied at", "date applied", "application date", "date")),
)
COLUMNS = {Kind.CANDIDATES: PEOPLE, Kind.CONTACTS: PEOPLE, Kind.APPLICATIONS: APPLICATIONS}
#: Any one of these tells who is meant. A phone number may be several people's: no application is given to one by it.
KNOWN_BY = {
    Kind.CANDIDATES: ("pk", "external_id", "private_email", "work_email", "phone"),
    Kind.CONTACTS: ("pk", "external_id", "private_email", "work_email", "phone"),
    Kind.APPLICATIONS: ("pk", "external_id", "email"),
}


#: The same as headings, in a sentence.
KNOWN_BY_WORDS = {
    Kind.CANDIDATES: "E-mail, Phone or ID",
    Kind.CONTACTS: "E-mail, Phone or ID",
    Kind.APPLICATIONS: "E-mail or ID",
}


def recognised(kind: str, heading: Sequence[str]) -> dict[str, int]:
    """Which column of the file holds which field: the first that is called so. Later ones of the same are left out."""
    known = _names(Kind(kind))
    found: dict[str, int] = {}
    for place, cell in enumerate(heading[:MOST_COLUMNS]):
        field = _custom(cell) or known.get(_bare(cell))
        if field:
            found.setdefault(field, place)
    return found


def usable(kind: str, fields: Mapping[str, int]) -> str:
    """Why rows with these columns cannot be taken in, in plain words; empty where they can."""
    if not any(name in fields for name in KNOWN_BY[Kind(kind)]):
        return (
            f"No column tells who is meant: there is none that is called {KNOWN_BY_WORDS[Kind(kind)]}. Say below which "
            "column it is, or put such a heading into the file."
        )
    if kind == Kind.APPLICATIONS and "opening" not in fields:
        return "No column tells the opening. Say below which column it is, or call it Opening in the file."
    return ""


def choices(kind: str, heading: str) -> list[tuple[str, str]]:
    """What a column with this heading may hold, with words."""
    fields = [("", "Do not import"), *((column.field, column.label) for column in COLUMNS[Kind(kind)])]
    if kind != Kind.APPLICATIONS and (key := _key(heading)):
        fields.append((f"{CUSTOM}{key}", f"Own field “{key}”"))
    return fields


def label_of(kind: str, field: str) -> str:
    """The column's heading in a list that goes out."""
    return next((column.label for column in COLUMNS[Kind(kind)] if column.field == field), field)


def _names(kind: Kind) -> dict[str, str]:
    known: dict[str, str] = {}
    for column in COLUMNS[kind]:
        for name in (column.label, column.field, *column.also):
            known.setdefault(_bare(name), column.field)
    if kind != Kind.APPLICATIONS:
        first = "work_email" if kind == Kind.CONTACTS else "private_email"
        known |= {_bare(name): first for name in EMAIL}
    return known


def _custom(heading: str) -> str:
    """A field of the organization's own, as it is called in lists that went out."""
    return f"{CUSTOM}{key}" if heading.startswith(CUSTOM) and (key := _key(heading.removeprefix(CUSTOM))) else ""


def _key(heading: str) -> str:
    """What a field of one's own is called: letters, digits, spaces, hyphens, so that texts can name it."""
    return " ".join("".join(char if char.isalnum() or char in "_-" else " " for char in heading).split())[:LONGEST_KEY]


def _bare(heading: str) -> str:
    return "".join(char for char in fold(heading) if char.isalnum())
