"""What is told of rows that are alike."""

import pytest

from models.ledger.table.complaints import KEPT_MOST, Complaints, rows_zh


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([3], "第3行"),
        ([3, 4, 5, 8], "第3至5、8行"),
        (list(range(1, 60, 2)), f"第{'、'.join(str(n) for n in range(1, 40, 2))}行等共30行"),
    ],
)
def test_rows_in_words(rows: list[int], said: str) -> None:
    assert rows_zh(rows) == said


def test_of_more_than_anybody_reads_the_first_are_kept_and_the_others_counted() -> None:
    complaints = Complaints("台账")
    for row in range(1, KEPT_MOST + 4):
        complaints.problem_of_row("没有填写", row, "责任单位")
        complaints.warn_of_row(f"第{row}种写法", row, "完成时限")
        complaints.warn_of_row("第1种写法", row, "完成时限")
    complaints.problem("缺少这一列", 1, "牵头领导")
    problems, warnings = complaints.problems(), complaints.warnings()
    assert (complaints.of_rows, len(problems), len(warnings)) == (KEPT_MOST + 3, KEPT_MOST + 2, KEPT_MOST + 1)
    assert [problem.column for problem in problems[:2]] == ["责任单位", "牵头领导"]
    assert problems[-1].text.startswith("另有3处问题未列出")
    assert warnings[-1].text.startswith("另有3条提示未列出")
