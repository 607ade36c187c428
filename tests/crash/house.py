"""The real processes: started, killed at any moment, and started again at once, as a supervisor would."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from candidly.management.supervisor import tied_to

#: Seconds that a process must have lived before it is worth killing: it should have had work in its hands.
GROWN_UP = 1.5
#: Who is killed how often: the worker has most to lose.
#: So many deaths that nobody caused mean that it does not run at all.
MANY = 30
WEIGHTS = {"worker": 7, "inbound": 2, "web": 1}


@dataclass
class Part:
    """One `candidly NAME` process, the leader of a process group of its own."""

    name: str
    environment: Mapping[str, str]
    output: BinaryIO
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default=0.0)

    def start(self) -> None:
        command = [*tied_to(os.getpid()), sys.executable, "-m", "candidly", self.name]
        self.process = subprocess.Popen(
            command,
            env=dict(self.environment),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
        )
        self.started_at = time.monotonic()

    @property
    def age(self) -> float:
        return time.monotonic() - self.started_at

    def kill(self) -> None:
        """SIGKILL to the whole of it, as when the machine's power goes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class House:
    """Web, inbound listener and workers. What they say goes to the file `output`."""

    def __init__(self, environment: Mapping[str, str], workers: int, output: Path) -> None:
        names = ["web", "inbound", *["worker"] * workers]
        self.parts = [Part(name, environment, output.open("ab")) for name in names]
        self.killed: Counter[str] = Counter()
        self.died: Counter[str] = Counter()
        self._watching = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        for part in self.parts:
            part.start()
        self._watcher = threading.Thread(target=self._watch, name="supervisor")
        self._watcher.start()

    def kill_one(self, chance: random.Random) -> None:
        """Somebody who has lived long enough, or the one who has lived longest."""
        grown_up = [part for part in self.parts if part.age > GROWN_UP] or [max(self.parts, key=lambda p: p.age)]
        (victim,) = chance.choices(grown_up, [WEIGHTS[part.name] for part in grown_up])
        with self._lock:
            victim.kill()
            self.killed[victim.name] += 1
            victim.start()

    def stop(self) -> None:
        """In good order, so that nothing is left in anyone's hands."""
        self._watching.set()
        self._watcher.join()
        for part in self.parts:
            part.stop()
            part.output.close()

    def _watch(self) -> None:
        """Who ends without being killed (a door whose database is away, say) is started again, and counted."""
        while not self._watching.wait(0.2):
            for part in self.parts:
                with self._lock:
                    if part.process and part.process.poll() is not None:
                        self.died[part.name] += 1
                        part.start()

    def runs(self) -> bool:
        """Raises RuntimeError when it does not run at all."""
        if self.died.total() > MANY:
            raise RuntimeError(f"The processes end of themselves; see {self.parts[0].output.name}")
        return True
