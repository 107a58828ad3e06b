"""The day's brief: its groups, its order, its words, and that it is readable in a terminal."""

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
    brief_summary,
    brief_tables,
    groups,
    limit_zh,
    state_zh,
)
from notifications.reports.coming import Coming
from notifications.words.sentences import why_zh

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
    unsaid="",
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
    unsaid="尚未投递",
)
NOTHING_COMES = Coming(date(2023, 7, 3), 0, ())
BRIEF = Brief(
    on=date(2023, 6, 26),
    rehearsal=True,
    rows=(ROW, REFERRED),
    counts=BriefCounts(notices=2, said=1, messages=2, accepted=1, unknown=0, rejected=0, waiting=1),
    attention=("基建科无可用通知地址，请补录。",),
    coming=NOTHING_COMES,
)
QUIET = Brief(date(2023, 6, 27), False, (), BriefCounts(0, 0, 0, 0, 0, 0, 0), (), NOTHING_COMES)


def terminal(brief: Brief, width: int, *, colours: bool = False) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=colours, color_system="256" if colours else None)
    for table in brief_tables(brief):
        console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_day_with_nothing_to_say_has_a_headline_and_no_more() -> None:
    assert brief_headline(QUIET) == "2023-06-27 督办简报：通知事项0条，消息0封"
    assert brief_tables(QUIET) == []
    assert brief_summary(QUIET) == ""


def test_the_headline_names_every_fate_that_occurred() -> None:
    counts = BriefCounts(notices=12, said=9, messages=10, accepted=4, unknown=1, rejected=2, waiting=3)
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
    found = list(groups(replace(BRIEF, rows=tuple(rows))))
    assert [(title, len(rows)) for title, rows in found] == [
        ("问责提请", 3), ("超期与督办", 6), ("催办", 3), ("提醒", 3), ("通知无法送达", 3),
    ]  # fmt: skip
    assert [row.measure_no for row in found[0][1]] == ["5", "2", "10"]
    assert [table.title for table in brief_tables(replace(BRIEF, rows=tuple(rows)))] == [name for name, _ in GROUPS]


STATES = [
    ("days are left", {"days": 4}, ("2023-06-30", "还有4个工作日")),
    ("due on the brief's day", {"due_on": BRIEF.on, "days": 0}, ("2023-06-26", "今日到期")),
    (
        "due on rest days to come",
        {"due_on": date(2023, 6, 27), "days": 0},
        ("2023-06-27", "今日为到期前最后一个工作日"),
    ),
    ("late", {"due_on": date(2023, 6, 16), "days": -5}, ("2023-06-16", "超期5个工作日")),
    ("late, and only rest days since", {"due_on": date(2023, 6, 25), "days": 0}, ("2023-06-25", "已超期不足1个工作日")),
    ("another stage is named", {"stage": Stage.CHECK}, ("督查核查 2023-06-30", "还有4个工作日")),
    ("a provisional date is called so", {"provisional": True}, ("2023-06-30 （推算日期）", "还有4个工作日")),
]


@pytest.mark.parametrize(("facts", "said"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
def test_the_limit_says_where_the_day_stands(facts: dict[str, Any], said: tuple[str, str]) -> None:
    row = replace(ROW, **facts)
    assert (limit_zh(row), state_zh(row, BRIEF.on)) == said


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
    ((_, rows),) = groups(replace(BRIEF, rows=tuple(hearing(*who) for who in reversed(HEARERS))))
    assert [row.party for row in rows] == [party for party, _ in HEARERS]
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
