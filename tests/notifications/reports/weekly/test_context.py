"""What a weekly brief says, in which words, and that its numbers and its lists agree."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from models.answers.week.colours import meanings
from models.answers.week.values import Answer, Extension, Move, Overdue, Span
from models.ladder import Colour, Offset
from models.lifecycle import Stage
from notifications.reports.weekly import words
from notifications.reports.weekly.context import ROWS_MOST
from notifications.reports.weekly.summary import numbers, summary
from tests.notifications.reports.weekly.weeks import DAY, EMPTY, MEASURE, OVERDUE, TOLD, UNIT, busy, context, hostile
from tests.offices import calendar, policy


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from texts(one)
        case list() | tuple():
            for one in value:
                yield from texts(one)
        case _:
            assert isinstance(value, int), value


def test_numbers_come_first_and_in_words() -> None:
    assert summary(busy()) == [
        "整改措施共6条：未销号3条，已通过销号审核3条。另有已作废1条，不计入以下各数。",
        "在办措施中，红色1条、黄色0条、绿色0条、未到提醒期2条。",
        "超期的时限1项，涉及措施1条，其中责任单位自身超期的1条。",
        "本周到期的时限1项（其中1项已经超期），下周到期1项。",
        "本周办理：退回整改1项。",
        "未能送达的通知3条，涉及2个对象，须另行告知。",
    ]


def test_a_week_with_nothing_to_say_reads_right() -> None:
    assert summary(EMPTY) == [
        "本轮次没有需要督办的整改措施。",
        "没有在办措施。",
        "没有超期的时限。",
        "本周没有到期的时限，下周没有到期的时限。",
        "本周没有销号、退回、延期等变动。",
        "没有未能送达的通知。",
    ]


def test_a_measure_that_is_looked_back_on_passed_and_is_yet_in_hand() -> None:
    facts = replace(busy(), units=(replace(UNIT, following_up=1),))
    assert summary(facts)[0].startswith("整改措施共6条：未销号2条，已通过销号审核4条（其中回头看中1条）。")
    assert summary(facts)[1].startswith("在办措施（含回头看中1条）中，红色1条、")
    said = numbers(facts)
    assert said["open"] + said["done"] == said["measures"] == said["live"] + said["closed"]


def test_an_overdue_clock_of_a_closed_measure_is_told_apart() -> None:
    referred = replace(OVERDUE, stage=Stage.REFER, measure=replace(MEASURE, no="9"), holder="责任追究组")
    late = Overdue(referred, None, None, UNIT.days, of_closed=True)
    facts = replace(busy(), overdue=(*busy().overdue, late))
    assert summary(facts)[2] == (
        "在办措施超期的时限1项，涉及措施1条，其中责任单位自身超期的1条。另有已销号措施的问责时限超期1项。"
    )
    closed = replace(busy(), units=(replace(UNIT, colours={}, uncoloured=0, late=0, late_itself=0),), overdue=(late,))
    assert summary(closed)[1:3] == ["没有在办措施。", "在办措施没有超期的时限。另有已销号措施的问责时限超期1项。"]
    overdue = context(facts)["overdue"]
    assert isinstance(overdue, dict)
    assert [row["stage"] for row in overdue["rows"]] == ["整改", "问责（措施已销号）"]


def test_columns_of_units_follow_the_policy_and_add_up() -> None:
    units = context(replace(busy(), units=(UNIT, replace(UNIT, name="财务科", held=2))))["units"]
    assert isinstance(units, dict)
    names = [column["name"] for column in units["columns"]]
    assert names == ["在办", "红", "黄", "绿", "未到提醒期", "挂起", "有时限超期", "本单位超期", "已销号"]
    assert [row["cells"] for row in units["rows"]] == [[3, 1, 0, 0, 2, 0, 1, 1, 3], [5, 1, 0, 0, 2, 2, 1, 1, 3]]
    assert units["total"]["cells"] == [8, 2, 0, 0, 4, 2, 2, 2, 6]
    assert all(column["name"] for column in units["columns"] if column["rgb"])  # no colour without its name


def test_another_office_s_colours_are_its_own() -> None:
    rungs = "".join(f"      - {{at: {at}, to: [unit], kind: urge, colour: {colour}}}\n" for at, colour in
                    (("-5wd", "red"), ("0", "orange"), ("+3wd", "blue")))  # fmt: skip
    painted = meanings(policy(f"name: 测试\nstages:\n  complete:\n    limit: ledger\n    ladder:\n{rungs}"))
    facts = replace(busy(), colours=painted)
    assert "红色1条" in summary(facts)[1]
    found = context(facts)["colours"]
    assert isinstance(found, list)
    meaning = {colour["name"]: colour["meaning"] for colour in found}
    names = list(meaning)
    assert names.index("红") > names.index("橙") > names.index("蓝")  # red is the first reminder here
    assert meaning["红"].startswith("整改到期前5个工作日起")
    assert meaning["蓝"] == "整改超期3个工作日起"


def test_lists_are_as_long_as_their_numbers_say() -> None:
    many = (OVERDUE,) * (ROWS_MOST + 7)
    facts = replace(busy(), due=many)
    due = context(facts)["due"]
    assert isinstance(due, dict)
    assert (due["count"], len(due["rows"]), due["left_out"]) == (ROWS_MOST + 7, ROWS_MOST, "另有7项未在此列出。")
    assert numbers(facts)["due"] == ROWS_MOST + 7


def test_what_people_wrote_is_one_short_clean_line() -> None:
    found = list(texts(context(hostile(), rehearsal=True)))
    assert any("<script>" in text for text in found)  # shown as it was written, in the words of a page
    for text in found:
        assert text.isprintable(), text
        assert len(text) < 600
        text.encode()


def test_weeks_in_words() -> None:
    assert words.span_zh(Span.holding(DAY)) == "2023年6月12日（周一）至6月18日（周日）"
    assert words.span_zh(Span.holding(date(2024, 1, 1))) == "2024年1月1日（周一）至1月7日（周日）"
    assert words.span_zh(Span.holding(date(2023, 1, 1))) == "2022年12月26日（周一）至2023年1月1日（周日）"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (DAY, "工作日5天"),
        (date(2023, 6, 21), "工作日4天，6月22日（周四）、6月23日（周五）放假，6月25日（周日）调休上班"),
        (date(2031, 6, 4), "工作日5天，节假日安排尚未公布，为推算"),
    ],
)
def test_working_days_of_a_week(day: date, said: str) -> None:
    assert words.workdays_zh(Span.holding(day), calendar()) == said


def test_notes_of_a_date() -> None:
    plain = replace(OVERDUE, due_on=date(2023, 6, 16), first_due_on=date(2023, 6, 16))
    assert words.due_note_zh(plain) == "周五"
    assert words.due_note_zh(replace(plain, due_on=date(2023, 6, 24), rest=True)) == "周六，休息日，原定2023-06-16"
    worked = date(2023, 6, 25)
    assert words.due_note_zh(replace(plain, due_on=worked, first_due_on=worked)) == "周日，调休上班"
    assert words.due_note_zh(replace(plain, provisional=True)) == "周五，推算日期"


def test_who_was_told_last() -> None:
    assert words.told_zh(None, OVERDUE) == "尚无送达的通知"
    assert words.told_zh(TOLD, OVERDUE) == "2023-06-12 超期：人事科、林致远"
    moved = replace(OVERDUE, due_on=date(2023, 6, 13))
    assert words.told_zh(TOLD, moved) == "2023-06-12 超期：人事科、林致远（按原时限2023-06-09）"
    many = replace(TOLD, parties=tuple(f"单位{n}" for n in range(9)))
    assert words.told_zh(many, OVERDUE).endswith("单位5等9方")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer.PENDING, "2023-06-08申请延至2023-06-30，待审批"),
        (Answer.GRANTED, "2023-06-08同意延至2023-06-30"),
        (Answer.REFUSED, "2023-06-08未同意延至2023-06-30"),
        (Answer.LAPSED, "2023-06-08申请延至2023-06-30，未作审批"),
        (Answer.SET, "2023-06-08重定时限为2023-06-30"),
    ],
)
def test_extensions(answer: Answer, said: str) -> None:
    extension = Extension(date(2023, 6, 30), answer, date(2023, 6, 8))
    assert words.extension_zh(Overdue(OVERDUE, None, extension, {})) == said


def test_where_no_extension_was_asked() -> None:
    assert words.extension_zh(Overdue(OVERDUE, None, None, {})) == "未申请延期"
    assert words.extension_zh(Overdue(replace(OVERDUE, stage=Stage.CHECK), None, None, {})) == "—"


def test_where_a_colour_begins() -> None:
    begins = [
        (Stage.COMPLETE, Offset.parse("-20d")),
        (Stage.CHECK, Offset.parse("0")),
        (Stage.ACCEPT, Offset.parse("0")),
    ]
    assert words.begins_zh(begins) == "整改到期前20天起；督查核查、签收到期当日起"


def test_what_one_message_was_to_say_stands_in_one_row() -> None:
    untold = context(busy())["untold"]
    assert isinstance(untold, dict)
    assert [(row["party"], row["what"], row["why"], row["answer"], row["message"]) for row in untold["rows"]] == [
        ("直属学校", "问责提请1条，措施7", "未发：无通知地址", "", ""),
        ("督办组", "超期1条、退回整改1条，措施4、5", "被拒收", "550 查无此人", 41),
    ]


def test_a_brief_says_how_far_the_daily_run_has_come() -> None:
    notes = context(replace(EMPTY, run_until=date(2023, 6, 9)))["notes"]
    assert isinstance(notes, list)
    assert "每日运行处理到2023-06-09，此后的提醒和升级尚未计算。" in notes
    assert "尚未执行过每日运行，提醒和升级均未计算。" in list(texts(context(replace(EMPTY, run_until=None))["notes"]))
    sunday = replace(EMPTY, day=date(2023, 6, 18), run_until=date(2023, 6, 16))
    assert not any("每日运行" in note for note in texts(context(sunday)["notes"]))


def test_a_rehearsal_is_marked() -> None:
    assert context(EMPTY, rehearsal=True)["title"] == "【演练】2023年整改督办通报"
    assert context(EMPTY)["mark"] == ""


def test_every_name_that_a_template_may_use_is_documented() -> None:
    told = (
        (Path(__file__).parents[4] / "docs/how-to/weekly.md")
        .read_text(encoding="utf-8")
        .partition("## Values of a template")[2]
    )
    named = set(re.findall(r"`(\w+)`", told))
    found = context(busy())
    assert found.keys() <= named
    assert {key for key in numbers(busy()) if not key.startswith("moved_")} <= named | set(Colour)
    assert {f"moved_{move.value}" for move in Move} <= named
    for value in found.values():
        for entry in value.values() if isinstance(value, dict) else [value]:
            for row in entry if isinstance(entry, list) else ():
                assert not isinstance(row, dict) or row.keys() <= named
