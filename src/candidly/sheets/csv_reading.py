"""CSV as it comes: in whatever encoding and with whatever between its columns."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from candidly.sheets.errors import NO_SPREADSHEET, Unreadable

LOOKED_AT = 64 * 1024
DELIMITERS = (",", ";", "\t")
#: UTF-16 marks itself; UTF-8 may. What is neither is taken for what Windows programs of Western Europe write.
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
OTHERWISE = "cp1252"
#: How files begin that may be text and are no lists: PDF, RTF, and pages and other things between pointed brackets.
OTHER_KINDS = ("%PDF-", "{\\rtf", "<")


@contextmanager
def csv_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    """The rows of the file, one after the other. Raises Unreadable."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        beginning = file.read(LOOKED_AT)
        if not _may_be_list(beginning):
            raise Unreadable(NO_SPREADSHEET)
        file.seek(0)
        yield _rows(csv.reader(file, delimiter=_delimiter(beginning)))


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Unreadable(
            "A quotation mark is opened and never closed, so the rows run together. Save the file again as CSV UTF-8."
        ) from error


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        beginning = file.read(4)
        for mark, encoding in MARKS:
            if beginning.startswith(mark):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(LOOKED_AT):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return OTHERWISE
    return "utf-8"


def _may_be_list(beginning: str) -> bool:
    if beginning.lstrip().startswith(OTHER_KINDS):
        return False
    return not any(char < " " and char not in "\t\r\n\x0b\x0c" for char in beginning)


def _delimiter(beginning: str) -> str:
    """What parts the heading into the most columns."""
    lines = [line for line in beginning.splitlines() if line.strip()]
    heading = lines[0] if lines else ""
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([heading], delimiter=delimiter), [])))
