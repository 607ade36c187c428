"""`make crash`: real processes, killed at random while mail goes out and comes in; then everything is counted."""

import signal
import sys

from tests.crash.ground import prepared
from tests.crash.options import read_options


def main() -> int:
    """Exit code 1 when anything does not hold. Then the folder of the run stays, and is named."""
    options = read_options(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to stop."))
    with prepared(options) as ground:
        import django  # noqa: PLC0415 - its settings come from the ground

        django.setup()
        from tests.crash.run import run  # noqa: PLC0415

        return run(options, ground)


if __name__ == "__main__":
    sys.exit(main())
