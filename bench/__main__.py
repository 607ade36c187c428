"""`python -m bench`: every measurement on both databases. A table here, the rest in bench/results/."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import figures, machine, places, report

PARTS = ("delivery", "inbound", "live", "pages", "campaigns")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth or less of everything: for trying the bench")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; may be repeated")
    parser.add_argument("--database", choices=places.DATABASES, action="append", help="only this one")
    options = parser.parse_args()
    about = machine.describe()
    found: list[figures.Figure] = []
    for part in options.part or PARTS:
        for database in options.database or places.DATABASES:
            found += _run(part, database, quick=options.quick)
            report.save(about, found)
    sys.stdout.write(report.table(about, found))


def _run(part: str, database: str, *, quick: bool) -> list[figures.Figure]:
    """In a process of its own, because Django has one database for the life of a process."""
    sys.stderr.write(f"{part} on {database} …\n")
    with places.place(database) as environment, tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "bench.part", part, "--out", str(out), *(["--quick"] if quick else [])]
        subprocess.run(command, env=environment, check=True)
        return figures.read(out)


if __name__ == "__main__":
    main()
