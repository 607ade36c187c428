"""XLSX, the first sheet of a workbook, row by row. What would fill the memory is refused before it is unpacked."""

import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from candidly.sheets.errors import NO_SPREADSHEET, Unreadable

#: Bytes of all parts unpacked; of the part that is held in memory as a whole; and how much denser than any honest
#: spreadsheet a large part may be.
UNPACKED, SHARED, LARGE, DENSEST = 1_000_000_000, 100_000_000, 10_000_000, 150
WIDEST = 200
#: Where other office programs keep theirs in the same kind of archive.
OTHER_KINDS = ("word/", "ppt/", "visio/")
OPEN_DOCUMENT = "This is a file of the OpenDocument kind. Save it as XLSX or CSV."
BROKEN = "This XLSX file is damaged. Open it in your spreadsheet program and save it again."


@contextmanager
def xlsx_rows(path: Path) -> Iterator[Iterator[tuple[Any, ...]]]:
    """The rows of the first sheet. Raises Unreadable."""
    parts = _parts(path)
    _refuse_others([part.filename for part in parts])
    _refuse_bombs(parts)
    try:
        workbook = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError, OSError) as error:
        raise Unreadable(BROKEN) from error
    try:
        if not workbook.worksheets:
            raise Unreadable("This workbook has no sheet with cells.")
        yield _rows(workbook.worksheets[0])
    finally:
        workbook.close()


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # some programs write wrong ones
    try:
        for row in sheet.iter_rows(values_only=True):
            yield row[:WIDEST]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError, EOFError) as error:
        raise Unreadable(BROKEN) from error


def _parts(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable(BROKEN) from error


def _refuse_others(names: Collection[str]) -> None:
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        raise Unreadable(OPEN_DOCUMENT)
    if "[Content_Types].xml" not in names:
        raise Unreadable("This is a ZIP archive, not a spreadsheet. Unpack it and choose the CSV or XLSX file in it.")
    if any(name.startswith(OTHER_KINDS) for name in names):
        raise Unreadable(NO_SPREADSHEET)


def _refuse_bombs(parts: Collection[zipfile.ZipInfo]) -> None:
    dense = any(part.file_size > LARGE and part.file_size > DENSEST * max(1, part.compress_size) for part in parts)
    if dense or sum(part.file_size for part in parts) > UNPACKED:
        raise Unreadable("This file would unpack to far more than a list of people needs, so it is not opened.")
    if any(part.filename.endswith("sharedStrings.xml") and part.file_size > SHARED for part in parts):
        raise Unreadable("This workbook holds more text than can be read at once. Save it as CSV UTF-8 instead.")
