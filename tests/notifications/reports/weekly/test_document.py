"""The document of a weekly brief: the same words as the page, in Word's own tables."""

from io import BytesIO
from pathlib import Path

from docx import Document

from notifications.reports.paper import fill
from notifications.reports.paper.templates import find
from notifications.reports.weekly.context import Values
from tests.notifications.reports.weekly.weeks import EMPTY, busy, context, hostile


def document(home: Path, values: Values) -> bytes:
    """By the shipped template."""
    return fill(find(home, "weekly"), values, str(values["mark"]))


def read(content: bytes) -> tuple[list[str], list[list[list[str]]]]:
    """Paragraphs, and tables as rows of cells."""
    paper = Document(BytesIO(content))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in paper.tables]
    return [paragraph.text for paragraph in paper.paragraphs], tables


def test_a_busy_week(tmp_path: Path) -> None:
    paragraphs, tables = read(document(tmp_path, context(busy(), rehearsal=True)))
    assert paragraphs[0] == "【演练】2023年整改\n督办通报"
    assert "超期的时限1项，涉及措施1条，其中责任单位自身超期的1条。" in paragraphs
    units, overdue, due, due_next, days, moved, untold = tables
    assert units[0] == ["单位", "在办", "红", "黄", "绿", "未到提醒期", "有时限超期", "本单位超期", "已销号"]
    assert units[1:] == [["人事科", *"31002113"], ["合计", *"31002113"]]
    assert overdue[1][2:5] == ["2023-06-09\n（周五）", "3个工作日", "2023-06-12 超期：人事科、林致远"]
    assert overdue[1][5] == "未申请延期\n用时：责任单位12、督办组3"
    assert due[1][-1] == "已超期3个工作日"
    assert due_next[1][-2:] == ["2023-06-24\n（周六，休息日，推算日期，原定2023-06-09）", "还有5个工作日"]
    assert days[1] == ["人事科", "12", "3", "0", "0", "15"]
    assert moved[1][1:] == ["退回整改", "2023-06-14\n（周三）", "督办组", "理由：佐证不足；时限2023-06-20"]
    assert [row[0] for row in untold] == ["对象", "直属学校", "督办组"]


def test_a_quiet_week_has_sentences_and_no_table(tmp_path: Path) -> None:
    paragraphs, tables = read(document(tmp_path, context(EMPTY)))
    assert tables == []
    assert {"本轮次没有整改措施。", "没有超期的时限。", "本周没有到期的时限。"} <= set(paragraphs)


def test_hostile_texts_make_a_document_that_opens(tmp_path: Path) -> None:
    paragraphs, tables = read(document(tmp_path, context(hostile())))
    assert "<script>alert(1)</script>{{ 7*7 }}" in tables[1][1][0]
    assert "49" not in "".join(paragraphs)
