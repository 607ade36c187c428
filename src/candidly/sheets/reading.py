"""A spreadsheet as its heading and its rows, whichever kind of file it is."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from candidly.sheets.cells import text_of
from candidly.sheets.csv_reading import csv_rows
from candidly.sheets.errors import Unreadable

#: Old binary workbooks and encrypted new ones lie in an OLE container, ZIP archives begin with their own mark.
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
XLSX = ".xlsx"
ONLY_NAMED_SO = (
    "This file is named XLSX, but there is no workbook in it. Choose another, or save it in your spreadsheet program "
    "as XLSX or CSV."
)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
CONTAINER = 1_000_000
HEADING_WITHIN = 20


@dataclass(frozen=True)
class Sheet:
    """`rows` are the rows below the heading that are not empty, each with its number as a spreadsheet counts."""

    heading: list[str]
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def open_sheet(path: Path) -> Iterator[Sheet]:
    """The sheet in the file, which is read as far as its rows are asked for. Raises Unreadable."""
    with path.open("rb") as file:
        beginning = file.read(len(OLE))
        if beginning == OLE:
            raise Unreadable(_old_or_locked(beginning + file.read(CONTAINER)))
    if not beginning:
        raise Unreadable("This file is empty.")
    if path.suffix == XLSX and not beginning.startswith(ZIP):
        raise Unreadable(ONLY_NAMED_SO)
    with _xlsx_rows(path) if beginning.startswith(ZIP) else csv_rows(path) as rows:
        yield _sheet(rows)


def _xlsx_rows(path: Path) -> AbstractContextManager[Iterator[Sequence[object]]]:
    from candidly.sheets.xlsx_reading import xlsx_rows  # noqa: PLC0415 - takes 12 MB, which most processes never need

    return xlsx_rows(path)


def _sheet(rows: Iterator[Sequence[object]]) -> Sheet:
    numbered = enumerate(([text_of(value) for value in row] for row in rows), start=1)
    for number, heading in numbered:
        if any(heading):
            while not heading[-1]:
                heading.pop()
            if any("@" in cell for cell in heading):
                raise Unreadable(
                    f"Row {number} holds data, not headings. Put a row above it that says what each column is."
                )
            return Sheet(heading, ((number, row) for number, row in numbered if any(row)))
        if number >= HEADING_WITHIN:
            raise Unreadable(f"The first {HEADING_WITHIN} rows are empty. Put the headings into the first row.")
    raise Unreadable("There is nothing in this file.")


def _old_or_locked(content: bytes) -> str:
    if ENCRYPTED in content:
        return "This workbook is locked with a password. Remove the password and save it again."
    return "This is a workbook of an old kind (.xls). Save it as XLSX or CSV."
