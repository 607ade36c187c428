"""Whom a note names: `@Priya Nair`, or `@Priya` where no other member is called so."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from candidly.models import Member

#: No part of a mail address or of a link.
BEFORE, AFTER = r"(?<![\w.@/])@", r"(?!\w)"


@dataclass(frozen=True, slots=True)
class Named:
    """`members` as the text names them, each once; `unclear` are names that several members bear."""

    members: list[Member]
    unclear: list[str]


def named(text: str, members: Collection[Member]) -> Named:
    """Those of `members` whom the text names; of two names that fit, the longer one counts."""
    bearers = _bearers(members)
    found = pattern(bearers).findall(text) if bearers and "@" in text else []
    meant = [(name, bearers[name.casefold()]) for name in found]
    clear = {some[0].pk: some[0] for _, some in meant if len(some) == 1}
    unclear = dict.fromkeys(name for name, some in meant if len(some) > 1)
    return Named(list(clear.values()), list(unclear))


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Finds each of `names` (there is at least one) after an @, the longest first."""
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(f"{BEFORE}({'|'.join(map(re.escape, longest_first))}){AFTER}", re.IGNORECASE)


def names_of(member: Member) -> list[str]:
    """The full name, and the first one."""
    return [name for name in dict.fromkeys([member.name, *member.name.split(maxsplit=1)[:1]]) if name]


def _bearers(members: Collection[Member]) -> Mapping[str, Sequence[Member]]:
    """Who is meant by each name, folded. Who is called just Ana is meant by it, before an Ana Silva."""
    full, first = defaultdict(list), defaultdict(list)
    for member in members:
        whole, *short = names_of(member) or [""]
        full[whole.casefold()].append(member)
        for name in short:
            first[name.casefold()].append(member)
    return {name: some for name, some in (first | full).items() if name}
