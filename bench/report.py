"""Figures for people: a table, a JSON file, a plot."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.figures import Figure

RESULTS = Path("bench/results")
LATEST = RESULTS / "latest.json"
NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
HEAD = ("", "", "ratio", "CPU s per 1,000", "peak MB", "")


def save(about: Mapping[str, str], found: Sequence[Figure]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    LATEST.write_text(json.dumps({"machine": about, "figures": [asdict(figure) for figure in found]}, indent=1) + "\n")


def load(path: Path = LATEST) -> tuple[dict[str, str], list[Figure]]:
    kept = json.loads(path.read_text())
    return kept["machine"], [Figure(**row) for row in kept["figures"]]


def table(about: Mapping[str, str], found: Sequence[Figure]) -> str:
    """For a terminal."""
    lines = ["", *(f"{name.replace('_', ' '):12} {value}" for name, value in about.items())]
    for title, rows in sections(found):
        cells = [HEAD, *rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
        lines += ["", title, *("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in cells)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def markdown(found: Sequence[Figure]) -> str:
    """For docs/performance.md."""
    lines = []
    for title, rows in sections(found):
        lines += [f"### {title}", "", *_markdown_table(rows), ""]
    return "\n".join(lines)


def _markdown_table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(HEAD)} |"
    yield f"|---|{'---:|' * (len(HEAD) - 2)}---|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def sections(found: Sequence[Figure]) -> Iterable[tuple[str, list[tuple[str, ...]]]]:
    """The rows of each part on each database, with its title."""
    titles = dict.fromkeys((figure.part, figure.database) for figure in found)
    for part, database in titles:
        rows = [_row(figure) for figure in found if (figure.part, figure.database) == (part, database)]
        yield f"{part}, {NAMES[database]}", rows


def _row(figure: Figure) -> tuple[str, ...]:
    cpu = _number(figure.cpu) + (f" + {_number(figure.database_cpu)}" if figure.database_cpu else "")
    ratio = f"{figure.ratio:.3f}" if figure.ratio else ""
    memory = f"{figure.memory:.0f}" if figure.memory else ""
    more = ", ".join(f"{name.replace('_', ' ')} {value:,.4g}" for name, value in figure.more.items())
    return figure.name, f"{_number(figure.value)} {figure.unit}", ratio, cpu, memory, more


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
