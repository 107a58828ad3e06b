"""Tables of Word documents: merged cells, lines in a cell, numbers Word adds, and what is not seen."""

import pytest

from models.ledger.files.grid import SheetRow
from tests.office_files import cells_of, document_xml, only_rows, sheets_of


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def table(*rows: str, grid: tuple[int, ...] = ()) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in grid)
    return f"<w:tbl><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def inside(content: str) -> list[tuple[object, ...]]:
    """The cells of a table with one cell that holds this XML."""
    return cells_of(only_rows(document_xml(table(row(f"<w:tc>{content}</w:tc>")))))


def test_every_table_is_a_sheet_named_by_the_line_above_it_if_that_is_short() -> None:
    one = table(row(cell("一")))
    body = f"{paragraph('整改台账')}{paragraph('')}{one}{one}{paragraph('长' * 31)}{one}{paragraph('整改台账')}{one}"
    assert list(sheets_of(document_xml(body))) == ["整改台账", "表2", "表3", "整改台账（表4）"]


def test_merged_cells_repeat_downward_and_say_how_wide_they_are() -> None:
    begin, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    wide = '<w:gridSpan w:val="2"/>'
    body = table(
        row(cell("序号", begin), cell("责任单位", wide), cell("时限", begin)),
        row(cell("", on), cell("主责"), cell("配合"), cell("", on)),
        row(cell("1"), cell("甲"), cell(""), cell("")),
        row(cell("2"), cell("乙", f"{wide}{begin}"), cell("月底")),
        row(cell("3"), cell("", f"{wide}{on}"), cell("")),
    )
    assert only_rows(document_xml(body)) == [
        SheetRow(1, ("序号", "责任单位", "", "时限"), widths={1: 2}),
        SheetRow(2, ("序号", "主责", "配合", "时限"), spanned=frozenset({0, 3})),
        SheetRow(3, ("1", "甲")),
        SheetRow(4, ("2", "乙", "", "月底"), widths={1: 2}),
        SheetRow(5, ("3", "乙"), spanned=frozenset({1}), widths={1: 2}),
    ]


def test_borders_dragged_by_a_hair_do_not_move_cells_to_other_columns() -> None:
    """Each row's own lines are in the grid, 1 mm apart: the second row's begins before that of the first."""
    wide = '<w:gridSpan w:val="2"/>'
    body = table(row(cell("序号", wide), cell("问题")), row(cell("1"), cell("不严", wide)), grid=(700, 57, 3000))
    assert cells_of(only_rows(document_xml(body))) == [("序号", "问题"), ("1", "不严")]


def test_a_row_may_begin_further_right() -> None:
    body = table(row(cell("一"), cell("二")), f'<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>{cell("贰")}</w:tr>')
    assert cells_of(only_rows(document_xml(body))) == [("一", "二"), ("", "贰")]


def run(content: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{content}</w:r>"


def said(text: str) -> str:
    return f"<w:t>{text}</w:t>"


CHANGED = f"<w:del>{run('<w:delText>旧</w:delText><w:t>旧</w:t>')}</w:del><w:ins>{run(said('新'))}</w:ins>"
BOXED = run(f"<w:drawing><w:txbxContent><w:p>{run(said('框'))}</w:p></w:txbxContent></w:drawing>{said('甲')}")
TAB_STOP = f"<w:pPr><w:tabs><w:tab w:pos='9'/></w:tabs></w:pPr>{run(said('甲'))}"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        pytest.param(run(said("甲") + "<w:br/>" + said("乙") + "<w:tab/>" + said("丙")), "甲\n乙\t丙", id="breaks"),
        pytest.param(CHANGED, "新", id="deleted and inserted"),
        pytest.param(run(said("藏"), "<w:vanish/>") + run(said("见")), "见", id="hidden text"),
        pytest.param(run(said("旧"), "<w:strike/>") + run(said("新"), "<w:strike w:val='0'/>"), "新", id="struck out"),
        pytest.param(run(said("旧"), "<w:dstrike/>") + run(said("新")), "新", id="struck out twice"),
        pytest.param(TAB_STOP, "甲", id="a tab stop is no tab"),
        pytest.param(f"<w:sdt><w:sdtContent>{run(said('甲'))}</w:sdtContent></w:sdt>", "甲", id="a form's field"),
        pytest.param(BOXED, "甲", id="a text box"),
        pytest.param(run("<w:sym w:font='Wingdings' w:char='F0FC'/>"), "√", id="a tick"),
    ],
)
def test_what_is_seen_of_a_paragraph(content: str, seen: str) -> None:
    assert inside(f"<w:p>{content}</w:p>") == [(seen,)]


