"""Files by chance for tests of reading: random parts, and real files with bytes changed, outside and inside."""

from datetime import date
from io import BytesIO

import openpyxl
from hypothesis import strategies as st

from tests.office_files import SHEET_PART, document_xml, relations, sheet_xml, unzipped, zipped


def _real_workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["整改台账"])
    for number in range(1, 9):
        sheet.append([number, "学习不够深入", f"措施{number}", "人事科", date(2023, 6, number), 0.5, "=A2+1", True])
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("B2:B5")
    sheet.row_dimensions[4].hidden = True
    sheet["F3"].number_format = '"第"0"项"'
    book.create_sheet("第二批").append(["一"])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _real_document() -> bytes:
    numbered = "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr></w:p>"
    text = "<w:p><w:r><w:t>学习不够深入</w:t></w:r></w:p>"
    merged = "<w:tcPr><w:gridSpan w:val='2'/><w:vMerge w:val='restart'/></w:tcPr>"
    cells = f"<w:tc>{numbered}</w:tc><w:tc>{merged}{text}</w:tc>"
    lists = (
        "<w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'>"
        "<w:numFmt w:val='decimal'/><w:lvlText w:val='%1.'/></w:lvl></w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
    )
    grid = "<w:tblGrid><w:gridCol w:w='700'/><w:gridCol w:w='90'/><w:gridCol w:w='900'/></w:tblGrid>"
    return document_xml(f"{text}<w:tbl>{grid}{f'<w:tr>{cells}</w:tr>' * 5}</w:tbl>", lists)


REAL = {
    "a.xlsx": _real_workbook(),
    "a.docx": _real_document(),
    "a.csv": '序号,反馈问题,整改措施\n1,"学习\n不深",订计划\n'.encode("gb18030") * 5,
    "b.csv": "序号\t反馈问题\n1\t学习不深\n".encode("utf-16") * 1,
}

words = st.text(max_size=20)
endless = st.integers(4_000, 8_000).map(lambda length: "9" * length)
"""More digits than Python turns into a number, and somewhat fewer."""
figures = st.one_of(
    st.integers(-5, 5_000_000).map(str),
    st.floats().map(repr),
    st.sampled_from(["1e999", "-0", "0x1", "９", "1_000", "", "-1", "99999999999999999999"]),
    endless,
)
letters = st.sampled_from(["A", "B", "C", "Z", "AA", "CV", "CW", "XFD", "XFE", "a", "Ä", "", "$A", "AAAA"])
references = st.tuples(letters, st.integers(-1, 2_000_000).map(str)).map("".join)


def _escaped(text: str) -> str:
    signs = "".join(sign for sign in text if sign.isprintable())
    return signs.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _attributes(**values: str | None) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in values.items() if value is not None)


insides = st.sampled_from(
    [
        "<v>{0}</v>",
        "<f>{0}</f>",
        "<f>1</f><v/>",
        "<is><t>{0}</t><rPh><t>x</t></rPh></is>",
        "<v>1</v><v>{0}</v>",
        "",
    ]
)


def _cell(reference: str | None, kind: str | None, style: str | None, value: str, inside: str) -> str:
    return f"<c{_attributes(r=reference, t=kind, s=style)}>{inside.format(_escaped(value))}</c>"


cells = st.builds(
    _cell,
    st.none() | references,
    st.none() | st.sampled_from(["n", "s", "b", "e", "str", "inlineStr", "d", "x"]),
    st.none() | st.sampled_from(["0", "1", "2", "-1", "99999", "x"]),
    figures | words,
    insides,
)
rows = st.builds(
    lambda number, hidden, inside: f"<row{_attributes(r=number, hidden=hidden)}>{''.join(inside)}</row>",
    st.none() | st.integers(-1, 300_000).map(str) | st.sampled_from(["x", "1.0"]) | endless,
    st.none() | st.sampled_from(["1", "true", "x"]),
    st.lists(cells, max_size=6),
)
merges = st.tuples(references, st.sampled_from(["", ":"]), references).map("".join)
styles = st.lists(st.tuples(st.integers(-1, 70), st.text('yYmdhs0#?.,;[]$-"\\_*@%()年 /E+', max_size=15)), max_size=4)


def _workbook(sheet: str, areas: list[str], known: list[str], formats: list[tuple[int, str]]) -> bytes:
    merged = "".join(f'<mergeCell ref="{_escaped(area)}"/>' for area in areas)
    codes = "".join(f'<numFmt numFmtId="{number}" formatCode="{_escaped(code)}"/>' for number, code in formats)
    used = "".join(f'<xf numFmtId="{number}"/>' for number, _ in formats)
    parts = unzipped(sheet_xml(sheet, f"<mergeCells>{merged}</mergeCells>"))
    rels = relations(worksheet="worksheets/sheet1.xml", sharedStrings="strings.xml", styles="styles.xml")
    return zipped(
        {
            **parts,
            "xl/_rels/workbook.xml.rels": rels,
            "xl/strings.xml": f"<sst>{''.join(f'<si><t>{_escaped(text)}</t></si>' for text in known)}</sst>",
            "xl/styles.xml": f"<s><numFmts>{codes}</numFmts><cellXfs>{used}</cellXfs></s>",
        }
    )


