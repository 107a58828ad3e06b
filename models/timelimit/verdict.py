"""`parse_time_limit`: finds the limits in a text, weighs them against each other, and says what the text comes to.

The one error that must not happen is a wrong day that asks nobody to look. So whatever is doubtful has a flag
with a reason, and where a day would be a mere guess there is none. Found: search.py; weighed: weighing.py.
"""

from collections.abc import Sequence
from datetime import date

from models.timelimit.limit import LimitFlag, LimitKind, TimeLimit, WorkingDays
from models.timelimit.normal import normalise
from models.timelimit.phrases import NOTHING
from models.timelimit.search import Found, find
from models.timelimit.surroundings import of_another_time, without_lead
from models.timelimit.weighing import Weighed, weigh

TEXT_LONGEST = 1000
"""Characters that are read at most. A cell longer than this holds no time limit, but a report."""

FAR_YEARS = 10
"""A rectification that takes longer than this is rather a slip of the pen."""


# --- The flags, and which limit the text stands for


def _decisive(limits: Sequence[Found]) -> Found:
    """An impossible day, else the latest date, else what has no date, in the order of their weight."""
    dated = [one for one in limits if one.is_dated]
    impossible = [one for one in dated if LimitFlag.IMPOSSIBLE in one.reading.flags]
    with_day = [one for one in dated if one.reading.due_on]
    comes_again = [one for one in limits if one.kind is LimitKind.RECURRING and one.reading.due_on]
    if impossible or (dated and not with_day and not comes_again):
        return (impossible or dated)[0]
    in_brackets = [one for one in with_day if one.kind is LimitKind.DATE and one.before == "("]
    others = [one for one in with_day if one not in in_brackets]
    if in_brackets and all(one.kind is LimitKind.PERIOD or one.is_stretch for one in others):
        return in_brackets[-1]  # 3个月内(2023年6月24日前), 年底(12月20日前): whoever wrote it has counted
    if with_day:
        return max(with_day, key=lambda one: (one.reading.due_on or date.min, one.start))
    undated = [one for one in limits if not one.is_dated]
    of_weight = sorted(undated, key=lambda one: _WEIGHT[one.kind])
    first = of_weight[0]
    same = [one for one in of_weight if one.kind is first.kind]
    return min(same, key=lambda one: one.reading.due_on or date.max)


_WEIGHT = {kind: n for n, kind in enumerate((LimitKind.IMMEDIATE, LimitKind.RECURRING, LimitKind.SUSTAINED))}
_ALSO = {
    LimitKind.IMMEDIATE: LimitFlag.IMMEDIATE,
    LimitKind.SUSTAINED: LimitFlag.SUSTAINED,
    LimitKind.RECURRING: LimitFlag.RECURRING,
}


def _flags(weighed: Weighed, main: Found, anchor: date) -> frozenset[LimitFlag]:
    kinds = {one.kind for one in weighed.limits} - {main.kind}
    others = [one for one in weighed.limits if one.is_dated or one.kind is LimitKind.RECURRING]
    days = [one.reading.due_on for one in others if one.is_dated and one.reading.due_on]
    unknown = [one for one in weighed.limits if LimitFlag.UNKNOWN_START in one.reading.flags]
    due_on = main.reading.due_on
    holds = {
        LimitFlag.SEVERAL: len({_identity(one) for one in others}) > 1,
        LimitFlag.AMBIGUOUS: days != sorted(days),
        LimitFlag.FAR: _is_far(due_on, anchor),
        LimitFlag.PAST: main.is_dated and due_on is not None and due_on < anchor,
        LimitFlag.RESIDUE: bool(weighed.stray),
        LimitFlag.UNKNOWN_START: bool(unknown),
    }
    also = {_ALSO[kind] for kind in kinds if kind in _ALSO}
    return main.reading.flags | weighed.flags | also | {flag for flag, true in holds.items() if true}


def _identity(one: Found) -> object:
    """One date written twice is one limit; a period beside anything else is not: that may be its start."""
    return one.start if one.kind is LimitKind.PERIOD else (one.kind, one.reading.due_on)


def _is_far(due_on: date | None, anchor: date) -> bool:
    """So far ahead that a digit may be wrong: 2032年 for 2023年."""
    return due_on is not None and due_on.year - anchor.year > FAR_YEARS


def _milestones(weighed: Weighed, due_on: date | None) -> dict[date, str]:
    """The days before the last, where several are stages of one measure, and what is done by each."""
    found = {
        one.reading.due_on: after.strip(_MARKS)
        for one, after in zip(weighed.limits, weighed.after, strict=True)
        if one.is_dated and one.reading.due_on and due_on and one.reading.due_on < due_on
    }
    return dict(sorted(found.items()))


_MARKS = ",;、。.:()（）\n "


# --- Why a person should look

