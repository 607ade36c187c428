"""`python -m bench.publish`: the latest run becomes the one that the documentation shows."""

import shutil
from pathlib import Path

from bench import plot, report

DOCS = Path("docs")
BEGIN, END = "<!-- figures: written by python -m bench.publish -->\n", "<!-- end of figures -->"


def main() -> None:
    about, found = report.load()
    (DOCS / "images").mkdir(exist_ok=True)
    shutil.copyfile(report.LATEST, DOCS / "performance.json")
    plot.draw(found, DOCS / "images" / "performance.svg")
    page = DOCS / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    machine = "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in about.items())
    page.write_text(f"{before}{BEGIN}\n{machine}\n\n{report.markdown(found)}\n{END}{after}")


if __name__ == "__main__":
    main()
