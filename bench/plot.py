"""The picture: how fast mail goes out and comes in beside the references, and how long pages take."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from bench.figures import Figure
from bench.report import NAMES

COLOURS = {"postgresql": "#336791", "sqlite": "#7aa5c9"}
#: Server time that a page may take, in ms.
LIMITS = {"postgresql": 100, "sqlite": 150}
HEIGHT = 0.4


TITLES = {
    "Delivery out": "Delivery out, messages/s",
    "Inbound": "Inbound, mails/s",
    "Pages": "Pages with a million messages, ms",
}


def draw(found: Sequence[Figure], path: Path) -> None:
    """SVG or PNG, by the name. What was not measured is not there."""
    parts = {part: [figure for figure in found if figure.part == part] for part in TITLES}
    parts = {part: figures for part, figures in parts.items() if figures}
    lines = [len({figure.name for figure in figures}) for figures in parts.values()]
    picture = Picture(figsize=(11, 2 * len(parts) + 0.3 * sum(lines)), layout="constrained")
    rows = picture.subplots(len(parts), 1, height_ratios=lines, squeeze=False)[:, 0]
    for axes, (part, figures) in zip(rows, parts.items(), strict=True):
        databases = [database for database in NAMES if any(figure.database == database for figure in figures)]
        _bars(axes, figures, databases, TITLES[part])
        for database in databases if part == "Pages" else []:
            axes.axvline(LIMITS[database], color=COLOURS[database], linestyle=":")
    picture.savefig(path, metadata={"Date": None})


def _bars(axes: Axes, found: Sequence[Figure], databases: Sequence[str], title: str) -> None:
    """A group of bars for each name, the first at the top."""
    names = list(dict.fromkeys(figure.name for figure in found))
    for number, database in enumerate(databases):
        values = {figure.name: figure.value for figure in found if figure.database == database}
        places = [place + number * HEIGHT for place, one in enumerate(names) if one in values]
        label, colour = NAMES[database], COLOURS[database]
        bars = axes.barh(places, [values[one] for one in names if one in values], HEIGHT, label=label, color=colour)
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
    axes.set_yticks([place + (len(databases) - 1) * HEIGHT / 2 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right")
