"""What keeps words that people wrote out of the log: errors may quote a mail, and addresses of pages a token."""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

type ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | BaseException | bool | None


class RoutesForPaths(logging.Filter):
    """Django logs the path of a request that went wrong; the route says as much and holds no token."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            route = match.route if match else "an address that leads nowhere"
            record.args = tuple(route if argument == request.path else argument for argument in record.args)
        return True


def error_without_words(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: an error becomes its kinds and the places in the code, without its own words."""
    if error := _error(event.pop("exc_info", None)):
        event["error"] = " after ".join(type(one).__name__ for one in _chain(error))
        event["where"] = "\n".join("".join(traceback.format_tb(one.__traceback__)) for one in _chain(error))
    return event


def _error(given: ExcInfo) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1]
    return sys.exc_info()[1] if given else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it came of, and so on."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
