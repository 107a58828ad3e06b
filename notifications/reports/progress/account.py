"""What a report tells of one measure: who, until when, where it stands, what was done, on what evidence. PURE.

A statement that was not accepted yet is told as such, and one that was returned is not told at all: what a public
notice says was done must have been found so.
"""

from collections.abc import Iterator

from models.answers.progress.values import TURN_ZH, EvidenceItem, MeasureProgress
from models.closure import EVIDENCE_ZH
from models.lifecycle import CLOSURE_ZH, STATE_ZH, ClosureClass, State
from notifications.reports.progress.phrases import due_zh, paragraphs, sentence, short_day
from notifications.words.sentences import PROVISIONAL_ZH, day_zh, one_line, workdays_late_zh

WAITING = frozenset({State.SELF_CHECKED, State.VERIFIED, State.UNDER_REVIEW})
"""Handed in and not accepted yet."""
_STANDS = {
    State.DRAFTED: "尚未交办",
    State.ASSIGNED: "已交办，待责任单位签收",
    State.IN_PROGRESS: "正在整改",
    State.SELF_CHECKED: "已自查上报，待督查核查",
    State.VERIFIED: "已通过督查核查，待发起销号审核",
    State.UNDER_REVIEW: "正在进行销号审核",
    State.WITHDRAWN: "已作废",
}


def measure_values(measure: MeasureProgress) -> dict[str, object]:
    """A measure as a template may name it: texts, numbers, lists. "" where there is nothing."""
    return {
        "no": measure.no,
        "text": one_line(measure.text),
        "part_of": one_line(measure.part_of),
        "unit": measure.unit,
        "cooperating": "、".join(measure.cooperating),
        "lead": measure.lead,
        "closure_zh": CLOSURE_ZH[measure.closure],
        "major": measure.major,
        "state": measure.state.value,
        "state_zh": STATE_ZH[measure.state],
        "limit_text": one_line(measure.limit_text),
        "due_on": day_zh(measure.due_on),
        "due_short": short_day(measure.due_on, provisional=measure.provisional),
        "due_zh": due_zh(measure.due_on, provisional=measure.provisional),
        "first_due_on": day_zh(measure.first_due_on),
        "provisional": measure.provisional,
        "closed_on": day_zh(measure.closed_on),
        "closed_short": short_day(measure.closed_on),
        "overdue": measure.overdue_days is not None,
        "overdue_days": "" if measure.overdue_days is None else measure.overdue_days,
        "statement": measure.statement,
        "progress": measure.progress,
        "percent": "" if measure.percent is None else measure.percent,
        "evidence": [
            {"name": one_line(one.name), "kind_zh": EVIDENCE_ZH[one.kind], "version": one.version}
            for one in documents(measure)
        ],
        **{kind.value: len(measure.turned(kind)) for kind in TURN_ZH},
        "next_follow_up": day_zh(measure.next_follow_up),
        "next_follow_up_short": _short_follow_up(measure),
        "held": measure.held,
        "duty_zh": duty_zh(measure),
        "standing_zh": standing_zh(measure),
        "remark_zh": remark_zh(measure),
        "account": list(account(measure)),
    }


def account(measure: MeasureProgress) -> Iterator[str]:
    """The paragraphs under a measure's heading."""
    yield f"{duty_zh(measure)}{standing_zh(measure)}"
    heading, told = _told(measure)
    for place, paragraph in enumerate(paragraphs(told)):
        yield sentence(f"{'' if place else heading}{paragraph}")
    if names := "、".join(one_line(one.name) for one in documents(measure)):
        yield sentence(f"{'佐证材料' if measure.accepted else '已报送的材料（尚未通过审核）'}：{names}")


def documents(measure: MeasureProgress) -> list[EvidenceItem]:
    """Of what was handed in under one name the last; where the closure was approved, only what it rests on."""
    counting = (one for one in measure.evidence if one.accepted or not measure.accepted)
    return list({(one.kind, one.name): one for one in sorted(counting, key=lambda one: one.id)}.values())


