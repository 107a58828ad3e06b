"""Files made on purpose to cost more than they are worth, each read as an office's file is, by the sandbox.

That no reader gets more memory than it may is the kernel's to keep: test_sandbox.py.
"""

import zipfile
from collections.abc import Callable
from copy import copy
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest

from models.errors import LedgerRefused
from models.ledger.files.sheets import read_sheets
from tests.office_files import SHEET_PART, document_xml, relations, sheet_xml, unzipped, zipped

SECONDS_MOST = 20
"""Far more than any of these takes, even on a machine that is busy; the sandbox itself allows 30."""


def rows_of(path: Path) -> int:
    """How many rows the file has; -1 where it is refused."""
    since = monotonic()
    try:
        rows = sum(sum(1 for _ in sheet.rows) for sheet in read_sheets(path))
    except LedgerRefused as refused:
        assert refused.cure
        assert "意外中断" not in refused.zh
        rows = -1
    assert monotonic() - since < SECONDS_MOST
    return rows


def _with(**changed: str) -> Callable[[], bytes]:
    """A workbook of one row, with these parts in place of its own: `sheet`, `book`, `styles`, `strings`."""
    names = {"sheet": SHEET_PART, "book": "xl/workbook.xml", "styles": "xl/styles.xml", "strings": "xl/strings.xml"}
    parts: dict[str, bytes | str] = {"xl/styles.xml": "<s/>", "xl/strings.xml": "<sst/>"}
    parts |= unzipped(sheet_xml("<row><c><v>1</v></c></row>"))
    parts["xl/_rels/workbook.xml.rels"] = relations(
        worksheet="worksheets/sheet1.xml", sharedStrings="strings.xml", styles="styles.xml"
    )
    return lambda: zipped({**parts, **{names[name]: content for name, content in changed.items()}}, zipfile.ZIP_STORED)


def _sheet(rows: str, before: str = "", after: str = "") -> str:
    return f"{before}<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>"


def _overlapping() -> bytes:
    """A thousand names for the same megabyte of blanks."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", bytes(1024 * 1024))
        archive.filelist.extend(copy(archive.filelist[0]) for _ in range(1000))
    return buffer.getvalue()


def _lying() -> bytes:
    """A part that says it is one byte long, and is a megabyte."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", bytes(1024 * 1024))
        archive.filelist[0].file_size = 1
    return buffer.getvalue()


def _nested() -> bytes:
    content = bytes(8 * 1024 * 1024)
    for depth in range(5):
        content = zipped({f"{depth}.zip": content})
    return content


def _laughs() -> str:
    """Entities that call each other ten times each; the last would be a billion laughs."""
    calls = zip("abcdefghi", "bcdefghij", strict=True)
    entities = "".join("<!ENTITY " + more + " '" + f"&{less};" * 10 + "'>" for less, more in calls)
    return f"<!DOCTYPE x [<!ENTITY a 'ha'>{entities}]>"


OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
ROW = "<row><c><v>1</v></c></row>"
FULL_ROWS = f"<row>{'<c t=%s><v>0</v></c>' * 90}</row>".replace("%s", "'s'") * 3_000
EVERYWHERE = "<mergeCells>" + "<mergeCell ref='A1:XFD1048576'/>" * 100_000 + "</mergeCells>"
SAME_SHEET = "<sheet name='a' id='r1'/>" * 100_000
ENDLESS_CELL = (
    "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='99999999'/></w:tcPr></w:tc>"
    "<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
)

WORKBOOKS = [
    pytest.param(_overlapping, -1, id="parts over each other"),
    pytest.param(_lying, -1, id="a size that lies"),
    pytest.param(_nested, -1, id="a zip in a zip in a zip"),
    pytest.param(_with(sheet=_sheet(ROW, _laughs())), -1, id="a billion laughs"),
    pytest.param(_with(styles=f"{_laughs()}<s>&j;</s>"), -1, id="a billion laughs among the styles"),
    pytest.param(_with(sheet=_sheet("<row><c t='str'><v>&a;</v></c></row>", OUTSIDE)), -1, id="a file outside"),
    pytest.param(_with(sheet=_sheet("<row>" * 1_000_000)), -1, id="elements a million deep"),
    pytest.param(_with(sheet=_sheet(f"<row {'x' * 2_000_000}='1'/>")), 0, id="a long name"),
    pytest.param(_with(styles=f"<s><cellXfs>{'<xf/>' * 1_000_000}</cellXfs></s>"), 1, id="a million styles"),
    pytest.param(_with(strings=f"<sst>{'<si/>' * 500_000}</sst>"), 1, id="half a million texts"),
    pytest.param(_with(sheet=_sheet("<row><c t='s'><v>7</v></c></row>")), -1, id="a text that is not there"),
    pytest.param(_with(sheet=_sheet(f"<row><c t='str'><v>{'x' * 10_000_000}</v></c></row>")), -1, id="a cell of 10 MB"),
    pytest.param(
        _with(sheet=_sheet(FULL_ROWS), strings=f"<sst><si><t>{'长' * 32_000}</t></si></sst>"),
        -1,
        id="one long text in every cell",
    ),
    pytest.param(_with(sheet=_sheet(ROW, after=EVERYWHERE)), 1, id="100,000 merged areas over each other"),
    pytest.param(_with(book=f"<workbook><sheets>{SAME_SHEET}</sheets></workbook>"), -1, id="one sheet without end"),
    pytest.param(
        _with(sheet=_sheet(f"<row r='{'9' * 4000}'><c><v>1</v></c></row>")),
        -1,
        id="a row with a number of 4,000 digits",
    ),
]
OTHERS = [
    pytest.param(lambda: document_xml("&a;"), "a.docx", -1, id="an entity nobody knows"),
    pytest.param(lambda: document_xml("<w:tbl>" * 200_000), "a.docx", -1, id="tables in tables"),
    pytest.param(lambda: document_xml(ENDLESS_CELL), "a.docx", -1, id="a cell of endless width"),
    pytest.param(lambda: b'"' + b"x,\n" * 5_000_000, "a.csv", -1, id="a quote never closed"),
    pytest.param(lambda: b"," * 4_000_000, "a.csv", 0, id="a line of commas"),
]


@pytest.mark.parametrize(("make", "outcome"), WORKBOOKS)
def test_a_workbook_made_to_cost_much_costs_little(tmp_path: Path, make: Callable[[], bytes], outcome: int) -> None:
    (tmp_path / "a.xlsx").write_bytes(make())
    assert rows_of(tmp_path / "a.xlsx") == outcome


@pytest.mark.parametrize(("make", "name", "outcome"), OTHERS)
def test_so_does_any_other_file(tmp_path: Path, make: Callable[[], bytes], name: str, outcome: int) -> None:
    (tmp_path / name).write_bytes(make())
    assert rows_of(tmp_path / name) == outcome
