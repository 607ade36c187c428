"""What a check of `candidly doctor` says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`says` is what was found; `fix` is what to do about it, empty when all is well."""

    says: str
    fix: str = ""
