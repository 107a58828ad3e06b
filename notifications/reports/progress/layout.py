"""The shipped template of the progress report, built of blocks. Runs only through notifications.reports.paper.building.

The order of the parts follows what bodies publish: numbers first, a section for each problem, what stays open, what
comes next, where to turn, who signs; then an appendix that traces every number, which is not meant for publishing.
"""

from docx.document import Document as Paper

from notifications.reports.paper.blocks import (
    BODY,
    CELL,
    LEAD,
    NOTE,
    RIGHT,
    bytes_of,
    heading,
    landscape,
    lines,
    new_paper,
    picture,
    repeated,
    table,
)
from notifications.reports.paper.values import CAPTIONS

_PARTS = ("classes", "done", "rate", "open", "evidence", "activities", "turns")


def build() -> bytes:
    """The template's bytes."""
    paper = new_paper()
    _summary(paper)
    _problems(paper)
    _remaining(paper)
    _ending(paper)
    landscape(paper)
    _appendix(paper)
    return bytes_of(paper)


def _summary(paper: Paper) -> None:
    lines(paper, "Title", "{{ organisation }}", "{{ subject }}")
    lines(paper, BODY, "{{ opening.start }}")
    heading(paper, "一、总体情况", 1)
    for part in _PARTS:
        lines(paper, BODY, f"{{%p if opening.{part} %}}", f"{{{{ opening.{part} }}}}", "{%p endif %}")
    picture(paper, "burn_down", CAPTIONS["burn_down"])


def _problems(paper: Paper) -> None:
    heading(paper, "二、反馈问题整改情况", 1)
    lines(paper, BODY, "{%p for problem in problems %}")
    heading(paper, "{{ problem.heading }}", 2)
    lines(paper, BODY, "{%p if problem.remark %}", "{{ problem.remark }}", "{%p endif %}")
    lines(paper, BODY, "{%p for m in problem.measures %}")
    heading(paper, "（{{ loop.index | numeral }}）{{ m.text }}", 3)
    repeated(paper, BODY, "line in m.account", "{{ line }}")
    lines(paper, BODY, "{%p endfor %}", "{%p endfor %}")


def _remaining(paper: Paper) -> None:
    heading(paper, "三、尚未完成的整改措施", 1)
    lines(paper, BODY, "{%p if open %}")
    lines(paper, LEAD, "尚未通过销号审核的整改措施如下，按完成时限排列。")
    table(
        paper,
        ("序号", "整改措施", "责任单位", "完成时限", "状态", "说明"),
        (13, 49, 26, 26, 19, 23),
        "m in open",
        (
            "{{ m.no }}",
            "{{ m.text | brief(60) }}",
            "{{ m.unit }}",
            "{{ m.due_short or m.limit_text }}",
            "{{ m.state_zh }}",
            "{{ m.remark_zh }}",
        ),
    )
    picture(paper, "heat", CAPTIONS["heat"])
    lines(paper, BODY, "{%p else %}", "{{ opening.open or '没有尚未完成的整改措施。' }}", "{%p endif %}")
    heading(paper, "四、长期坚持事项", 1)
    lines(paper, LEAD, "{%p if sustained %}", "以下措施已通过审核，须长期坚持，并定期回头看。")
    table(
        paper,
        ("序号", "整改措施", "责任单位", "通过审核日期", "下次回头看时限"),
        (13, 55, 28, 27, 33),
        "m in sustained",
        (
            "{{ m.no }}",
            "{{ m.text | brief(60) }}",
            "{{ m.unit }}",
            "{{ m.closed_short }}",
            "{{ m.next_follow_up_short or '未设定' }}",
        ),
    )
    lines(paper, BODY, "{%p else %}", "目前没有转入长期坚持的措施。", "{%p endif %}")


def _ending(paper: Paper) -> None:
    heading(paper, "五、下一步安排", 1)
    lines(paper, BODY, "{%p if next_steps %}", "{%p for step in next_steps %}")
    lines(paper, BODY, "（{{ loop.index | numeral }}）{{ step }}", "{%p endfor %}")
    lines(paper, BODY, "{%p else %}", "目前没有尚待办理的整改措施和回头看事项。", "{%p endif %}")
    lines(paper, LEAD, "对以上整改情况如有意见和建议，请与我们联系。联系方式：{{ contact }}")
    lines(paper, RIGHT, "", "{{ organisation }}", "{{ on_day }}")


def _appendix(paper: Paper) -> None:
    heading(paper, "附件1　报告所列数字的来源", 1)
    lines(paper, NOTE, "报告中的每个数字都由下表所列的措施、问题、佐证材料或活动逐项计得，截至{{ on_day }}。")
    table(
        paper,
        ("统计项目", "数量", "计入的内容", "代号"),
        (62, 15, 118, 58),
        "figure in figures",
        ("{{ figure.zh }}", "{{ figure.value }}", "{{ figure.rows }}", "{{ figure.key }}"),
    )
    heading(paper, "附件2　完成率的三种算法", 1)
    lines(paper, NOTE, "各地计算方法不一，报告采用的算法已在正文写明；以下列出全部三种，供核对。")
    table(
        paper,
        ("名称", "计算方法", "完成数", "总数", "完成率"),
        (55, 128, 20, 20, 30),
        "rate in rates",
        (
            "{{ rate.zh }}{% if rate.key == formula %}（本报告采用）{% endif %}",
            "{{ rate.definition }}",
            "{{ rate.done }}",
            "{{ rate.of }}",
            "{{ rate.percent or '不计算' }}",
        ),
    )
    heading(paper, "附件3　整改措施一览", 1)
    table(
        paper,
        ("序号", "整改措施", "责任单位", "牵头领导", "完成时限", "销号类别", "状态", "销号日期", "说明"),
        (13, 66, 28, 20, 27, 28, 19, 27, 25),
        "m in measures",
        (
            "{{ m.no }}",
            "{{ m.text }}",
            "{{ m.unit }}",
            "{{ m.lead }}",
            "{{ m.due_short or m.limit_text }}",
            "{{ m.closure_zh }}",
            "{{ m.state_zh }}",
            "{{ m.closed_short }}",
            "{{ m.remark_zh }}",
        ),
    )
    lines(paper, BODY, "{%p if activities %}")
    heading(paper, "附件4　开展的工作", 1)
    table(
        paper,
        ("编号", "日期", "类别", "标题", "备注"),
        (20, 28, 26, 119, 60),
        "one in activities",
        ("{{ one.no }}", "{{ one.on_day }}", "{{ one.kind_zh }}", "{{ one.title }}", "{{ one.note }}"),
    )
    lines(paper, CELL, "{%p endif %}")
