"""Keeps several processes running as one: started together, started again when one dies, stopped together."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

#: Seconds between two looks at the processes.
LOOK_EVERY = 0.2
#: Seconds until the next start of one that died: doubled each time, and forgotten after a quiet minute.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
QUIET = 60.0
#: Seconds that a process has to end its work when told to stop.
PATIENCE = 15.0

#: Runs what follows, unless its parent is another process than the first word says.
UNLESS_ORPHANED = ["sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"']


def tied_to(supervisor: int) -> list[str]:
    """What to begin a command with: should its parent, the process with this id, be killed, the kernel tells it to stop
    (util-linux has the tool); one that was killed before the kernel knew of it is noticed at once."""
    return ["setpriv", "--pdeathsig", "TERM", *UNLESS_ORPHANED, str(supervisor)] if shutil.which("setpriv") else []


@dataclass
class Part:
    """One `candidly NAME` process."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)

    def start(self) -> None:
        """Ctrl-C reaches a whole process group; the process ignores it, and stops when the supervisor says so."""
        ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.process = subprocess.Popen([*tied_to(os.getpid()), sys.executable, "-m", "candidly", self.name])
        finally:
            signal.signal(signal.SIGINT, ours)
        self.started_at = time.monotonic()

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def rest(self) -> float:
        """Forget the dead process and say in how many seconds the next one may start."""
        self.process = None
        if time.monotonic() - self.started_at > QUIET:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.due_at = time.monotonic() + pause
        return pause


class Supervisor:
    """Runs `candidly NAME` for each name. `say` gets a plain line whenever something happens."""

    def __init__(self, names: Iterable[str], say: Callable[[str], object]) -> None:
        self.parts = [Part(name) for name in names]
        self.say = say
        self._stopping = False

    def run(self, each_look: Callable[[], None] = lambda: None) -> None:
        """Until SIGINT or SIGTERM. `each_look` is called between the looks."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._told_to_stop)
        try:
            while not self._stopping:
                self._look()
                each_look()
                time.sleep(LOOK_EVERY)
        finally:
            self._stop()

    def _told_to_stop(self, *_: object) -> None:
        """A mark and no Event: a second signal must not find a lock."""
        self._stopping = True

    def _look(self) -> None:
        for part in self.parts:
            if part.has_died():
                code = part.process.returncode if part.process else 0
                pause = part.rest()
                self.say(f"“{part.name}” ended ({_cause(code)}). It starts again in {pause:g} s.")
            elif part.process is None and time.monotonic() >= part.due_at:
                part.start()

    def _stop(self) -> None:
        running = [part.process for part in self.parts if part.process and part.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
