"""Rows as a CSV file (RFC 4180), written while they are read: however many there are."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from django.http import StreamingHttpResponse

#: A program that shows tables takes a cell that begins like this for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"  # by which such programs know that it is UTF-8


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """To be saved as `name`."""
    return StreamingHttpResponse(
        _lines(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield MARK + _line(columns)
    for row in rows:
        yield _line([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])


def _line(cells: Sequence[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
