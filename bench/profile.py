"""`python -m bench.profile`: where a worker's CPU time goes while it sends a mailing, by py-spy."""

import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()

from bench import cast, delivery, programs

RATE = 200
LEAVES = 25
#: Innermost functions that wait for work or for the mail server: no CPU. Waiting for PostgreSQL is counted.
WAITING = re.compile(r"^(Condition\.wait|_worker|EpollSelector\.select|sigwait|SmtpChannel\._work_off|.*Queue\.get) ")
#: The first that a stack holds is where its sample counts.
STAGES = (
    ("make the mail", r"candidly/mail/"),
    ("mark what was sent", r"^record \(|_record"),
    ("claim", r"^claim \("),
    ("load what is claimed", r"actions/outgoing"),
    ("fan out", r"actions/(fan_out|writing)"),
    ("speak SMTP", r"channels/smtp"),
    ("end mailings", r"actions/completion"),
    ("everything else", r""),
)


def main(number: int) -> None:
    member = cast.recruiter()
    cast.add_candidates(member, number)
    with programs.sink() as port, delivery.workers(1, port) as (pid,), tempfile.TemporaryDirectory() as folder:
        stacks = Path(folder) / "stacks"
        command = [
            "py-spy",
            "record",
            "--pid",
            str(pid),
            "--format",
            "raw",
            "--rate",
            str(RATE),
            "--nolineno",
            "--nonblocking",
        ]
        with subprocess.Popen([*command, "--output", str(stacks)], stdout=subprocess.DEVNULL) as spy:
            figure = delivery.whole(member, [pid], "profiled")
            spy.send_signal(signal.SIGINT)
        sys.stdout.write(f"{figure.value:,.0f} messages/s while profiled\n\n{report(stacks.read_text())}")


def report(stacks: str) -> str:
    """`stacks`: lines of "frame;frame;frame samples", the outermost first."""
    stages: Counter[str] = Counter()
    leaves: Counter[str] = Counter()
    for line in stacks.splitlines():
        frames, _, samples = line.rpartition(" ")
        if not samples.isdecimal() or WAITING.match(frames.rpartition(";")[2]):
            continue  # a stack that was read while it changed may hold anything
        stages[_stage(frames.split(";"))] += int(samples)
        leaves[frames.rpartition(";")[2]] += int(samples)
    total = stages.total()
    by_stage = [f"{100 * n / total:5.1f} %  {name}" for name, n in stages.most_common()]
    by_leaf = [f"{100 * n / total:5.1f} %  {name}" for name, n in leaves.most_common(LEAVES)]
    return "\n".join(["By stage", *by_stage, "", "By innermost function", *by_leaf, ""])


def _stage(frames: list[str]) -> str:
    return next(name for name, pattern in STAGES if any(re.search(pattern, frame) for frame in frames))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
