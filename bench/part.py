"""`python -m bench.part NAME --out FILE`: one measurement in the place that the environment names."""

import argparse
import importlib
from pathlib import Path

import django

from bench import figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    django.setup()
    part = importlib.import_module(f"bench.{options.name}")
    figures.write(options.out, part.measure(quick=options.quick))


if __name__ == "__main__":
    main()
