"""Lists that go out, row by row: nothing is held but what has not been sent yet. Cells that a spreadsheet program could
run as formulas are neutralised."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from candidly.sheets.cells import neutralised

#: What a cell of a workbook can hold, in characters.
LONGEST_CELL = 32_767
CHUNK = 64 * 1024
#: Controls that XML 1.0 does not know.
ILLEGAL = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class _Line:
    """What the csv module writes to: hands each line back."""

    def write(self, text: str) -> str:
        return text


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with a mark, which spreadsheet programs need to know it by."""
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow(_safe(heading)).encode()
    for row in rows:
        yield writer.writerow(_safe(row)).encode()


def as_xlsx(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A workbook is a ZIP archive, which is finished only at its end: it is written to a file of its own first.

    What comes first is empty: the answer begins with it, and a browser shows that it is fetching a file.
    """
    yield b""
    from openpyxl import Workbook  # noqa: PLC0415 - takes 12 MB, which most processes never need

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("List")
    sheet.append(_fit(heading))
    for row in rows:
        sheet.append(_fit(row))
    with tempfile.TemporaryDirectory(prefix="candidly-") as folder:
        path = Path(folder) / "list.xlsx"
        workbook.save(path)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def _safe(row: Iterable[str]) -> list[str]:
    return [neutralised(text) for text in row]


def _fit(row: Iterable[str]) -> list[str]:
    return [text.translate(ILLEGAL)[:LONGEST_CELL] for text in _safe(row)]
