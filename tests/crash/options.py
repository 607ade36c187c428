"""How much of everything: what `make crash` asks for, and what the short form in the suite can afford."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

type Database = Literal["sqlite", "postgresql"]


@dataclass(frozen=True)
class Options:
    """`people` times `mailings` is the number of messages out. `faults` is the share of mails that meet a fault of the
    relay, `lag` how long it takes over one that it has taken. `pause` stretches the time between two faults of ours.
    Waits after a failure, which grow to hours, are cut short when the storm is over. Times are seconds.
    """

    people: int
    mailings: int
    inbound: int
    kills: int
    stops: int
    workers: int = 2
    faults: float = 0.02
    lag: float = 0.005
    seed: int = 1
    pause: float = 1.0
    patience: float = 300.0
    database: Database = "sqlite"

    @property
    def from_browser(self) -> int:
        """Messages that Hannah writes by hand meanwhile."""
        return 5 * self.mailings


FULL = Options(people=5_000, mailings=10, inbound=10_000, kills=100, stops=20)
QUICK = Options(people=500, mailings=4, inbound=400, kills=12, stops=3, faults=0.05, lag=0.02)
SHORT = Options(people=150, mailings=4, inbound=60, kills=4, stops=1, faults=0.08, lag=0.05, pause=0.7)
SIZES = {"full": FULL, "quick": QUICK, "short": SHORT}


def read_options(arguments: Sequence[str]) -> Options:
    """From the command line: a size, and whatever is to differ from it."""
    given = _parser().parse_args(arguments)
    options = SIZES[given.size]
    return replace(options, **_named(given), stops=0 if given.database == "sqlite" else _stops(given, options))


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="make crash", description="Kill everything at random, and count what is left.")
    parser.add_argument("--quick", dest="size", action="store_const", const="quick", default="full")
    parser.add_argument("--short", dest="size", action="store_const", const="short", help="as in the test suite")
    parser.add_argument("--database", choices=get_args(Database.__value__), default="sqlite")
    for name in ("people", "mailings", "inbound", "kills", "stops", "workers", "seed"):
        parser.add_argument(f"--{name}", type=int)
    for name in ("faults", "lag", "pause", "patience"):
        parser.add_argument(f"--{name}", type=float)
    return parser


def _named(given: Namespace) -> dict[str, Any]:
    names = {field.name for field in fields(Options)} - {"stops"}
    return {name: value for name, value in vars(given).items() if name in names and value is not None}


def _stops(given: Namespace, options: Options) -> int:
    return options.stops if given.stops is None else int(given.stops)
