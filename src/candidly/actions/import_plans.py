"""What is to be done about one row of a list."""

from dataclasses import dataclass

from candidly.rules.list_rows import Row, Wrong


@dataclass
class Plan:
    """Where it is wrong, nothing is done."""

    row: Row
    wrong: Wrong | None = None

    @property
    def outcome(self) -> str:
        """new, changed, unchanged or wrong."""
        raise NotImplementedError
