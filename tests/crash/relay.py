"""A mail server that notes what it takes, and behaves badly by chance. A process: `… relay PORT LOG SEED SHARE LAG`.

What it takes stands in LOG before it answers: one line for a mail, with its Message-ID, its recipient, the number of
the connection, and whether the answer was held back. SIGUSR1 makes it behave from then on.
"""

import asyncio
import os
import random
import re
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)
ENVELOPE_FAULTS = ("later", "never", "late", "reset", "close", "garbage")
#: At the final dot the mail may have been taken all the same, which only the log tells.
DOT_FAULTS = (*ENVELOPE_FAULTS, "taken, then reset", "taken, then closed", "taken, then garbage", "taken, late")
UNANSWERED = ("taken, then reset", "taken, then closed", "taken, then garbage")
STEPS = ("MAIL", "RCPT", "DATA", "dot")
REPLIES = {"later": b"451 4.3.0 not now\r\n", "never": b"550 5.7.1 not from you\r\n", "garbage": b"I am a teapot\r\n"}
#: Whom the relay refuses for good, in fair weather too.
REFUSED = b"<gone."
LATE = (0.1, 1.5)


class HangUp(Exception):
    """The relay ends the connection; `abruptly` with a reset."""

    def __init__(self, abruptly: bool = False) -> None:
        self.abruptly = abruptly


@dataclass
class Moods:
    """What goes wrong next: a mail meets a fault with probability `share`, a connection at its greeting half as often.

    `lag`: seconds that it takes on average, even in a good mood, to say that it has taken a mail.
    """

    share: float
    lag: float
    chance: random.Random

    def of_greeting(self) -> str:
        return self.chance.choice(ENVELOPE_FAULTS) if self.chance.random() < self.share / 2 else ""

    def of_mail(self) -> dict[str, str]:
        if self.chance.random() >= self.share:
            return {}
        step = self.chance.choice(STEPS)
        return {step: self.chance.choice(DOT_FAULTS if step == "dot" else ENVELOPE_FAULTS)}

    async def linger(self) -> None:
        await asyncio.sleep(self.chance.uniform(*LATE))

    async def think(self) -> None:
        await asyncio.sleep(self.chance.uniform(0.0, 2 * self.lag))

    def behave(self) -> None:
        self.share = 0.0


class Conversation:
    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, relay: "Relay") -> None:
        self.number = number
        self.reader = reader
        self.writer = writer
        self.relay = relay
        self.mood: dict[str, str] = {}
        self.refused = False
        self.recipient = b""

    async def hold(self) -> None:
        try:
            await self.answer(b"220 relay.test ESMTP\r\n", self.relay.moods.of_greeting())
            while line := await self.reader.readline():
                await self.obey(line.rstrip())
        except HangUp as end:
            if end.abruptly:
                self.writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writer.close()

    async def obey(self, line: bytes) -> None:
        verb = line[:4].upper().decode(errors="replace")
        match verb:
            case "EHLO":
                await self.answer(b"250-relay.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            case "MAIL":
                self.mood, self.recipient = self.relay.moods.of_mail(), b""
                self.refused = not await self.answer(b"250 2.1.0 ok\r\n", self.mood.get("MAIL", ""))
            case "RCPT":
                await self.take_recipient(line)
            case "DATA":
                await self.take_mail()
            case "QUIT":
                await self.answer(b"221 2.0.0 bye\r\n")
                raise HangUp
            case _:
                await self.answer(b"250 2.0.0 ok\r\n")

    async def take_recipient(self, line: bytes) -> None:
        if self.refused:
            await self.answer(b"503 5.5.1 MAIL first\r\n")
        elif REFUSED in line:
            await self.answer(b"552 5.2.2 the mailbox is full\r\n")
        elif await self.answer(b"250 2.1.5 ok\r\n", self.mood.get("RCPT", "")):
            self.recipient = line.partition(b"<")[2].partition(b">")[0]

    async def take_mail(self) -> None:
        if not self.recipient:
            await self.answer(b"503 5.5.1 RCPT first\r\n")
        elif await self.answer(b"354 go ahead\r\n", self.mood.get("DATA", "")):
            content = await self.reader.readuntil(b"\r\n.\r\n")
            fault = self.mood.get("dot", "")
            if not fault or fault == "late" or fault.startswith("taken"):
                self.relay.note_mail(content, self.recipient, self.number, fault in UNANSWERED)
                await self.relay.moods.think()
            await self.answer(b"250 2.0.0 ok: queued\r\n", fault)

    async def answer(self, good: bytes, fault: str = "") -> bool:
        """Says `good`, or what `fault` wants; tells whether it was `good`."""
        kind = fault.removeprefix("taken, ").removeprefix("then ")
        if fault:
            self.relay.note_fault(fault)
        if kind == "late":
            await self.relay.moods.linger()
        elif kind in ("reset", "close", "closed"):
            raise HangUp(abruptly=kind == "reset")
        said = REPLIES.get(kind, good)
        self.writer.write(said)
        await self.writer.drain()
        return said is good


class Relay:
    def __init__(self, moods: Moods, log: Path) -> None:
        self.moods = moods
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.connections = 0

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError):
            await Conversation(self.connections, reader, writer, self).hold()

    def note_mail(self, content: bytes, recipient: bytes, connection: int, unanswered: bool) -> None:
        found = MESSAGE_ID.search(content)
        message_id = found[1].decode() if found else "none"
        answer = "unanswered" if unanswered else "answered"
        self._note(f"mail\t{message_id}\t{recipient.decode()}\t{connection}\t{answer}")

    def note_fault(self, fault: str) -> None:
        self._note(f"fault\t{fault}")

    def _note(self, line: str) -> None:
        os.write(self.log, f"{line}\n".encode())

    async def serve(self, port: int) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.moods.behave)
        server = await asyncio.start_server(self.welcome, "127.0.0.1", port, limit=2**22, backlog=200)
        async with server:
            await server.serve_forever()


def main(port: str, log: str, seed: str, share: str, lag: str) -> None:
    moods = Moods(float(share), float(lag), random.Random(int(seed)))
    asyncio.run(Relay(moods, Path(log)).serve(int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
