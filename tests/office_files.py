"""Office files made by hand for tests of reading, and the reading of them without a process of its own."""

import zipfile
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from models.ledger.files.grid import SheetRow
from models.ledger.files.opening import rows_of_file

SHEET_PART = "xl/worksheets/sheet1.xml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(path: Path, fill: Callable[[Worksheet], object]) -> Path:
    """A workbook with one sheet 台账, filled by `fill`."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    fill(sheet)
    book.save(path)
    return path


def zipped(parts: Mapping[str, str | bytes | Iterable[bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A file of parts, packed; a part may come in pieces. ZIP_STORED parts are under no bound on packing."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            pieces = [content.encode()] if isinstance(content, str) else content
            with archive.open(name, "w") as part:
                part.writelines([pieces] if isinstance(pieces, bytes) else pieces)
    return buffer.getvalue()


def unzipped(file: Path | bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, member: str, *changes: tuple[str, str]) -> Path:
    """Changes the text of one part inside an office file, as no office program would."""
    parts = unzipped(path)
    text = parts[member].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_bytes(zipped({**parts, member: text}))
    return path


def relations(**targets: str) -> str:
    """The relations of a part, each by the last word of its type."""
    return f'<Relationships xmlns="{_PACKAGE}">' + "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    ) + "</Relationships>"  # fmt: skip


def sheet_xml(rows: str, after: str = "", before: str = "") -> bytes:
    """A workbook whose only sheet 台账 has these rows of XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return zipped(
        {
            "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="台账" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(worksheet="worksheets/sheet1.xml"),
            SHEET_PART: f'<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
        }
    )


def document_xml(body: str, numbering: str = "", styles: str = "") -> bytes:
    """A document with this body of XML; its elements are written with the prefix w."""
    parts = {
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
    }
    if numbering:
        parts["word/_rels/document.xml.rels"] = relations(numbering="numbering.xml", styles="styles.xml")
        parts["word/numbering.xml"] = f'<w:numbering xmlns:w="{_WORD}">{numbering}</w:numbering>'
        parts["word/styles.xml"] = f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>'
    return zipped(parts)


def sheets_of(content: bytes | Path, name: str = "a.xlsx") -> dict[str, list[SheetRow]]:
    """The sheets that are shown, with their rows, read here and not in a process of its own."""
    if isinstance(content, Path):
        name = content.name
        content = content.read_bytes()
    sheets: dict[str, list[SheetRow]] = {}
    rows: list[SheetRow] = []
    for item in rows_of_file(BytesIO(content), name):
        if isinstance(item, SheetRow):
            rows.append(item)
        elif isinstance(item, str):
            assert item not in sheets
            rows = sheets[item] = []
    return sheets


def only_rows(content: bytes | Path, name: str = "a.xlsx") -> list[SheetRow]:
    (rows,) = sheets_of(content, name).values()
    return rows


def cells_of(rows: Iterable[SheetRow]) -> list[tuple[object, ...]]:
    return [row.cells for row in rows]
