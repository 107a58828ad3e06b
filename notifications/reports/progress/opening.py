"""The numbers of a report, first of all: what was found, what is done by which formula, what is not, on what evidence.

PURE. Each number is the value of a figure, so each is in the appendix. What there is none of is left out of a row of
counts, and said in a sentence of its own where people would look for it.
"""

from collections.abc import Mapping

from models.activity import ActivityKind
from models.answers.progress.values import Progress, Rate
from models.closure import EvidenceKind
from models.lifecycle import CLOSURE_ZH, OPEN_STATES, STATE_ZH
from notifications.reports.progress.phrases import counted
from notifications.words.sentences import day_zh

Numbers = Mapping[str, int]

_EVIDENCE = (
    ("修订制度", EvidenceKind.RULE, "项"), ("完善业务规范", EvidenceKind.NORM, "项"),
    ("开展专项整治", EvidenceKind.CAMPAIGN, "次"),
)  # fmt: skip


def opening(progress: Progress, organisation: str, rate: Rate) -> dict[str, str]:
    """The paragraphs before the problems, by name, in their order; "" for one that has nothing to say."""
    n = {key: figure.value for key, figure in progress.figures.items()}
    return {
        "start": _start(progress, organisation, n),
        "classes": _classes(n),
        "done": _done(n),
        "rate": _rate(rate),
        "open": _open(n),
        "evidence": _evidence(n),
        "activities": _activities(n),
        "turns": _turns(n),
    }


def _start(progress: Progress, organisation: str, n: Numbers) -> str:
    said = f"{day_zh(progress.feedback_on)}反馈意见后，{organisation}"
    if not n["measures.all"]:
        said = f"{said}尚未制定整改措施"
    else:
        said = f"{said}针对反馈的{n['problems.all']}个问题，制定整改措施{n['measures.all']}条"
    apart = counted((
        ("已作废的措施", n["measures.withdrawn"], "条"),
        ("措施已全部作废的问题", n["problems.without_measure"], "个"),
    ))  # fmt: skip
    if apart:
        said = f"{said}；另有{apart}，均不计入以下各数"
    return f"{said}。现将截至{day_zh(progress.on_day)}的整改进展情况报告如下。"


def _classes(n: Numbers) -> str:
    said = counted((f"{zh}类", n[f"measures.class.{key}"], "条") for key, zh in CLOSURE_ZH.items())
    return f"整改措施按销号类别分为：{said}。" if said else ""


def _done(n: Numbers) -> str:
    if not n["measures.all"]:
        return ""
    if not n["measures.accepted"]:
        return "目前没有通过销号审核的措施。"
    said = counted((
        ("限时办结", n["measures.closed.settled"], "条"),
        ("完善长效机制", n["measures.closed.mechanism"], "条"),
        ("转入长期坚持", n["measures.sustained"], "条"),
    ))  # fmt: skip
    problems = f"{n['problems.completed']}个问题的措施全部通过销号审核" if n["problems.completed"] else ""
    back = f"已销号的措施中，正在开展回头看{n['measures.looked_back']}条" if n["measures.looked_back"] else ""
    total = f"已通过销号审核的措施{n['measures.accepted']}条：{said}"
    return "".join(f"{part}。" for part in (total, back, problems) if part)


def _rate(rate: Rate) -> str:
    if rate.percent_zh is None:
        return f"按“{rate.formula.zh}”计算：{rate.zh}。"
    return f"按“{rate.formula.zh}”计算，完成率为{rate.zh}。计算方法：{rate.formula.definition_zh}。"


def _open(n: Numbers) -> str:
    if not n["measures.open.all"]:
        return "没有尚未通过销号审核的措施。" if n["measures.all"] else ""
    states = counted((STATE_ZH[state], n[f"measures.open.{state}"], "条") for state in OPEN_STATES)
    overdue = n["measures.overdue"]
    late = f"其中已过整改时限、尚未自查上报{overdue}条" if overdue else "其中没有已过整改时限、尚未自查上报的"
    apart = counted((
        ("台账时限已过、尚未交办", n["measures.draft_overdue"], "条"), ("挂起", n["measures.held"], "条"),
        ("尚未定出整改时限", n["measures.undated"], "条"),
    ))  # fmt: skip
    return f"尚未通过销号审核的措施{n['measures.open.all']}条：{states}。{late}{f'；{apart}' if apart else ''}。"


def _evidence(n: Numbers) -> str:
    accepted = counted((zh, n[f"evidence.{kind}.accepted"], word) for zh, kind, word in _EVIDENCE)
    pending = counted((zh, n[f"evidence.{kind}.pending"], word) for zh, kind, word in _EVIDENCE)
    said = f"按通过审核的佐证材料统计，{accepted}。" if accepted else ""
    if not accepted and n["measures.accepted"]:
        said = "通过审核的佐证材料中，没有制度、业务规范和专项整治材料。"
    return f"{said}已报送材料、尚未通过审核的：{pending}。" if pending else said


def _activities(n: Numbers) -> str:
    meetings = counted((
        ("工委会", n[f"activities.{ActivityKind.COMMITTEE}"], "次"),
        ("督办会", n[f"activities.{ActivityKind.MEETING}"], "次"),
    ))  # fmt: skip
    others = counted((
        ("听取汇报", n[f"activities.{ActivityKind.HEARING}"], "次"),
        ("开展专项督查", n[f"activities.{ActivityKind.INSPECTION}"], "次"),
    ))  # fmt: skip
    said = "，".join(part for part in (f"召开{meetings}" if meetings else "", others) if part)
    return f"整改期间，{said}。" if said else ""


def _turns(n: Numbers) -> str:
    said = counted((
        ("曾被退回整改", n["measures.returned"], "条"),
        ("曾获准延期", n["measures.extended"], "条"),
        ("超期后曾重定时限", n["measures.new_limit"], "条"),
        ("销号后曾重新整改", n["measures.reopened"], "条"),
    ))  # fmt: skip
    return f"整改措施中，{said}。" if said else ""
