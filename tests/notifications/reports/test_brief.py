"""The day's brief: its groups, its order, and that it is readable in a terminal and safe as markdown."""

from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from models.ladder import NoticeKind
from models.lifecycle import Role, Stage
from notifications.reports.brief import (
    COLUMNS,
    GROUPS,
    Brief,
    BriefCounts,
    BriefRow,
    brief_headline,
    brief_markdown,
    brief_summary,
    brief_tables,
)
from notifications.sentences import why_zh

ROW = BriefRow(
    party="人事科",
    role=Role.UNIT,
    measure_no="12",
    text="修订人事管理制度",
    kind=NoticeKind.REMIND,
    colour="yellow",
    stage=Stage.COMPLETE,
    due_on=date(2023, 6, 30),
    days=4,
    provisional=False,
    reason="整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提醒责任单位人事科办理",
    why="按升级阶梯“complete/-5wd”提醒责任单位人事科办理",
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
    why="按升级阶梯“complete/+5wd”提请责任追究组研究问责",
    fate="待发",
)
BRIEF = Brief(
    on=date(2023, 6, 26),
    rehearsal=True,
    rows=(ROW, REFERRED),
    counts=BriefCounts(notices=2, messages=2, accepted=1, unknown=0, rejected=0, waiting=1),
    attention=("基建科无可用通知地址，请补录。",),
)


def terminal(brief: Brief, width: int, *, colours: bool = False) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=colours, color_system="256" if colours else None)
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
        "| 措施 | 时限 | 告知 | 身份 | 事由 | 送达 |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| 7、清理超期借款 | 2023-06-16 红 超期5个工作日 | 责任追究组 | 责任追究组 "
        "| 按升级阶梯“complete/+5wd”提请责任追究组研究问责 | 待发 |\n"
        "\n"
        "## 提醒（1条）\n"
        "\n"
        "| 措施 | 时限 | 告知 | 身份 | 事由 | 送达 |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| 12、修订人事管理制度 | 2023-06-30 黄 还有4个工作日 | 人事科 | 责任单位 "
        "| 按升级阶梯“complete/-5wd”提醒责任单位人事科办理 | 已送达（file） |\n"
    )


def test_a_day_with_nothing_to_say_says_so() -> None:
    quiet = Brief(date(2023, 6, 27), False, (), BriefCounts(0, 0, 0, 0, 0, 0), ())
    assert brief_markdown(quiet) == ("# 2023-06-27 督办简报：通知事项0条，消息0封\n\n当日没有需要通知的事项。\n")
    assert brief_tables(quiet) == []
    assert brief_summary(quiet) == ""


def test_the_headline_names_every_fate_that_occurred() -> None:
    counts = BriefCounts(notices=12, messages=10, accepted=4, unknown=1, rejected=2, waiting=3)
    assert brief_headline(replace(BRIEF, rehearsal=False, counts=counts)) == (
        "2023-06-26 督办简报：通知事项12条，消息10封（已送达4、待发3、结果不明1、被拒收2）"
    )


def test_the_summary_counts_the_notices_of_each_group_that_has_any() -> None:
    kinds = (NoticeKind.URGE, NoticeKind.SUPERVISE, NoticeKind.REFER, NoticeKind.OVERDUE, NoticeKind.SUPERVISE)
    brief = replace(BRIEF, rows=tuple(replace(ROW, kind=kind) for kind in kinds))
    assert brief_summary(brief) == "问责提请1条 · 超期与督办3条 · 催办1条"


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
    assert [line.removeprefix("| ").split("、")[0] for line in first.splitlines()[4:] if line] == ["5", "2", "10"]
    assert [table.title for table in brief_tables(replace(BRIEF, rows=tuple(rows)))] == [name for name, _ in GROUPS]


STATES = [
    ("days are left", {"days": 4}, "2023-06-30 黄 还有4个工作日"),
    ("due on the brief's day", {"due_on": BRIEF.on, "days": 0}, "2023-06-26 黄 今日到期"),
    (
        "due on rest days to come",
        {"due_on": date(2023, 6, 27), "days": 0},
        "2023-06-27 黄 今日为到期前最后一个工作日",
    ),
    ("late", {"due_on": date(2023, 6, 16), "days": -5}, "2023-06-16 黄 超期5个工作日"),
    ("late, and only rest days since", {"due_on": date(2023, 6, 25), "days": 0}, "2023-06-25 黄 已超期不足1个工作日"),
    ("another stage is named", {"stage": Stage.CHECK}, "督查核查 2023-06-30 黄 还有4个工作日"),
    ("a provisional date is called so", {"provisional": True}, "2023-06-30 （推算日期） 黄 还有4个工作日"),
    ("no colour is set", {"colour": ""}, "2023-06-30 还有4个工作日"),
]


