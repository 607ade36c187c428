"""Rows as a CSV file (RFC 4180) to be saved, written while they are read: however many there are."""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

from candidly.sheets import writing


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """To be saved as `name`."""
    return StreamingHttpResponse(
        writing.as_csv(columns, rows),
        content_type=writing.FORMATS["csv"],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