random_workbooks = st.builds(
    _workbook,
    st.lists(rows, max_size=8).map("".join),
    st.lists(merges, max_size=5),
    st.lists(words, max_size=3),
    styles,
)

paths = st.sampled_from(
    [
        *("xl/workbook.xml", SHEET_PART, "word/document.xml", "xl/styles.xml", "_rels/.rels", "XL\\WORKBOOK.XML"),
        *("../../etc/passwd", "/", "http://example.cn/x"),
    ]
)
kinds = st.sampled_from(["officeDocument", "worksheet", "sharedStrings", "styles", "numbering", "chartsheet"])
contents = st.one_of(
    st.binary(max_size=40),
    words.map(lambda text: f"<workbook><sheets><sheet name='{_escaped(text)}' id='r1'/></sheets></workbook>".encode()),
    st.just(b"<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"),
    st.just(b"<document><tbl><tr><tc><p><r><t>1</t></r></p></tc></tr></tbl></document>"),
    st.dictionaries(kinds, paths, max_size=4).map(lambda targets: relations(**targets).encode()),
)


def _relations_of(path: str) -> str:
    folder, _, leaf = path.rpartition("/")
    return f"{folder}/_rels/{leaf}.rels".lstrip("/")


places = paths | paths.map(_relations_of)
random_packages = st.dictionaries(places, contents, max_size=6).map(
    lambda parts: zipped({"_rels/.rels": relations(officeDocument="xl/workbook.xml"), **parts})
)

tags = st.sampled_from(
    [
        "w:tbl",
        "w:tr",
        "w:tc",
        "w:p",
        "w:r",
        "w:t",
        "w:del",
        "w:pPr",
        "w:numPr",
        "w:tcPr",
        "w:trPr",
        "w:tblGrid",
        "w:sdt",
        "w:abstractNum",
        "w:num",
    ]
)
leaves = st.builds(
    lambda name, value: f'<w:{name} w:val="{value}" w:w="{value}" w:ilvl="{value}" w:numId="{value}"/>',
    st.sampled_from(
        [
            "gridSpan",
            "vMerge",
            "hMerge",
            "gridBefore",
            "gridCol",
            "numId",
            "ilvl",
            "vanish",
            "br",
            "sym",
            "del",
            "hidden",
            "lvlText",
        ]
    ),
    st.sampled_from(["0", "1", "2", "restart", "-1", "1e9", "99999999", "x", "", "F0FC", "%1"]),
)
bodies = st.recursive(
    leaves | words.map(_escaped),
    lambda inside: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", tags, st.lists(inside, max_size=4)),
    max_leaves=25,
)
random_documents = st.builds(document_xml, st.lists(bodies, max_size=4).map("".join), bodies)

signs = st.sampled_from(['"', ",", "\n", "\r", "\t", "甲", "；", "\0", "\ufeff"])
random_texts = st.binary(max_size=200) | st.lists(signs).map("".join).map(str.encode)


def _changed(content: bytes, changes: list[tuple[float, int]], kept: float) -> bytes:
    altered = bytearray(content)
    for place, value in changes:
        altered[int(place * (len(altered) - 1))] = value
    return bytes(altered[: int(len(altered) * kept)])


def _changed_inside(content: bytes, part: float, changes: list[tuple[float, int]], kept: float) -> bytes:
    parts = unzipped(content)
    name = sorted(parts)[int(part * (len(parts) - 1))]
    return zipped({**parts, name: _changed(parts[name] or b" ", changes, kept)})


changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6)
kept = st.just(1.0) | st.floats(0, 1)
flipped = st.sampled_from(sorted(REAL)).flatmap(
    lambda name: st.tuples(st.just(name), st.builds(_changed, st.just(REAL[name]), changes, kept))
)
flipped_inside = st.sampled_from(["a.xlsx", "a.docx"]).flatmap(
    lambda name: st.tuples(
        st.just(name), st.builds(_changed_inside, st.just(REAL[name]), st.floats(0, 1), changes, kept)
    )
)
hostile = st.one_of(
    flipped,
    flipped_inside,
    st.tuples(st.just("a.xlsx"), random_workbooks),
    st.tuples(st.just("a.xlsx"), random_packages),
    st.tuples(st.just("a.docx"), random_documents),
    st.tuples(st.just("a.csv"), random_texts),
)
