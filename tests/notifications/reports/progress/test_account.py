"""What is told of one measure: nothing as done that was not found so, dates with what is unsure about them."""

from datetime import date

import pytest

from models.answers.progress.values import EvidenceItem, MeasureProgress, Turn, TurnKind
from models.closure import EvidenceKind
from models.lifecycle import STATE_ZH, ClosureClass, State
from notifications.reports.progress.account import account, duty_zh, measure_values, standing_zh
from tests.notifications.reports.progress.rounds import closed, measure

SAID = "计划已印发，\n\n  下级单位已照办"


def item(n: int, name: str, *, accepted: bool) -> EvidenceItem:
    return EvidenceItem(n, EvidenceKind.RULE, name, n, f"{n:064}", accepted)


def test_a_closed_measure_is_told_with_what_it_rests_on() -> None:
    evidence = (
        item(1, "办法.docx", accepted=True),
        item(2, "办法.docx", accepted=True),
        item(3, "后交.pdf", accepted=False),
    )
    assert list(account(closed("1", statement=SAID, evidence=evidence, cooperating=("财务科", "办公室")))) == [
        "责任单位：人事科；配合单位：财务科、办公室；牵头领导：林致远；完成时限：7月底前（按2023年7月31日计）。"
        "已于2023年6月20日销号。",
        "整改情况：计划已印发，", "下级单位已照办。", "佐证材料：办法.docx。",
    ]  # fmt: skip


def test_what_was_not_accepted_yet_is_told_as_such() -> None:
    waiting = measure(state=State.SELF_CHECKED, statement="已完成！", evidence=(item(1, "表.pdf", accepted=False),))
    assert list(account(waiting))[1:] == [
        "自查上报的情况（尚未通过销号审核）：已完成！", "已报送的材料（尚未通过审核）：表.pdf。",
    ]  # fmt: skip


def test_what_was_returned_is_not_told_as_done() -> None:
    turns = (Turn(1, TurnKind.RETURNED, date(2023, 6, 1), "不实"),)
    returned = measure(statement="全部完成", turns=turns, progress="正在补充", percent=60, overdue_days=0)
    told = list(account(returned))
    assert "全部完成" not in "".join(told)
    assert told[0].endswith("正在整改，进度60%。已超期不足1个工作日。退回1次。")
    assert told[1] == "进展：正在补充。"


@pytest.mark.parametrize(("one", "said"), [
    (closed("1", ClosureClass.SUSTAINED, next_follow_up=date(2023, 12, 26)),
     "已于2023年6月20日通过审核，转入长期坚持，下次回头看时限为2023年12月26日。"),
    (closed("1", ClosureClass.SUSTAINED, next_follow_up=date(2023, 9, 26), follow_up_overdue_days=6),
     "已于2023年6月20日通过审核，转入长期坚持，本次回头看时限为2023年9月26日，已超期6个工作日。"),
    (measure(state=State.DRAFTED, draft_overdue_days=3), "尚未交办。台账所列时限已过3个工作日。"),
    (closed("1", ClosureClass.SUSTAINED), "已于2023年6月20日通过审核，转入长期坚持。"),
    (closed("1", state=State.FOLLOWING_UP), "已于2023年6月20日销号，正在开展回头看。"),
    (closed("1", closed_on=None), "已销号。"),
    (measure(held=True), "正在整改。已挂起，暂停计时。"),
    (measure(first_due_on=date(2023, 6, 30), turns=(Turn(1, TurnKind.EXTENDED, date(2023, 6, 1), ""),)),
     "正在整改。原时限为2023年6月30日。延期1次。"),
    (measure(overdue_days=12), "正在整改。已超期12个工作日。"),
])  # fmt: skip
def test_where_a_measure_stands(one: MeasureProgress, said: str) -> None:
    assert standing_zh(one) == said


@pytest.mark.parametrize(("limit", "due", "provisional", "said"), [
    ("长期坚持", date(2023, 6, 25), False, "长期坚持（按2023年6月25日计）"),
    ("2023年6月30日前", date(2023, 6, 30), False, "2023年6月30日前"),
    ("2023-06-30", date(2023, 6, 30), False, "2023-06-30"),
    ("2027年6月30日前", date(2027, 6, 30), True, "2027年6月30日前（节假日安排尚未公布，为推算日期）"),
    ("6月底", date(2027, 6, 30), True, "6月底（按2027年6月30日计，节假日安排尚未公布，为推算日期）"),
    ("", date(2023, 6, 30), False, "2023年6月30日"),
    ("待定", None, False, "待定"),
])  # fmt: skip
def test_a_limit_is_told_once_with_its_day(limit: str, due: date | None, provisional: bool, said: str) -> None:
    one = measure(limit_text=limit, due_on=due, provisional=provisional)
    assert duty_zh(one).endswith(f"完成时限：{said}。")


def test_what_nobody_wrote_is_left_out() -> None:
    bare = measure(unit="", lead="", limit_text="", due_on=None, state=State.DRAFTED)
    assert list(account(bare)) == ["尚未交办。"]


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_words_and_values_without_none(state: State) -> None:
    found = measure_values(measure(state=state, closed_on=None, due_on=None, first_due_on=None))
    assert found["state_zh"] == STATE_ZH[state]
    assert found["standing_zh"]
    assert None not in found.values()
