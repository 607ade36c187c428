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


def draw(found: Sequence[Figure], path: Path) -> None:
    """SVG or PNG, by the name."""
    picture = Picture(figsize=(11, 15), layout="constrained")
    upper, middle, lower = picture.subplots(3, 1, height_ratios=[8, 3, 20])
    _bars(upper, [figure for figure in found if figure.part == "Delivery out"], "Delivery out, messages/s")
    _bars(middle, [figure for figure in found if figure.part == "Inbound"], "Inbound, mails/s")
    _bars(lower, [figure for figure in found if figure.part == "Pages"], "Pages with a million messages, ms")
    for database, limit in LIMITS.items():
        lower.axvline(limit, color=COLOURS[database], linestyle=":")
    picture.savefig(path, metadata={"Date": None})


def _bars(axes: Axes, found: Sequence[Figure], title: str) -> None:
    """A group of bars for each name, the first at the top."""
    names = list(dict.fromkeys(figure.name for figure in found))
    for number, (database, name) in enumerate(NAMES.items()):
        values = {figure.name: figure.value for figure in found if figure.database == database}
        places = [place + number * HEIGHT for place in range(len(names))]
        bars = axes.barh(places, [values.get(one, 0) for one in names], HEIGHT, label=name, color=COLOURS[database])
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
    axes.set_yticks([place + HEIGHT / 2 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right")