@pytest.mark.parametrize(("facts", "said"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
def test_the_limit_says_where_the_day_stands(facts: dict[str, Any], said: str) -> None:
    assert f"| {said} |" in brief_markdown(replace(BRIEF, rows=(replace(ROW, **facts),)))


HEARERS = (
    ("财务科", Role.UNIT),
    ("李明", Role.LEAD),
    ("办公室", Role.COOPERATING),
    ("督查室", Role.SUPERVISION),
    ("综合组", Role.GENERAL),
    ("责任追究组", Role.ACCOUNTABILITY),
    ("组长", Role.HEAD),
)


def hearing(party: str, role: Role) -> BriefRow:
    why = why_zh(stage=Stage.COMPLETE, rung="complete/+10wd#2", kind=NoticeKind.REFER, role=role, unit="财务科")
    return replace(REFERRED, party=party, role=role, why=why)


def test_parties_of_one_measure_stand_by_what_they_are_to_it() -> None:
    markdown = brief_markdown(replace(BRIEF, rows=tuple(hearing(*who) for who in reversed(HEARERS))))
    rows = [line for line in markdown.splitlines() if line.startswith("| 7、")]
    assert [row.split(" | ")[2] for row in rows] == [party for party, _ in HEARERS]
    assert {role for _, role in HEARERS} == set(Role)


RULE = " " + "─" * 98
SHOWN = [
    "问责提请",
    RULE,
    " 措施               时限             告知        身份        事由                          送达",
    RULE,
    " 7、清理超期借款    2023-06-16       财务科      责任单位    按升级阶梯“complete/+10wd#2”  待发",
    "                    超期5个工作日                            告知责任单位财务科按规定提请",
    "                                                             问责",
    "                                     李明        牵头领导    按升级阶梯“complete/+10wd#2”  待发",
    "                                                             提请牵头领导关注问责事项",
    "                                     组长        组长        按升级阶梯“complete/+10wd#2”  待发",
    "                                                             提请组长关注问责事项",
    RULE,
    " 31、每季度盘点一   督查核查         督查室      督办组      按“check/+2wd”通知            未发：无",
    " 次，结果报党委会   2023-06-21                                                             通知地址",
    " ，并在一定范围…    超期2个工作日",
    RULE,
]


def test_in_a_terminal_a_measure_stands_once_over_its_parties() -> None:
    checked = replace(
        REFERRED, party="督查室", role=Role.SUPERVISION, stage=Stage.CHECK, due_on=date(2023, 6, 21), days=-2,
        measure_no="31", text="每季度盘点一次，结果报党委会，并在一定范围内公开，接受监督", why="按“check/+2wd”通知",
        fate="未发：无通知地址",
    )  # fmt: skip
    rows = (checked, *(hearing(*who) for who in (HEARERS[6], HEARERS[0], HEARERS[1])))
    assert [line.rstrip() for line in terminal(replace(BRIEF, rows=rows), 100).splitlines()] == SHOWN


SAME_OR_NOT = [
    ("another party, for another reason", {"party": "李明", "role": Role.LEAD, "why": "x", "fate": "y"}, 1),
    ("another measure", {"measure_no": "8"}, 2),
    ("another round with the same number", {"text": "开展干部轮训"}, 2),
    ("another clock of the measure", {"stage": Stage.CHECK}, 2),
    ("another date", {"due_on": date(2023, 6, 15)}, 2),
    ("another colour: a state has one", {"colour": "orange"}, 2),
]


@pytest.mark.parametrize(("change", "blocks"), [row[1:] for row in SAME_OR_NOT], ids=[row[0] for row in SAME_OR_NOT])
def test_rows_share_a_measure_only_with_its_clock(change: dict[str, Any], blocks: int) -> None:
    shown = terminal(replace(BRIEF, rows=(REFERRED, replace(REFERRED, **change))), 120)
    assert sum("个工作日" in line for line in shown.splitlines()) == blocks
    assert sum("───" in line for line in shown.splitlines()) == 2 + blocks


def test_no_party_takes_more_than_two_lines() -> None:
    shown = terminal(replace(BRIEF, rows=tuple(hearing(*who) for who in HEARERS)), 120).splitlines()
    title_and_head, rule = 4, 1
    assert len(shown) <= title_and_head + 2 * len(HEARERS) + rule


def test_the_state_and_only_the_state_wears_the_colour() -> None:
    shown = terminal(replace(BRIEF, rows=(REFERRED,)), 120, colours=True)
    assert shown.count("\x1b[31m") == 1
    assert "\x1b[31m超期5个工作日\x1b[0m" in shown


LONG = replace(
    REFERRED,
    party="市委教育工委巡察整改责任追究组",
    text="修订完善人事管理制度，形成用制度管权、按制度办事、靠制度管人的长效机制，加强干部队伍建设",
    days=-123,
    fate="未发：无通知地址",
)


@pytest.mark.parametrize("width", [100, 110, 120])
def test_a_terminal_shows_every_column_within_its_width(width: int) -> None:
    shown = terminal(replace(BRIEF, rows=(LONG, replace(ROW, fate="已送达"))), width)
    assert all(cell_len(line) <= width for line in shown.splitlines())
    # Headings, dates, capacities and counts of days stand on one line, never cut.
    for whole in (*COLUMNS, "2023-06-16", "责任追究组", "超期123个工作日", "还有4个工作日", "已送达"):
        assert any(whole in line for line in shown.splitlines()), whole


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
