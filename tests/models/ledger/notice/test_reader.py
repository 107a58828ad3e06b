"""A published notice read into drafts: which rows, what is asked of a person, which files are refused."""

import os
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from models.errors import LedgerRefused
from models.ledger.notice.opening import BYTES_MOST, LINES_MOST
from models.ledger.notice.reader import notice_of, read_notice, reading_of
from models.ledger.rows import LedgerReading
from models.lifecycle import ClosureClass
from models.timelimit import LimitKind
from models.workdays import WorkCalendar, YearDays

FEEDBACK = date(2024, 3, 20)
CALENDAR = WorkCalendar([YearDays(2024, "演练")])
NUMERALS = "一二三四"

SECTIONS = (3, 4, 3, 3, 3, 3, 3, 4, 4, 3, 1)
"""Measures under each problem, as in a real notice of 2023; in it those of `UNNUMBERED` begin without a number."""
UNNUMBERED = (1, 8, 9, 10)
OPENING = (
    "根据县委安排,2023年11月6日至12月20日,县委第二巡察组对局党组开展了巡察。2024年3月20日,巡察组向局党组反馈了意见。",
    "局党组高度重视。一是迅速部署,召开会议3次。二是明确任务,制定34条具体举措,逐项销号。目前反馈的34个问题全部整改,"
    "其中6个具体问题限时办结,21个问题完善了机制。",
)
CLOSING = (
    "下一步,局党组将继续抓好整改。一是持续用力。二是压实责任。",
    "欢迎广大干部群众对整改落实情况进行监督。联系方式:12345678",
    "某县水务局党组",
    "2024年7月1日",
)


def notice_text() -> str:
    """The structure of a real notice with sentences of our own."""
    lines = list(OPENING)
    for section, measures in enumerate(SECTIONS):
        lines.append(f"关于“第{section + 1}项工作落实不够到位”问题的整改情况")
        for n in range(measures):
            number = "" if n == 0 and section in UNNUMBERED else f"({NUMERALS[n]})"
            lines.append(f"{number}修订第{section + 1}项第{n + 1}号制度,组织2次检查。对相关人员进行约谈,压实责任。")
    return "\n".join((*lines, *CLOSING)) + "\n"


def read(folder: Path, content: str | bytes, name: str = "通报.txt") -> LedgerReading:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_notice(path, FEEDBACK, CALENDAR)


def reading(*lines: str, anchor: date = FEEDBACK) -> LedgerReading:
    return reading_of(notice_of("\n".join(lines), "通报"), anchor, CALENDAR)


def warnings(found: LedgerReading) -> list[str]:
    return [str(warning) for warning in found.warnings if "当作通报的" not in warning.text]


ONE = ("关于“学习不深”问题的整改情况", "（一）订计划。", "（二）办培训。")


# --- What a notice becomes


def test_a_notice_of_eleven_problems_gives_its_thirty_four_measures(tmp_path: Path) -> None:
    found = read(tmp_path, notice_text())
    assert found.problems == ()
    assert [row.no for row in found.rows] == [str(number) for number in range(1, 35)]
    expected = [
        (f"第{section + 1}项工作落实不够到位", f"修订第{section + 1}项第{n + 1}号制度,")
        for section, measures in enumerate(SECTIONS)
        for n in range(measures)
    ]
    assert [(row.problem, row.text[: row.text.index(",") + 1]) for row in found.rows] == expected


def test_what_was_not_numbered_is_asked_of_a_person_with_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, notice_text())
    lines = notice_text().splitlines()
    asked = [warning for warning in found.warnings if warning.text.startswith("没有编号")]
    assert [lines[(warning.row or 0) - 1] for warning in asked] == [line for line in lines if line.startswith("修订第")]
    assert len(asked) == len(UNNUMBERED)


def test_opening_and_closing_are_told_and_nothing_else_is_doubted(tmp_path: Path) -> None:
    found = read(tmp_path, notice_text())
    texts = [warning.text for warning in found.warnings if not warning.text.startswith("没有编号")]
    assert texts == ["第1至2行当作通报的开头，未读取为措施", "第48至51行当作通报的结尾，未读取为措施"]


def test_a_draft_names_nobody_and_no_date(tmp_path: Path) -> None:
    first = read(tmp_path, notice_text()).rows[0]
    assert (first.row, first.sheet, first.lead, first.unit, first.cooperating) == (4, "通报", "", "", ())
    assert (first.limit_text, first.limit.kind, first.limit.due_on) == ("待定", LimitKind.UNRESOLVED, None)
    assert (first.limit.confirm, first.closure, first.major, first.part_of) == (True, ClosureClass.SETTLED, False, "")


def test_parts_of_a_measure_are_drafts_of_their_own() -> None:
    found = reading("关于“学习不深”问题的整改情况", "（一）强化学习", "1.订计划。", "2.办培训。", "（二）考一次。")
    assert [(row.no, row.text, row.part_of) for row in found.rows] == [
        ("1", "订计划。", "强化学习"),
        ("2", "办培训。", "强化学习"),
        ("3", "考一次。", ""),
    ]


@pytest.mark.parametrize(
    ("words", "closure"),
    [
        ("建立健全长效机制。", ClosureClass.MECHANISM),
        ("抓常抓长，长期坚持。", ClosureClass.SUSTAINED),
        ("修订制度三项。", ClosureClass.SETTLED),
    ],
)
def test_a_class_is_proposed_from_the_measures_own_words_and_told(words: str, closure: ClosureClass) -> None:
    found = reading("关于“学习不深”问题的整改情况", "（一）订计划。", f"（二）{words}")
    assert [row.closure for row in found.rows] == [ClosureClass.SETTLED, closure]
    told = [warning.row for warning in found.warnings if "销号类别" in warning.text]
    assert told == ([] if closure is ClosureClass.SETTLED else [3])