def duty_zh(measure: MeasureProgress) -> str:
    """Who must do it, with whom, under whom, until when."""
    entries = (
        ("责任单位", measure.unit),
        ("配合单位", "、".join(measure.cooperating)),
        ("牵头领导", measure.lead),
        ("完成时限", _limit_zh(measure)),
    )
    said = "；".join(f"{title}：{one_line(value)}" for title, value in entries if value)
    return f"{said}。" if said else ""


def _limit_zh(measure: MeasureProgress) -> str:
    """As the ledger writes it, and on which day that is, where it does not say so itself."""
    limit, due = one_line(measure.limit_text), due_zh(measure.due_on, provisional=measure.provisional)
    if not limit or not due:
        return limit or due
    if any(written in limit for written in (day_zh(measure.due_on), str(measure.due_on))):
        return f"{limit}（{PROVISIONAL_ZH}）" if measure.provisional else limit
    return f"{limit}（按{day_zh(measure.due_on)}计{f'，{PROVISIONAL_ZH}' if measure.provisional else ''}）"


def standing_zh(measure: MeasureProgress) -> str:
    """Where it stands, and what happened to its limit, in sentences."""
    return "".join(f"{part}。" for part in _standing(measure))


def remark_zh(measure: MeasureProgress) -> str:
    """The same in a table's cell: what its state does not say."""
    return "；".join(_remarks(measure))


def _standing(measure: MeasureProgress) -> Iterator[str]:
    if measure.accepted:
        yield _accepted_zh(measure)
    else:
        percent = (
            "" if measure.percent is None or measure.state is not State.IN_PROGRESS else f"，进度{measure.percent}%"
        )
        yield f"{_STANDS[measure.state]}{percent}"
    if measure.first_due_on and measure.due_on and measure.first_due_on != measure.due_on:
        yield f"原时限为{day_zh(measure.first_due_on)}"
    yield from _remarks(measure)


def _accepted_zh(measure: MeasureProgress) -> str:
    when = f"已于{day_zh(measure.closed_on)}" if measure.closed_on else "已"
    after = _follow_up_zh(measure)
    if measure.closure is ClosureClass.SUSTAINED:
        return f"{when}通过审核，转入长期坚持{after}"
    return f"{when}销号{'，正在开展回头看' if measure.state is State.FOLLOWING_UP else ''}{after}"


def _short_follow_up(measure: MeasureProgress) -> str:
    return f"{short_day(measure.next_follow_up)}{'' if measure.follow_up_overdue_days is None else '（已超期）'}"


def _follow_up_zh(measure: MeasureProgress) -> str:
    if not measure.next_follow_up:
        return ""
    if measure.follow_up_overdue_days is None:
        return f"，下次回头看时限为{day_zh(measure.next_follow_up)}"
    late = workdays_late_zh(measure.follow_up_overdue_days)
    return f"，本次回头看时限为{day_zh(measure.next_follow_up)}，已超期{late}"


def _remarks(measure: MeasureProgress) -> Iterator[str]:
    if measure.held:
        yield "已挂起，暂停计时"
    if measure.overdue_days is not None:
        yield f"已超期{workdays_late_zh(measure.overdue_days)}"
    if measure.draft_overdue_days is not None:
        yield f"台账所列时限已过{workdays_late_zh(measure.draft_overdue_days)}"
    for kind, what in TURN_ZH.items():
        if times := len(measure.turned(kind)):
            yield f"{what}{times}次"


def _told(measure: MeasureProgress) -> tuple[str, str]:
    if measure.accepted:
        return "整改情况：", measure.statement
    if measure.state in WAITING:
        return "自查上报的情况（尚未通过销号审核）：", measure.statement
    return "进展：", measure.progress if measure.state is State.IN_PROGRESS else ""
