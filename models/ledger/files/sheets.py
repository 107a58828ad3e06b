"""Opens a ledger file (.xlsx, .docx, .csv) and gives its sheets as rows of text and dates, as they are seen.

Runs once an import, before anything is known about columns. The file itself is read by a process of its own, within
limits; here its rows arrive one after another. It does not know what the cells mean.
"""

import os
import stat
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models.ledger.files.bounds import INFLATED_MOST, refused, too_large
from models.ledger.files.grid import Found, HiddenSheet, SheetRow
from models.ledger.files.sandbox import read_in_sandbox


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet, a table of a document, or the whole of a CSV file. Rows without content are left out.

    `rows` can be gone through once; what is left of it is skipped when the next sheet is asked for. A hidden
    worksheet has none: it is told of and not read.
    """

    name: str
    rows: Iterator[SheetRow]
    hidden: bool = False


def read_sheets(path: Path) -> Iterator[Sheet]:
    """Every sheet of the file, in its order; of a document every table.

    Raises LedgerRefused where the file cannot be read: at the first sheet, or at the row that shows it. The rows of
    a sheet are there as long as this iterator is.
    """
    with _opened(path) as file:
        telling = _Telling(read_in_sandbox(file, _sayable(path.name)))
        try:
            yield from telling.sheets()
        finally:
            telling.let_go()


class _Telling:
    """Groups what is told of a file, sheet or row, into sheets with their rows."""

    def __init__(self, found: Generator[Found]) -> None:
        self._found = found
        self._begun: str | HiddenSheet = ""
        self._is_begun = self._is_over = self._is_let_go = False

    def sheets(self) -> Iterator[Sheet]:
        rows = self._rows()
        while True:
            for _ in rows:
                pass
            if not self._is_begun:
                return
            self._is_begun, rows = False, self._rows()
            is_hidden = isinstance(self._begun, HiddenSheet)
            yield Sheet(self._begun.name if isinstance(self._begun, HiddenSheet) else self._begun, rows, is_hidden)

    def let_go(self) -> None:
        self._is_let_go = True
        self._found.close()

    def _rows(self) -> Iterator[SheetRow]:
        for item in self._found:
            if not isinstance(item, SheetRow):
                self._begun, self._is_begun = item, True
                return
            yield item
        if self._is_let_go and not self._is_over:
            raise RuntimeError("rows were asked for after their sheets were let go")
        self._is_over = True


def _opened(path: Path) -> BinaryIO:
    """The file, where it is one: a pipe or a device might never end, and is not waited for."""
    try:
        # Without O_NONBLOCK a pipe would hold us here until somebody writes to it.
        place = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise refused(f"找不到台账文件 {path}。", "请检查文件名和所在文件夹。") from error
    except (OSError, ValueError) as error:
        raise refused(f"台账文件 {path.name} 打不开。", "请检查文件权限，或关闭正在使用它的程序。") from error
    status = os.fstat(place)
    if stat.S_ISREG(status.st_mode) and status.st_size <= INFLATED_MOST:
        return os.fdopen(place, "rb", buffering=0)
    os.close(place)
    if stat.S_ISREG(status.st_mode):
        raise too_large(path.name)
    if stat.S_ISDIR(status.st_mode):
        raise refused(f"{path.name} 是文件夹，不是台账文件。", "请选择其中的台账文件。")
    raise refused(f"{path.name} 不是普通文件，未读取。", "请把台账另存为普通文件后再导入。")


def _sayable(name: str) -> str:
    """The name with what cannot be written as text replaced."""
    return name.encode("utf-8", "replace").decode()