# --- What the notice states itself


def test_another_feedback_day_is_told() -> None:
    opening = "县委巡察组于2024年1月8日至2月9日开展巡察,3月25日反馈了意见。"
    (told,) = warnings(reading(opening, *ONE))
    assert told.startswith("第1行：通报写的反馈日是2024-03-25（年份按上文），与本轮次的反馈日2024-03-20不同")
    assert warnings(reading(opening, *ONE, anchor=date(2024, 3, 25))) == []


def test_a_feedback_day_in_chinese_numerals_is_read() -> None:
    assert warnings(reading("二〇二四年三月二十日，巡察组反馈了意见。", *ONE)) == []
    assert len(warnings(reading("二〇二四年三月二十一日，巡察组反馈了意见。", *ONE))) == 1


def test_a_feedback_day_that_never_was_is_told() -> None:
    assert warnings(reading("2024年2月30日,巡察组反馈了意见。", *ONE)) == [
        "第1行：通报写的反馈日不是有效日期（原值：2024年2月30日）"
    ]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("制定3条整改措施。", ["通报：通报写有3条措施，读出2条，请对照原文核对"]),
        ("制定2条整改措施。", []),
        ("制定整改措施9条。", ["通报：通报写有9条措施，读出2条，请对照原文核对"]),
        ("制定整改措施3方面、9条,召开会议4次。", ["通报：通报写有9条措施，读出2条，请对照原文核对"]),
        ("制定整改措施共计2项,已完成30项。", []),
        ("反馈的5个问题已整改。", ["通报：通报写有5个问题，读出1个问题、2条措施，请对照原文核对"]),
        ("反馈的1个问题已整改。", []),
        ("反馈问题4个方面12个。", ["通报：通报写有12个问题，读出1个问题、2条措施，请对照原文核对"]),
        ("反馈问题1个,涉及4个方面。", []),
        ("反馈的2个问题已整改,其中1个问题长期坚持。", []),
    ],
)
def test_stated_numbers_that_do_not_agree_are_told(stated: str, told: list[str]) -> None:
    assert warnings(reading(stated, *ONE)) == told


def test_numbers_inside_measures_are_not_those_of_the_notice() -> None:
    title, first, second = ONE
    assert warnings(reading(title, f"{first}落实19条措施,查出31个具体问题。", second)) == []


# --- What cannot be told apart


@pytest.mark.parametrize("text", ["通知\n今天开会。", "（一）订计划。\n（二）办培训。", "关于“学习不深”问题的整改情况"])
def test_where_no_structure_can_be_told_there_are_no_rows(text: str) -> None:
    found = reading(text)
    assert found.rows == ()
    (problem,) = found.problems
    assert problem.text.startswith("看不出哪些是反馈问题、哪些是整改措施")


# --- Files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_any_encoding_of_an_office(tmp_path: Path, encoding: str) -> None:
    text = notice_text().replace("\n", "\r\n")
    assert len(read(tmp_path, text.encode(encoding)).rows) == 34


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    text = "\r\n\u3000\u3000" + "\r\n\r\n\u3000\u3000".join(ONE) + "\r\n— 1 —\r\n"
    assert [(row.row, row.text) for row in read(tmp_path, text).rows] == [(4, "订计划。"), (6, "办培训。")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "是空的", id="empty"),
        pytest.param("\ufeff \r\n".encode(), "是空的", id="blank"),
        pytest.param(b"PK\x03\x04\x14\x00", "不是纯文本", id="docx"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1"), "不是纯文本", id="doc"),
        pytest.param(b"%PDF-1.7", "不是纯文本", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "不是纯文本", id="picture"),
        pytest.param(b"\xff\xfea", "不是纯文本", id="half a character"),
        pytest.param("<html><p>关于".encode(), "是网页", id="a web page"),
        pytest.param(b"a" * (BYTES_MOST + 1), "超过5 MiB", id="too large"),
        pytest.param(b"a\n" * (LINES_MOST + 1), f"超过{LINES_MOST}行", id="too many lines"),
    ],
)
def test_what_is_no_text_of_a_notice_is_refused_with_the_cure(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(LedgerRefused) as refused:
        read(tmp_path, content)
    assert said in refused.value.zh
    assert refused.value.cure


def test_a_word_document_is_to_be_saved_as_plain_text(tmp_path: Path) -> None:
    with pytest.raises(LedgerRefused) as refused:
        read(tmp_path, b"PK\x03\x04", "通报.docx")
    assert refused.value.cure == "请打开原文，另存为纯文本（.txt）后再导入。"


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道")
    for name, said in {"没有": "找不到", "": "不是文件", "管道": "不是文件"}.items():
        with pytest.raises(LedgerRefused, match=said):
            read_notice(tmp_path / name, FEEDBACK, CALENDAR)


@pytest.mark.parametrize(
    "piece",
    [
        *("关于“", "问题整改情况", "一是", "(1)", "。1.", "第一，", "整改措施：", "整改措施：1.", "下一步："),
        *("1月1日反馈", "12条", "措施12", "”“", " 2023年"),
    ],
)
def test_no_text_runs_away(piece: str) -> None:
    """A hundred kilobytes in one paragraph, and many short paragraphs, in time that grows with the text alone."""
    long, short = piece * (100_000 // len(piece)), "\n".join([ONE[0], *[piece] * 2_000])
    start = process_time()
    notice_of(long, "通报")
    notice_of(f"{ONE[0]}\n{long}", "通报")
    notice_of(short, "通报")
    assert process_time() - start < 2
