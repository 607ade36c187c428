"""What a person can refuse to get from an organization, and where they stand. Mail about their application is not
among it: it comes as long as they apply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from candidly.models import Person, Purpose, Suppression
from candidly.rules.consent import suppressions_of


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing that can be stopped: what goes by `channel` for `purpose` to the person's `addresses`."""

    name: str
    channel: str
    purpose: Purpose
    addresses: Callable[[Person], Sequence[str]]


def _numbers(person: Person) -> Sequence[str]:
    return [person.phone] if person.phone else []


PREFERENCES: Mapping[str, Preference] = {
    preference.name: preference
    for preference in (
        Preference("texts", "sms", Purpose.ALL, _numbers),
        Preference("campaigns", "email", Purpose.CAMPAIGN, lambda person: person.emails),
    )
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it is `stopped`; `is_broken` where nothing arrives at the address, whatever the person says."""

    preference: Preference
    addresses: Sequence[str]
    stopped: bool
    is_broken: bool


def standings(person: Person) -> list[Standing]:
    """How each preference stands; those that the person has no address for are left out."""
    found = []
    for preference in PREFERENCES.values():
        if addresses := preference.addresses(person):
            causes = _causes(person, preference, addresses)
            found.append(Standing(preference, addresses, bool(causes), Suppression.Cause.BOUNCED in causes))
    return found


def _causes(person: Person, preference: Preference, addresses: Sequence[str]) -> set[str]:
    """Where nothing arrives, nothing arrives for any purpose."""
    listed = [suppressions_of(person.organization_id, preference.channel, address) for address in addresses]
    about_this = Q(purpose=preference.purpose) | Q(purpose=Purpose.ALL, cause=Suppression.Cause.BOUNCED)
    return {cause for rows in listed for cause in rows.filter(about_this).values_list("cause", flat=True)}