def test_paragraphs_and_the_cells_of_a_table_inside_are_lines_of_the_cell() -> None:
    assert inside(paragraph("甲") + paragraph("乙")) == [("甲\n乙",)]
    assert inside(table(row(cell("内一"), cell("内二"))) + paragraph("外")) == [("内一\n内二\n外",)]


def test_a_deleted_row_is_gone_and_a_hidden_one_is_marked() -> None:
    gone = f"<w:tr><w:trPr><w:del w:id='1'/></w:trPr>{cell('旧')}</w:tr>"
    hidden = f"<w:tr><w:trPr><w:hidden/></w:trPr>{cell('藏')}</w:tr>"
    body = table(gone, hidden, row(cell("见")))
    assert only_rows(document_xml(body)) == [SheetRow(1, ("藏",), hidden=True), SheetRow(2, ("见",))]


def test_what_is_struck_out_is_marked() -> None:
    struck = f"<w:tc><w:p>{run(said('旧'), '<w:strike/>')}</w:p></w:tc>"
    assert only_rows(document_xml(table(row(cell("见"), struck), row(struck)))) == [
        SheetRow(1, ("见",), struck=frozenset({1})),
        SheetRow(2, (), struck=frozenset({0})),
    ]


LISTS = (
    "<w:abstractNum w:abstractNumId='7'>"
    "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%1'/></w:lvl>"
    "<w:lvl w:ilvl='1'><w:numFmt w:val='chineseCountingThousand'/><w:lvlText w:val='（%2）'/></w:lvl>"
    "<w:lvl w:ilvl='2'><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.%3'/></w:lvl>"
    "<w:lvl w:ilvl='3'><w:numFmt w:val='bullet'/><w:lvlText w:val='l'/></w:lvl></w:abstractNum>"
    "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num>"
    "<w:num w:numId='2'><w:abstractNumId w:val='7'/>"
    "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='20'/></w:lvlOverride></w:num>"
)


def numbered(number: int, level: int = 0, text: str = "") -> str:
    properties = f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{number}'/></w:numPr>"
    return f"<w:tc>{paragraph(text, properties)}</w:tc>"


def test_the_numbers_that_word_adds_are_read() -> None:
    """An empty cell with a number is how many offices number the rows of a table."""
    body = table(
        row(numbered(1), numbered(1, 1, "甲")),
        row(numbered(1), numbered(1, 1, "乙")),
        row(numbered(1, 2), numbered(1, 1, "丙")),
        row(numbered(2), numbered(1, 3, "丁")),
        row(numbered(0), cell("戊")),
    )
    assert cells_of(only_rows(document_xml(body, LISTS))) == [
        ("1", "（一）甲"), ("2", "（一）乙"), ("2.1", "（二）丙"), ("20", "丁"), ("", "戊"),
    ]  # fmt: skip


STYLES = (
    "<w:style w:styleId='no'><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
    "<w:style w:styleId='inner'><w:basedOn w:val='no'/></w:style>"
    "<w:style w:styleId='second'><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
    "<w:style w:styleId='round'><w:basedOn w:val='round'/></w:style>"
)


def test_so_are_those_of_a_style() -> None:
    def styled(style: str, text: str = "", own: str = "") -> str:
        return f"<w:tc>{paragraph(text, f'<w:pStyle w:val={style!r}/>{own}')}</w:tc>"

    off = "<w:numPr><w:numId w:val='0'/></w:numPr>"
    body = table(
        row(styled("no"), styled("second", "甲")),
        row(styled("inner"), styled("second", "乙")),
        row(styled("no", "丙", off), styled("round", "丁"), styled("none", "戊")),
    )
    assert cells_of(only_rows(document_xml(body, LISTS, STYLES))) == [
        ("1", "（一）甲"), ("2", "（一）乙"), ("丙", "丁", "戊"),
    ]  # fmt: skip
