"""What a round of the way out takes along."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from candidly.actions import conversations, deliveries
from candidly.channels.contract import nobody
from candidly.envelope import Outgoing, Receipt, Result
from candidly.models import Delivery, Member, Person
from candidly.worker import sending
from candidly.worker.journal import Journal

pytestmark = pytest.mark.django_db


class TakesAll:
    """A channel whose other side takes whatever it is handed, at once."""

    name = "smtp"

    def send(self, batch: Iterable[Outgoing | None], *, taken: Callable[[int], None] = nobody) -> Iterator[Result]:
        for mail in batch:
            if mail is not None:
                taken(mail.delivery_id)
                yield Receipt(mail.delivery_id)

    def stop(self) -> None: ...

    def close(self) -> None: ...


def test_what_is_written_one_by_one_leaves_together(
    hannah: Member, amara: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, looks = deliveries.claim, []

    def looked(*arguments: object, **more: object) -> list[int]:
        found = claim(*arguments, **more)  # type: ignore[arg-type]
        looks.append(len(found))
        return found

    def write(seconds: float) -> None:
        """What others do while the round waits after its first look."""
        for number in range(3 if seconds and looks == [1] else 0):
            conversations.start(hannah, amara, subject=f"Ward {number}", text="One more thing.")
        time.sleep(seconds)

    monkeypatch.setattr(deliveries, "claim", looked)
    monkeypatch.setattr(sending, "sleep", write)
    conversations.start(hannah, amara, subject="Your application", text="A question.")
    with Journal(tmp_path, "w") as journal:
        assert sending.Sending("w", "email", TakesAll(), journal).round()
    assert looks == [1, 3, 0]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
