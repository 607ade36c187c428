"""Rows as a file to be saved, CSV (RFC 4180) or a workbook, written while they are read: however many there are."""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

from candidly.sheets import writing

WRITERS = {"csv": writing.as_csv, "xlsx": writing.as_xlsx}


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """To be saved as `name`."""
    return as_file(name, "csv", columns, rows)


def as_file(name: str, form: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """The same in one of the forms of WRITERS."""
    return StreamingHttpResponse(
        WRITERS[form](columns, rows),
        content_type=writing.FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
