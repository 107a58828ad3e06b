"""What the shipped templates are built of: an A4 page of an official paper, its styles, headings and tables.

Runs only when a template is built (building.py), never when a report is written. Sizes follow what offices are used to
(三号仿宋, fixed line of 28 points); fonts are named with the names under which other systems have them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

SONG, HEI, FANG, KAI = "宋体", "黑体", "仿宋", "楷体"
ALSO_NAMED = {
    SONG: "SimSun,Songti SC,Noto Serif CJK SC,Source Han Serif SC",
    HEI: "SimHei,Heiti SC,Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Micro Hei",
    FANG: "FangSong,仿宋_GB2312,STFangsong,FandolFang R,Noto Serif CJK SC",
    KAI: "KaiTi,楷体_GB2312,STKaiti,FandolKai,Noto Serif CJK SC",
}
LATIN = "Times New Roman"
BODY, LEAD, CENTRED, RIGHT, NOTE, CELL, HEAD, PICTURE, CAPTION = (
    "正文段", "表前段", "居中段", "落款", "说明", "表格文字", "表头", "图片", "图题",
)  # fmt: skip
"""Names of styles. LEAD, NOTE and PICTURE stay on the page of what follows: a table, a caption."""
_MADE = datetime(2026, 1, 1, tzinfo=UTC)
_CENTER = WD_ALIGN_PARAGRAPH.CENTER
_FONTS_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable"


def new_paper() -> Paper:
    """An empty A4 paper with all styles and page numbers. Two built alike are equal."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(35), Mm(30)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(18)
    _add_styles(paper)
    _name_fonts(paper)
    _number_pages(section.footer.paragraphs[0])
    properties = paper.core_properties
    properties.author, properties.comments, properties.title = "duban", "", ""
    properties.created = properties.modified = _MADE
    return paper


def bytes_of(paper: Paper) -> bytes:
    buffer = BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def lines(paper: Paper, style: str, *texts: str) -> None:
    """Paragraphs of one style, tags among them."""
    for text in texts:
        paper.add_paragraph(text, style)


def heading(paper: Paper, text: str, level: int) -> None:
    paper.add_paragraph(text, f"Heading {level}")


def repeated(paper: Paper, style: str, loop: str, text: str) -> None:
    """A paragraph for each of a list: `loop` as in "line in opening"."""
    lines(paper, style, f"{{%p for {loop} %}}", text, "{%p endfor %}")


def table(paper: Paper, headings: Sequence[str], widths: Sequence[int], loop: str, cells: Sequence[str]) -> None:
    """A table with a head that is repeated on each page and a row for each of a list. Widths in millimetres."""
    made = paper.add_table(rows=4, cols=len(headings), style="Table Grid")
    made.autofit, made.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    rows = (headings, _tag_row(f"{{%tr for {loop} %}}", headings), cells, _tag_row("{%tr endfor %}", headings))
    for number, (row, texts) in enumerate(zip(made.rows, rows, strict=True)):
        _keep_whole(row, repeated=number == 0)
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0].text = text
            cell.paragraphs[0].style = HEAD if number == 0 else CELL
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)


def picture(paper: Paper, name: str, caption: str) -> None:
    """A picture with its caption, where it is drawn."""
    lines(paper, PICTURE, f"{{%p if {name} %}}", f"{{{{ {name} }}}}")
    lines(paper, CAPTION, caption, "{%p endif %}")


def landscape(paper: Paper) -> None:
    """What follows stands on pages that lie."""
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin, section.bottom_margin = Mm(25), Mm(25)
    section.left_margin = section.right_margin = Mm(22)
    section.footer_distance = Mm(14)


def _tag_row(tag: str, headings: Sequence[str]) -> tuple[str, ...]:
    return tag, *[""] * (len(headings) - 1)


def _keep_whole(row: Any, *, repeated: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeated:
        properties.append(OxmlElement("w:tblHeader"))


def _add_styles(paper: Paper) -> None:
    _style(paper, "Normal", FANG, 16)
    _style(paper, "Title", HEI, 22, align=_CENTER, line=36, after=10)
    _style(paper, "Heading 1", HEI, 16, keep=True, indent=True, before=8)
    _style(paper, "Heading 2", KAI, 16, keep=True, indent=True, before=4)
    _style(paper, "Heading 3", FANG, 16, keep=True, indent=True, bold=True)
    _style(paper, BODY, FANG, 16, indent=True)
    _style(paper, LEAD, FANG, 16, keep=True, indent=True, after=4)
    _style(paper, CENTRED, FANG, 16, align=_CENTER)
    _style(paper, RIGHT, FANG, 16, align=WD_ALIGN_PARAGRAPH.RIGHT, keep=True)
    _style(paper, NOTE, SONG, 10.5, line=16, keep=True, after=4)
    _style(paper, CELL, SONG, 10.5, line=15)
    _style(paper, HEAD, HEI, 10.5, line=15, align=_CENTER, keep=True)
    _style(paper, PICTURE, FANG, 16, line=None, align=_CENTER, keep=True, before=6)
    _style(paper, CAPTION, HEI, 12, align=_CENTER)


def _style(  # noqa: PLR0913 - what a style is made of
    paper: Paper, name: str, font: str, points: float, *, line: float | None = 28, align: Any = None,
    keep: bool = False, bold: bool = False, indent: bool = False, before: float = 0, after: float = 0,
) -> None:  # fmt: skip
    styles = paper.styles
    known = name in {one.name for one in styles}
    style: Any = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size, style.font.bold, style.font.italic = LATIN, Pt(points), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in [key for key in fonts.keys() if key.endswith("Theme")]:  # noqa: SIM118 - an lxml element is no mapping
        del fonts.attrib[key]
    # The hint: quotation marks and dots, which both scripts have, are Chinese ones.
    for script, value in (("hint", "eastAsia"), ("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{script}"), value)
    form = style.paragraph_format
    form.space_before, form.space_after, form.keep_with_next, form.alignment = Pt(before), Pt(after), keep, align
    form.widow_control = True
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE if line is None else WD_LINE_SPACING.EXACTLY
    if line is not None:
        form.line_spacing = Pt(line)
    if indent:
        form.first_line_indent = Pt(points * 2)
        style.element.pPr.ind.set(qn("w:firstLineChars"), "200")
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _name_fonts(paper: Paper) -> None:
    """Says under which other names each font may be found, so that a system without it takes a near one."""
    named = "".join(
        f'<w:font w:name="{font}"><w:altName w:val="{also}"/><w:charset w:val="86"/></w:font>'
        for font, also in ALSO_NAMED.items()
    )
    part = next(one.target_part for one in paper.part.rels.values() if one.reltype == _FONTS_TYPE)
    part._blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {nsdecls("w")}>{named}</w:fonts>'.encode()


def _number_pages(paragraph: Any) -> None:
    """— 3 —, in the middle of the foot."""
    paragraph.alignment = _CENTER
    paragraph.add_run("— ")
    field = f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))
    paragraph.add_run(" —")
    for run in paragraph.runs:
        run.font.size = Pt(12)
