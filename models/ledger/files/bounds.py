"""What a ledger file may cost to read, and the refusals of one that costs more or cannot be read.

Used by every reader of a file, on both sides of the sandbox. The figures are far above any ledger of an office
and far below what a hostile file would take. It reads nothing itself. PURE.
"""

from collections.abc import Iterator

from models.errors import LedgerRefused, Problem
from models.ledger.files.grid import Found, HiddenSheet

MIB = 1024 * 1024
INFLATED_MOST = 50 * MIB
"""Bytes of a file once unpacked, counted while unpacking: declared sizes may lie. For .csv the bytes of the file."""
WRITING_INFLATED_MOST = 200 * MIB
WRITING_RATIO_MOST = 50
"""A hundred thousand honest rows are 60 to 120 MiB of XML, packed to a twentieth. So a file that is packed no more
tightly than writing is may unpack to more than INFLATED_MOST; none of its tables is ever held as a whole."""
MEMBERS_MOST = 2_000
RATIO_MOST = 100
RATIO_FROM = 1 * MIB
"""Only a part that unpacks to more is held to the ratio: short parts of honest files, all blanks, exceed it."""
ROWS_MOST = 200_000
ROWS_EVER = 1_048_576
"""Rows of a sheet, in any program."""
COLUMNS_MOST = 100
CELLS_MOST = 4_000_000
"""Cells of one sheet, blank ones included: programs style cells to the far right of every row."""
MERGES_MOST = 400_000
CELL_CHARACTERS_MOST = 32_767
"""What Excel allows in one cell."""
CHARACTERS_MOST = 64 * MIB
"""Characters given out in all. More than a file holds, since one text may be repeated in many cells."""
NAME_CHARACTERS_MOST = 100
MEMORY_MOST = 512 * MIB
SECONDS_MOST = 30

_ANEW = "请用表格软件打开检查，另存为 .xlsx 后再导入。"


def bounded(found: Iterator[Found]) -> Iterator[Found]:
    """Passes on sheets (by name) and their rows, and refuses the first that no ledger would have."""
    sheet, room = "", CHARACTERS_MOST
    for item in found:
        if isinstance(item, str):
            sheet = item[:NAME_CHARACTERS_MOST]
            yield sheet
            continue
        if isinstance(item, HiddenSheet):
            yield HiddenSheet(item.name[:NAME_CHARACTERS_MOST])
            continue
        if item.number > ROWS_MOST or len(item.cells) > COLUMNS_MOST:
            raise too_many(sheet, item.number)
        lengths = [len(cell) for cell in item.cells if isinstance(cell, str)]
        if max(lengths, default=0) > CELL_CHARACTERS_MOST:
            raise too_long(sheet, item.number)
        room -= sum(lengths)
        if room < 0:
            raise refused("台账的文字总量过大，不像台账。", "请删除多余的行和列，或拆分后再导入。", sheet, item.number)
        yield item


def refused(zh: str, cure: str, sheet: str = "", row: int | None = None) -> LedgerRefused:
    """The refusal, at its place; a row that no sheet can have says nothing, and may be as long as the file."""
    told = row if row is not None and row <= ROWS_EVER else None
    return LedgerRefused(zh, [Problem(zh.rstrip("。"), sheet=sheet, row=told)], cure)


def broken(name: str) -> LedgerRefused:
    return refused(f"台账文件 {name} 已损坏，或不是它的扩展名所说的文件。", _ANEW)


def too_large(name: str) -> LedgerRefused:
    return refused(
        f"台账文件 {name} 展开后超过{INFLATED_MOST // MIB} MiB，或内含文件超过{MEMBERS_MOST}个，不像台账。",
        "请删除多余的空行、空列、图片和附件，另存后再导入。",
    )


def too_dense(name: str) -> LedgerRefused:
    return refused(
        f"台账文件 {name} 有一部分压缩了{RATIO_MOST}倍以上，不像台账，可能不安全，未读取。",
        "请用表格软件打开，把台账内容复制到新文件，另存为 .xlsx 后再导入。",
    )


def too_many(sheet: str = "", row: int | None = None) -> LedgerRefused:
    return refused(f"台账超过{ROWS_MOST}行或{COLUMNS_MOST}列。", "请删除多余的空行、空列，或拆分后再导入。", sheet, row)


def too_long(sheet: str, row: int) -> LedgerRefused:
    return refused(
        f"有一格超过{CELL_CHARACTERS_MOST}个字，不像台账。", "请把这一格的内容改短或拆开后再导入。", sheet, row
    )


def with_doctype(name: str) -> LedgerRefused:
    return refused(f"台账文件 {name} 含有 DTD 声明，可能不安全，未读取。", "请用表格软件打开后另存为新文件，再导入。")
