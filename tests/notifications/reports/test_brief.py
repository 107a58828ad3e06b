"""The day's brief: its groups, its order, and that it is readable in a terminal and safe as markdown."""

from dataclasses import replace
from datetime import date
from io import StringIO
from itertools import pairwise

import pytest
from rich.cells import cell_len
from rich.console import Console

from models.ladder import NoticeKind
from models.lifecycle import Role
from notifications.reports.brief import (
    COLUMNS,
    GROUPS,
    Brief,
    BriefCounts,
    BriefRow,
    brief_headline,
    brief_markdown,
    brief_tables,
)

ROW = BriefRow(
    party="人事科",
    role=Role.UNIT,
    measure_no="12",
    text="修订人事管理制度",
    kind=NoticeKind.REMIND,
    colour="yellow",
    due_on=date(2023, 6, 30),
    days=4,
    reason="整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提醒责任单位人事科办理",
    fate="已送达（file）",
)
REFERRED = replace(
    ROW,
    party="责任追究组",
    role=Role.ACCOUNTABILITY,
    measure_no="7",
    text="清理超期借款",
    kind=NoticeKind.REFER,
    colour="red",
    due_on=date(2023, 6, 16),
    days=-5,
    reason="整改时限2023-06-16已超过5个工作日，按升级阶梯“complete/+5wd”提请责任追究组研究问责",
    fate="待发",
)
BRIEF = Brief(
    on=date(2023, 6, 26),
    rehearsal=True,
    rows=(ROW, REFERRED),
    counts=BriefCounts(notices=2, messages=2, accepted=1, unknown=0, rejected=0, waiting=1),
    attention=("基建科无可用通知地址，请补录。",),
)


def terminal(brief: Brief, width: int) -> str:
    console = Console(file=StringIO(), width=width)
    for table in brief_tables(brief):
        console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_brief_as_markdown() -> None:
    assert brief_markdown(BRIEF) == (
        "# 【演练】2023-06-26 督办简报：通知事项2条，消息2封（已送达1、待发1）\n"
        "\n"
        "## 需要人工处理\n"
        "\n"
        "- 基建科无可用通知地址，请补录。\n"
        "\n"
        "## 问责提请（1条）\n"
        "\n"
        "| 对象 | 身份 | 措施 | 时限 | 剩余/超期 | 事由 | 送达情况 |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        "| 责任追究组 | 责任追究组 | 7、清理超期借款 | 2023-06-16 | 红 超期 5个工作日 "
        "| 整改时限2023-06-16已超过5个工作日，按升级阶梯“complete/+5wd”提请责任追究组研究问责 | 待发 |\n"
        "\n"
        "## 提醒（1条）\n"
        "\n"
        "| 对象 | 身份 | 措施 | 时限 | 剩余/超期 | 事由 | 送达情况 |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        "| 人事科 | 责任单位 | 12、修订人事管理制度 | 2023-06-30 | 黄 剩余 4个工作日 "
        "| 整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提醒责任单位人事科办理 "
        "| 已送达（file） |\n"
    )


def test_a_day_with_nothing_to_say_says_so() -> None:
    quiet = Brief(date(2023, 6, 27), False, (), BriefCounts(0, 0, 0, 0, 0, 0), ())
    assert brief_markdown(quiet) == ("# 2023-06-27 督办简报：通知事项0条，消息0封\n\n当日没有需要通知的事项。\n")
    assert brief_tables(quiet) == []


def test_the_headline_names_every_fate_that_occurred() -> None:
    counts = BriefCounts(notices=12, messages=10, accepted=4, unknown=1, rejected=2, waiting=3)
    assert brief_headline(replace(BRIEF, rehearsal=False, counts=counts)) == (
        "2023-06-26 督办简报：通知事项12条，消息10封（已送达4、待发3、结果不明1、被拒收2）"
    )


def test_every_kind_is_in_exactly_one_group() -> None:
    assert sorted(kind for _, kinds in GROUPS for kind in kinds) == sorted(NoticeKind)


def test_groups_come_gravest_first_and_rows_most_urgent_first() -> None:
    rows = [
        replace(ROW, kind=kind, measure_no=number, due_on=date(2023, 6, due))
        for kind in NoticeKind
        for number, due in (("10", 30), ("2", 30), ("5", 23))
    ]
    markdown = brief_markdown(replace(BRIEF, rows=tuple(rows), attention=()))
    headings = [line.removeprefix("## ") for line in markdown.splitlines() if line.startswith("## ")]
    assert headings == [
        "问责提请（3条）",
        "超期与督办（6条）",
        "催办（3条）",
        "提醒（3条）",
        "通知无法送达（3条）",
    ]
    first = markdown.split("## 问责提请")[1].split("##")[0]
    assert [line.split(" | ")[2].split("、")[0] for line in first.splitlines()[4:] if line] == [
        "5",
        "2",
        "10",
    ]
    assert [table.title for table in brief_tables(replace(BRIEF, rows=tuple(rows)))] == [name for name, _ in GROUPS]


LONG = replace(
    REFERRED,
    party="市委教育工委巡察整改责任追究组",
    text="修订完善人事管理制度，形成用制度管权、按制度办事、靠制度管人的长效机制，加强干部队伍建设",
    days=-123,
    fate="未发：无通知地址",
)


@pytest.mark.parametrize("width", [100, 110, 120])
def test_a_terminal_shows_every_column_within_its_width(width: int) -> None:
    shown = terminal(replace(BRIEF, rows=(LONG, ROW)), width)
    assert all(cell_len(line) <= width for line in shown.splitlines())
    # Headings, dates, capacities and counts of days stand on one line, never cut.
    for whole in (*COLUMNS, "2023-06-16", "责任追究组", "红 超期", "123个工作日", "已送达（file）"):
        assert any(whole in line for line in shown.splitlines()), whole


def test_the_reason_is_the_widest_column() -> None:
    heading = next(line for line in terminal(BRIEF, 100).splitlines() if "事由" in line)
    starts = [cell_len(heading[: heading.index(name)]) for name in COLUMNS] + [100]
    widths = {name: end - start for name, (start, end) in zip(COLUMNS, pairwise(starts), strict=True)}
    assert max(widths, key=lambda name: widths[name]) == "事由"


def test_a_terminal_shows_brackets_as_they_are() -> None:
    shown = terminal(replace(BRIEF, rows=(replace(ROW, text="[red]建章[/red]", fate="[/]"),)), 120)
    assert "".join(shown.split()).count("[red]") == 1
    assert "[/]" in shown


def test_markdown_reads_no_text_as_markup() -> None:
    row = replace(ROW, text="甲|乙\n<img src=x> *丙* [丁](http://x) `戊`", party="a|b")
    brief = replace(BRIEF, rows=(row,), attention=("<b>",))
    markdown = brief_markdown(brief)
    assert "12、甲\\|乙 &lt;img src=x&gt; \\*丙\\* \\[丁\\](http://x) \\`戊\\`" in markdown
    assert "- &lt;b&gt;" in markdown
    line = next(line for line in markdown.splitlines() if "甲" in line)
    assert line.replace("\\|", "").count("|") == len(COLUMNS) + 1