_WHY = {
    LimitFlag.IMPOSSIBLE: "“{words}”不是有效日期",
    LimitFlag.UNKNOWN_START: "没有写明时限从哪天起算",
    LimitFlag.SEVERAL: "写有多个不同的时限",
    LimitFlag.RESIDUE: "“{stray}”可能影响时限",
    LimitFlag.DONE: "写明已经完成",
}
_WHY_OF_DAY = {
    LimitFlag.AMBIGUOUS: "“{words}”可有不同理解，暂按{due}",
    LimitFlag.NEXT_YEAR: "未写年份，暂按起算日之后最近的{due}",
    LimitFlag.PAST: "{due}早于起算日{anchor}",
    LimitFlag.FAR: f"{{due}}距起算日超过{FAR_YEARS}年",
    LimitFlag.PROVISIONAL: "有关日期的放假安排尚未公布，{due}为暂定",
}
_WHY_WITHOUT_DAY = {LimitFlag.AMBIGUOUS: "“{words}”可有不同理解"}
_ASKING = frozenset(_WHY) | frozenset(_WHY_OF_DAY)


def _in_chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _shortened(words: str) -> str:
    return words if len(words) <= 20 else f"{words[:20]}……"


def _reason(flags: frozenset[LimitFlag], due_on: date | None, told: dict[str, str]) -> str:
    """Why a person must look, as one sentence; empty where all is sure."""
    why = _WHY | (_WHY_OF_DAY if due_on else _WHY_WITHOUT_DAY)
    told = told | {"due": _in_chinese(due_on) if due_on else ""}
    return "；".join(sentence.format(**told) for flag, sentence in why.items() if flag in flags)


# --- The verdict


def _unresolved(text: str, reason: str, flags: frozenset[LimitFlag] = frozenset()) -> TimeLimit:
    return TimeLimit(text, LimitKind.UNRESOLVED, None, "", (0, 0), flags, True, f"{reason}，请填写具体日期。")


def _nothing_left(text: str, plain: str, weighed: Weighed, found: Sequence[Found]) -> TimeLimit:
    """Nothing that was found is a limit: it was done, or it only begins."""
    if LimitFlag.DONE in weighed.flags:
        return _unresolved(text, "写明已经完成", frozenset({LimitFlag.DONE}))
    words = found[0].words(plain)
    flags = weighed.flags | {LimitFlag.RESIDUE}
    return _unresolved(text, f"“{_shortened(words)}”是开始的时间，没有写到何时为止", flags)


def _is_a_guess(main: Found) -> bool:
    """Whether the words right before a date tell another time that no rule read: 农历6月30日, 某年6月30日."""
    return main.kind is LimitKind.DATE and of_another_time(without_lead(main.before))


def _verdict(text: str, plain: str, weighed: Weighed, anchor: date) -> TimeLimit:
    main = _decisive(weighed.limits)
    flags = _flags(weighed, main, anchor)
    guess = _is_a_guess(main)
    due_on = None if guess else main.reading.due_on
    flags |= {LimitFlag.RESIDUE} if guess else set()
    stray = "”“".join(_shortened(words) for words in dict.fromkeys(weighed.stray))
    told = {"words": main.words(plain), "stray": stray, "anchor": _in_chinese(anchor)}
    lacks_day = due_on is None and (main.is_dated or main.kind is LimitKind.RECURRING)
    why = _reason(flags, due_on, told)
    reason = f"{why}，{'请填写具体日期' if lacks_day else '请核对'}。" if why else ""
    kind = LimitKind.UNRESOLVED if lacks_day and main.is_dated else main.kind
    milestones = _milestones(weighed, due_on) if main.is_dated else {}
    span, confirm = (main.start, main.end), bool(flags & _ASKING)
    days, steps = tuple(milestones), tuple(milestones.values())
    return TimeLimit(text, kind, due_on, main.rule.name, span, flags, confirm, reason, days, steps)


def parse_time_limit(text: str, anchor: date, calendar: WorkingDays) -> TimeLimit:
    """Read a 完成时限. `anchor` is the round's feedback day: periods count from the day after it, and a date
    without a year is its first occurrence on or after it. Whatever the text, this gives an answer.
    """
    if len(text) > TEXT_LONGEST:
        return _unresolved(text, f"文字超过{TEXT_LONGEST}字，未予识别")
    plain = normalise(text)
    if not plain or NOTHING.fullmatch(plain):
        return _unresolved(text, "完成时限为空" if not plain else f"“{plain}”没有写时限")
    found, after = find(plain, anchor, calendar)
    if not found:
        return _unresolved(text, f"未能识别“{_shortened(plain)}”")
    weighed = weigh(plain, found, after)
    if not weighed.limits:
        return _nothing_left(text, plain, weighed, found)
    return _verdict(text, plain, weighed, anchor)
