"""The two lists of people: candidates, and contacts at client companies. All that differs between their pages."""

from dataclasses import dataclass

from candidly.models import Person

#: Words, when the column leaves (the highest goes first), and the order of the first click.
type Column = tuple[str, str, str]


@dataclass(frozen=True)
class Directory:
    """One of the two. `one` and `many` are its words and the names of its addresses; `facets` those of its filters;
    `cells` is the template of the columns that the other list has not."""

    kind: Person.Kind
    one: str
    many: str
    icon: str
    placeholder: str
    invitation: str
    columns: tuple[Column, ...]
    cells: str
    facets: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.many.capitalize()

    @property
    def add(self) -> str:
        """The name of the address where one is added."""
        return f"{self.one}_add"


CANDIDATES = Directory(
    kind=Person.Kind.CANDIDATE,
    one="candidate",
    many="candidates",
    icon="users",
    placeholder="Name, e-mail, phone, opening or tag",
    invitation="Everybody who applies, or whom you add, appears here, with all that was written to them.",
    columns=(
        ("Candidate", "", "name"),
        ("Opening", "3", ""),
        ("Stage", "", "stage"),
        ("Location", "2", "location"),
        ("Last message", "3", "-last_message"),
    ),
    cells="candidates/cells_of_candidate.html",
    facets=("openings", "stages", "locations", "tags", "statuses", "agencies", "contacted", "replied"),
)
CONTACTS = Directory(
    kind=Person.Kind.CONTACT,
    one="contact",
    many="contacts",
    icon="contact",
    placeholder="Name, e-mail, phone, company or tag",
    invitation="Whom you know at client companies appears here, with all that was written to them.",
    columns=(
        ("Contact", "", "name"),
        ("Company", "2", "company"),
        ("Job title", "3", ""),
        ("Location", "2", "location"),
        ("Last message", "3", "-last_message"),
    ),
    cells="candidates/cells_of_contact.html",
    facets=("companies", "job_titles", "locations", "tags", "contacted", "replied"),
)
