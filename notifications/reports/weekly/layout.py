"""How the shipped weekly.docx is laid out: the same parts as the page, on A4. Runs only when a template is built."""

from typing import Any

from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm

from notifications.reports.paper.blocks import (
    BODY,
    CELL,
    CENTRED,
    HEAD,
    LEAD,
    NOTE,
    RIGHT,
    bytes_of,
    heading,
    lines,
    new_paper,
    picture,
    repeated,
    table,
)
from notifications.reports.paper.values import CAPTIONS

_MEASURE = "{{ row.no }}　{{ row.text }}（{{ row.unit }}）"
_DUE = "{{ row.due }}\n（{{ row.due_note }}）"


def build() -> bytes:
    """The template, tags and all."""
    paper = new_paper()
    lines(paper, "Title", "{{ mark }}{{ round.name }}\n督办通报")
    lines(paper, CENTRED, "{{ week }}", "情况截至{{ as_of }}")
    _where(paper, "mark", BODY, "{{ mark }}本通报为演练材料，所列日期为模拟日期。")
    lines(paper, CELL, "本周{{ workdays }}。下周{{ workdays_next }}。")
    repeated(paper, BODY, "sentence in summary", "{{ sentence }}")
    _units(paper)
    _overdue(paper)
    _due(paper)
    _days(paper)
    _moved(paper)
    _untold(paper)
    _end(paper)
    return bytes_of(paper)


def _units(paper: Paper) -> None:
    heading(paper, "一、各责任单位情况", 1)
    lines(paper, CELL, "{%p if units.rows %}")
    lines(paper, NOTE, "单位：条。每条在办措施计入一栏；“在办”为其后各色及未到提醒期、挂起、待交办之和。")
    _counted(paper, "units", "{{ column.name }}", "{% cellbg column.fill %}", 34)
    lines(paper, CELL, "各色的含义（按本单位现行升级阶梯）：")
    repeated(paper, CELL, "colour in colours", "{{ colour.name }}：{{ colour.meaning }}。")
    lines(paper, CELL, "{%p else %}")
    lines(paper, BODY, "本轮次没有整改措施。")
    lines(paper, CELL, "{%p endif %}")
    picture(paper, "burn_down", CAPTIONS["burn_down"])


def _overdue(paper: Paper) -> None:
    heading(paper, "二、超期情况", 1)
    _either(paper, "overdue.rows", "没有超期的时限。", "按办理方：{{ overdue.by_holder }}。")
    table(
        paper, ("措施", "环节、办理方", "时限", "已超期", "最近一次送达", "延期、用时（工作日）"),
        (36, 22, 28, 16, 27, 27), "row in overdue.rows",
        (_MEASURE, "{{ row.stage }}\n{{ row.holder }}", _DUE, "{{ row.late }}", "{{ row.told }}",
         "{{ row.extension }}\n用时：{{ row.days }}"),
    )  # fmt: skip
    _left_out(paper, "overdue")


def _due(paper: Paper) -> None:
    heading(paper, "三、本周和下周到期", 1)
    for name, week in (("due", "本周"), ("due_next", "下周")):
        _either(paper, f"{name}.rows", f"{week}没有到期的时限。", f"{week}到期{{{{ {name}.count }}}}项。")
        table(
            paper, ("措施", "环节", "办理方", "到期日", "剩余"), (54, 22, 24, 28, 28), f"row in {name}.rows",
            (_MEASURE, "{{ row.stage }}", "{{ row.holder }}", _DUE, "{{ row.left }}"),
        )  # fmt: skip
        _left_out(paper, name)
    picture(paper, "heat", CAPTIONS["heat"])


def _days(paper: Paper) -> None:
    heading(paper, "四、用时情况", 1)
    lines(paper, CELL, "{%p if days.rows %}")
    lines(paper, NOTE, "在办措施自交办以来的工作日，按办理方分列，按责任单位合计。")
    _counted(paper, "days", "{{ column }}", "", 44, "合计", "{{ unit.sum }}", "{{ days.total.sum }}")
    lines(paper, CELL, "{%p else %}")
    lines(paper, BODY, "在办措施尚未用去工作日。")
    lines(paper, CELL, "{%p endif %}")


