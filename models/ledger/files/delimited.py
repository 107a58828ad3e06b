"""Reads a ledger kept as text (.csv, .tsv, .txt), record by record: any encoding and delimiter offices write.

Used inside the sandbox. Row numbers are those of records, as a spreadsheet shows them: a line break inside quotes
is no new row. The text is never held as a whole. The guard that our own files put before a formula is taken off.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from models.ledger.files.bounds import INFLATED_MOST, refused, too_large
from models.ledger.files.cell_text import plain_text, unguarded
from models.ledger.files.encodings import MARK_LONGEST, encodings_of
from models.ledger.files.grid import SheetRow

_CHUNK = 1024 * 1024
_DELIMITERS = (",", "\t", ";", "，", "；", "|")
_SAMPLED_CHARACTERS = 64 * 1024
_SAMPLED_RECORDS = 20
_HEADER_AT_LEAST = 3


def rows_of_text(file: BinaryIO, name: str, sheet: str) -> Iterator[str | SheetRow]:
    """The name of the one sheet, then its rows. Raises LedgerRefused."""
    encoding = _encoding(file, name)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    delimiter = _delimiter(text.read(_SAMPLED_CHARACTERS))
    text.seek(0)
    records = csv.reader(text, strict=True, delimiter=delimiter)
    yield sheet
    try:
        for number, record in enumerate(records, 1):
            if cells := _cells(record):
                yield SheetRow(number, cells)
    except csv.Error as error:
        raise refused(
            f"台账文件 {name} 第{records.line_num}行附近不是合法的 CSV（多为引号不成对）。",
            "请用表格软件打开后另存为 CSV 或 .xlsx。",
        ) from error


def _cells(record: list[str]) -> tuple[str, ...]:
    cells = [unguarded(plain_text(cell).strip()).strip() for cell in record]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _encoding(file: BinaryIO, name: str) -> str:
    """What the whole file can be read as: the first in which all of it is text."""
    file.seek(0)
    for encoding in encodings_of(file.read(MARK_LONGEST)):
        if _is_text(file, encoding, name):
            return encoding
    raise refused(f"台账文件 {name} 的文字编码无法识别。", "请另存为“CSV UTF-8”或 .xlsx 后再导入。")


def _is_text(file: BinaryIO, encoding: str, name: str) -> bool:
    file.seek(0)
    decoder, size = codecs.getincrementaldecoder(encoding)(), 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > INFLATED_MOST:
            raise too_large(name)
        try:
            if "\0" in decoder.decode(chunk):
                return False
        except UnicodeDecodeError:
            return False
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The delimiter by which most of the first records have equally many cells; a comma where none has."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[int, int]:
    """How many records agree in their number of cells, and on what number. Strict: behind quotes stands a delimiter, so
    that what stands inside of them is none."""
    sizes: Counter[int] = Counter()
    try:
        records = csv.reader(io.StringIO(sample, newline=""), strict=True, delimiter=delimiter)
        for record in islice(records, _SAMPLED_RECORDS):
            if len(record) >= _HEADER_AT_LEAST:
                sizes[len(record)] += 1
    except csv.Error:
        pass  # what is wrong is told when the file is read by the delimiter that is chosen
    return max(((count, size) for size, count in sizes.items()), default=(0, 0))
