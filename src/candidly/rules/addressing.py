"""Which of a person's two addresses a mailing goes to."""

from django.db.models import Case, F, Q, When
from django.db.models.expressions import Combinable

from candidly.models import AddressRule, Person


def preference(rule: str, kind: str) -> tuple[str, str]:
    """The fields of Person in the order in which they are tried."""
    is_private = rule == AddressRule.PRIVATE or (not rule and kind == Person.Kind.CANDIDATE)
    return ("private_email", "work_email") if is_private else ("work_email", "private_email")


def rule_for(rule: str, kind: str) -> str:
    """The rule with the kind's own in the place of "as usual"."""
    return (
        AddressRule.PRIVATE
        if preference(rule, kind or Person.Kind.CANDIDATE)[0] == "private_email"
        else AddressRule.WORK
    )


def used_address(rule: str, kind: str, *, falls_back: bool) -> Combinable:
    """For a query of people: the address used, empty where there is none."""
    first, other = preference(rule, kind)
    return Case(When(falls_back_for(rule, kind), then=F(other)), default=F(first)) if falls_back else F(first)


def falls_back_for(rule: str, kind: str) -> Q:
    """Those for whom the other address would have to do."""
    first, other = preference(rule, kind)
    return Q(**{first: ""}) & ~Q(**{other: ""})


def kind_of(person: Person, address: str) -> str:
    """How the address is called: Private, Work, or nothing where it is neither (any more)."""
    if not address:
        return ""
    return {person.private_email: "Private", person.work_email: "Work"}.get(address, "")
