"""What tests of pages share."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.utils.module_loading import import_string


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process would write to its log, by the very handler and formatter of the settings."""
    logs: Any = settings.LOGGING
    configured = logs["formatters"]["line"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=configured["processor"], foreign_pre_chain=configured["foreign_pre_chain"]
        )
    )
    for name in logs["handlers"]["stderr"]["filters"]:
        handler.addFilter(_filter(logs["filters"][name]["()"]))
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


def _filter(name: str) -> logging.Filter:
    made: logging.Filter = import_string(name)()
    return made
