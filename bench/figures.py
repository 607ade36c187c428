"""What a measurement says, and the file that carries it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the result. `ratio` is to `reference`, measured in the same run.

    `cpu` is CPU seconds of our own processes for 1,000 of what is counted, `database_cpu` that of PostgreSQL's;
    `memory` is the highest resident set of any one of our processes, in MB. `more` holds what else there is to say.
    """

    part: str
    database: str
    name: str
    value: float
    unit: str
    ratio: float | None = None
    reference: str = ""
    cpu: float | None = None
    database_cpu: float | None = None
    memory: float | None = None
    more: dict[str, float] = field(default_factory=dict)

    def beside(self, reference: "Figure") -> "Figure":
        """The figure with its ratio to another."""
        return replace(self, ratio=self.value / reference.value, reference=reference.name)


def middle(figures: list[Figure]) -> Figure:
    """Of repeated measurements the one in the middle, with the highest memory of all."""
    chosen = min(figures, key=lambda figure: abs(figure.value - median(other.value for other in figures)))
    memory = max((figure.memory for figure in figures if figure.memory), default=None)
    return replace(chosen, memory=memory)


def write(path: Path, figures: Iterable[Figure]) -> None:
    path.write_text(json.dumps([asdict(figure) for figure in figures]))


def read(path: Path) -> list[Figure]:
    return [Figure(**row) for row in json.loads(path.read_text())]