def _moved(paper: Paper) -> None:
    heading(paper, "五、本周变动", 1)
    _either(
        paper, "moved.rows", "本周没有销号、退回、延期等变动。",
        "本周变动{{ moved.count }}项。",
    )  # fmt: skip
    table(
        paper, ("措施", "事项", "日期", "经办方", "说明"), (48, 22, 28, 22, 36), "row in moved.rows",
        (_MEASURE, "{{ row.move }}", "{{ row.on }}\n（{{ row.weekday }}）", "{{ row.by }}", "{{ row.more }}"),
    )  # fmt: skip
    _left_out(paper, "moved")


def _untold(paper: Paper) -> None:
    heading(paper, "六、未能送达的通知", 1)
    _either(
        paper, "untold.rows", "没有未能送达的通知。",
        "待发、待重试的将继续投递；其余请另行告知，并补录或更正通知地址，对方已经收到的请登记。",
    )  # fmt: skip
    table(
        paper, ("对象", "事项", "日期", "情况", "渠道答复", "消息编号"), (27, 40, 28, 22, 24, 15),
        "row in untold.rows",
        ("{{ row.party }}", "{{ row.what }}", "{{ row.on }}{% if row.until %}至\n{{ row.until }}{% endif %}",
         "{{ row.why }}", "{{ row.answer }}", "{{ row.message }}"),
    )  # fmt: skip
    _left_out(paper, "untold")


def _end(paper: Paper) -> None:
    heading(paper, "说明", 1)
    repeated(paper, CELL, "note in notes", "{{ note }}")
    repeated(paper, CELL, "exception in exceptions", "{{ exception }}。")
    _where(paper, "contact", CELL, "联系方式：{{ contact }}")
    _where(paper, "organisation", RIGHT, "{{ organisation }}")
    lines(paper, RIGHT, "{{ date }}")


# Pieces


def _where(paper: Paper, name: str, style: str, text: str) -> None:
    """A paragraph that stands where there is such a thing."""
    lines(paper, style, f"{{%p if {name} %}}", text, "{%p endif %}")


def _either(paper: Paper, name: str, nothing: str, something: str) -> None:
    """Opens the part that stands where a list has rows; _left_out ends it."""
    lines(paper, BODY, f"{{%p if not {name} %}}", nothing, "{%p else %}")
    lines(paper, LEAD, something)


def _left_out(paper: Paper, name: str) -> None:
    _where(paper, f"{name}.left_out", CELL, f"{{{{ {name}.left_out }}}}")
    lines(paper, CELL, "{%p endif %}")


def _counted(paper: Paper, name: str, column: str, paint: str, first: int, *last: str) -> None:
    """A table of numbers, a row a unit, whose columns the values name; the last row sums them up.

    `first`: the width of the unit's name in millimetres. `last`: heading, cell and sum of a column of its own.
    """
    loop = ("{{%tc for {} %}}", "{%tc endfor %}")
    extra = [[text] for text in last] or [[], [], []]
    rows = (
        ["单位", loop[0].format(f"column in {name}.columns"), f"{paint}{column}", loop[1], *extra[0]],
        [f"{{%tr for unit in {name}.rows %}}"],
        ["{{ unit.name }}", loop[0].format("cell in unit.cells"), "{{ cell }}", loop[1], *extra[1]],
        ["{%tr endfor %}"],
        [
            f"{{{{ {name}.total.name }}}}",
            loop[0].format(f"cell in {name}.total.cells"),
            "{{ cell }}",
            loop[1],
            *extra[2],
        ],
    )
    made = paper.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    made.autofit = True  # how many columns there will be is not known here
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for number, (row, texts) in enumerate(zip(made.rows, rows, strict=True)):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for place, cell in enumerate(row.cells):
            _fill(cell, texts[place] if place < len(texts) else "", first if place == 0 else 12, number == 0, place > 0)


def _fill(cell: Any, text: str, width: int, is_head: bool, is_number: bool) -> None:
    cell.width = Mm(width)
    paragraph = cell.paragraphs[0]
    paragraph.text, paragraph.style = text, HEAD if is_head else CELL
    if is_number and not is_head:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
