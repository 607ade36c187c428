"""The clock that all machines share, put to any time."""

from collections.abc import Callable
from datetime import datetime

import pytest

from candidly.models import clock

type SetClock = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Puts the database's clock to a time, at which it stands still."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return put
