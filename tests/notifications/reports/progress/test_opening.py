"""The numbers that a report begins with: each is a figure's, and a round without any still reads right."""

import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from models.activity import ActivityKind
from models.answers.progress.values import ActivityItem, EvidenceItem, Progress, Turn, TurnKind
from models.closure import EvidenceKind
from models.lifecycle import ClosureClass, State
from models.rates import RateFormula
from notifications.reports.progress.opening import opening
from tests.notifications.reports.progress.rounds import closed, measure, round_of

ORGANISATION = "某单位"


def said_of(progress: Progress, formula: RateFormula = RateFormula.WITH_SUSTAINED) -> dict[str, str]:
    return opening(progress, ORGANISATION, progress.rates[formula])


def test_a_round_in_full_is_told_in_numbers() -> None:
    rule = EvidenceItem(1, EvidenceKind.RULE, "办法.docx", 1, "a" * 64, accepted=True)
    campaign = EvidenceItem(2, EvidenceKind.CAMPAIGN, "行动.pdf", 1, "b" * 64)
    returned = (Turn(1, TurnKind.RETURNED, date(2023, 5, 8), "不全"),)
    found = said_of(round_of(
        [closed("1"), closed("2", ClosureClass.MECHANISM, evidence=(rule,))],
        [closed("3", ClosureClass.SUSTAINED), measure("4", state=State.VERIFIED, evidence=(campaign,))],
        [measure("5", overdue_days=3, turns=returned), measure("6", held=True), measure("7", state=State.WITHDRAWN)],
        activities=[ActivityItem(n, date(2023, 4, n), kind, "研究", "") for n, kind in
                    enumerate((ActivityKind.COMMITTEE, ActivityKind.COMMITTEE, ActivityKind.INSPECTION), 1)],
    ))  # fmt: skip
    assert found == {
        "start": "2023年3月25日反馈意见后，某单位针对反馈的3个问题，制定整改措施6条；另有已作废的措施1条，"
        "均不计入以下各数。现将截至2023年7月4日的整改进展情况报告如下。",
        "classes": "整改措施按销号类别分为：限时办结类4条、完善长效机制类1条、长期坚持类1条。",
        "done": "已通过销号审核的措施3条：限时办结1条、完善长效机制1条、转入长期坚持1条。"
        "1个问题的措施全部通过销号审核。",
        "rate": "按“含长期坚持的完成率”计算，完成率为50.00%（3/6）。"
        "计算方法：已销号和已通过审核、转入长期坚持的措施数，除以全部措施数（不含已作废的）。",
        "open": "尚未通过销号审核的措施3条：整改中2条、待发起审核1条。其中已过整改时限、尚未自查上报1条；挂起1条。",
        "evidence": "按通过审核的佐证材料统计，修订制度1项。已报送材料、尚未通过审核的：开展专项整治1次。",
        "activities": "整改期间，召开工委会2次，开展专项督查1次。",
        "turns": "整改措施中，曾被退回整改1条。",
    }


def test_nothing_done_is_said_plainly() -> None:
    found = said_of(round_of([measure("1", state=State.DRAFTED, due_on=None)]))
    assert found["done"] == "目前没有通过销号审核的措施。"
    assert found["rate"].startswith("按“含长期坚持的完成率”计算，完成率为0.00%（0/1）。")
    assert found["open"] == (
        "尚未通过销号审核的措施1条：待交办1条。其中没有已过整改时限、尚未自查上报的；尚未定出整改时限1条。"
    )
    assert (found["evidence"], found["activities"], found["turns"]) == ("", "", "")


def test_all_done_is_said_plainly() -> None:
    found = said_of(round_of([closed("1")]), RateFormula.CLOSED_ONLY)
    assert found["open"] == "没有尚未通过销号审核的措施。"
    assert found["evidence"] == "通过审核的佐证材料中，没有制度、业务规范和专项整治材料。"
    assert "按“仅计办结的完成率”计算，完成率为100.00%（1/1）" in found["rate"]


def test_what_was_all_withdrawn_leaves_no_rate() -> None:
    found = said_of(round_of([measure("1", state=State.WITHDRAWN)]))
    assert found["start"].startswith(
        "2023年3月25日反馈意见后，某单位尚未制定整改措施；另有已作废的措施1条、措施已全部作废的问题1个，均不计入以下各数。"
    )
    assert found["rate"] == "按“含长期坚持的完成率”计算：没有可计入的措施，不计算完成率。"
    assert [found[part] for part in ("classes", "done", "open", "evidence")] == ["", "", "", ""]


@given(st.lists(st.tuples(st.sampled_from(State), st.sampled_from(ClosureClass)), max_size=9))
@settings(max_examples=60)
def test_every_number_said_is_a_figures(drawn: list[tuple[State, ClosureClass]]) -> None:
    found = round_of([measure(str(n), state=state, closure=closure) for n, (state, closure) in enumerate(drawn, 1)])
    counts = {figure.value for figure in found.figures.values()}
    for formula in RateFormula:
        told = " ".join(said_of(found, formula).values())
        numbers = re.findall(r"(?<![\d.])\d+(?=条|项|个|次|/|）)", re.sub(r"\d+年\d+月\d+日", "", told))
        assert set(map(int, numbers)) <= counts
        assert " 0条" not in told
