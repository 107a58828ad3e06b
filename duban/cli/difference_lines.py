"""What a ledger that is read again changes, as lines for people and as plain values for programs. Decides nothing."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.ledger.content import Field, Value
from models.ledger.difference import Change, ChangedRow, Difference, Way
from models.ledger.excerpts import left_out_zh, short
from models.ledger.known import KnownRow
from models.ledger.preview import LINES_MOST
from models.lifecycle import CLOSURE_ZH, LIVE_STATES, STATE_ZH, ClosureClass

_NOS_MOST = 40
_WHOLE = re.compile(r"[1-9][0-9]{0,8}")
_RUN = 3
"""Numbers that follow each other are told as a run from so many on."""
_WHO = "--reason 理由 --by 经办人"


@dataclass(frozen=True, slots=True)
class Calling:
    """How measures are called so that one can ask for them, and the names of the parties by their code."""

    called: Callable[[str], str]
    parties: Mapping[str, str]


def difference_json(found: Difference, calling: Calling) -> dict[str, Any]:
    """The whole difference: parties as codes, measures by their number."""
    return {
        "new": [row.no for row in found.new],
        "changed": [_changed_json(one, calling) for one in found.changed],
        "unchanged": found.unchanged,
        "gone": [
            {"no": one.no, "state": one.state.value, "cure": _cure_of_gone(one, found, calling)} for one in found.gone
        ],
    }


def difference_lines(found: Difference, calling: Calling) -> Iterator[str]:
    """The difference to what was imported before, with the command that carries over what was left as it is."""
    followed, left = found.followed, found.left
    yield (
        f"与已导入的台账相比：新增{len(found.new)}条，草稿随台账更新{len(followed)}条，"
        f"已交办而台账有改动{len(left)}条，未变{found.unchanged}条，台账中已没有{len(found.gone)}条。"
    )
    if found.new:
        yield f"新增：{nos_zh([row.no for row in found.new])}"
    yield from _cut("草稿随台账更新：", followed, lambda one: _row_zh(one, calling))
    yield from _cut("已交办，以下改动未带入：", left, lambda one: _row_zh(one, calling))
    yield from _cut("台账中已没有，未作删除：", found.gone, lambda one: [_gone_zh(one, found, calling)])


def nos_zh(nos: Sequence[str]) -> str:
    """Numbers, those that follow each other as a run (1至34), and the first of them where there are many."""
    told = [text for run in _runs(nos) for text in ([f"{run[0]}至{run[-1]}"] if len(run) >= _RUN else run)]
    return "、".join(told) if len(told) <= _NOS_MOST else f"{'、'.join(told[:_NOS_MOST])}等{len(nos)}条"


def _runs(nos: Sequence[str]) -> list[list[str]]:
    """The numbers in their order, plain whole ones that follow each other put together."""
    runs: list[list[str]] = []
    for no in nos:
        if runs and no == _next(runs[-1][-1]):
            runs[-1].append(no)
        else:
            runs.append([no])
    return runs


def _next(no: str) -> str:
    """The number after a plain whole one; empty for (1), 1.1 and 01."""
    return str(int(no) + 1) if _WHOLE.fullmatch(no) else ""


def _cut(title: str, listed: Sequence[Any], lines: Callable[[Any], Sequence[str]]) -> Iterator[str]:
    if listed:
        yield title
    for one in listed[:LINES_MOST]:
        yield from lines(one)
    if len(listed) > LINES_MOST:
        yield left_out_zh(len(listed) - LINES_MOST, "条")


def _row_zh(one: ChangedRow, calling: Calling) -> list[str]:
    return [f"  {calling.called(one.known.no)} {_change_zh(change, one.known, calling)}" for change in one.changes]


def _change_zh(change: Change, known: KnownRow, calling: Calling) -> str:
    told = f"{change.of.zh}：{_said(change.of, change.old, calling)} → {_said(change.of, change.new, calling)}"
    cure = cure_of(change, known, calling)
    return f"{told}；{cure}" if cure else told


def _gone_zh(one: KnownRow, found: Difference, calling: Calling) -> str:
    cure = _cure_of_gone(one, found, calling)
    return f"  {calling.called(one.no)}（{STATE_ZH[one.state]}）{f'；{cure}' if cure else ''}"


def _cure_of_gone(one: KnownRow, found: Difference, calling: Calling) -> str:
    """How it would be taken back as well; empty where it was closed, or where its words still stand in the file."""
    stays = one.state not in LIVE_STATES or one.measure_id in found.words_kept
    return "" if stays else f"如须作废：{_withdrawal(one, calling)}"


def cure_of(change: Change, known: KnownRow, calling: Calling) -> str:
    """What to do so that the measure becomes what the ledger now says; empty where it has become so."""
    called = _argument(known, calling)
    match change.way:
        case Way.FOLLOWS:
            return ""
        case Way.HAND_OVER:
            return f"如须改派：duban hand-over {called} --{change.of} {change.new} {_WHO}"
        case Way.EXTEND:
            return f"如须延期：duban extend ask {called} --until {change.due_on} {_WHO}"
        case Way.SET_LIMIT:
            return f"如须重定时限：duban set-limit {called} --due-on {change.due_on} {_WHO}"
        case Way.NEW_NUMBER:
            return f"交办后不能改动此项，确需改动的：{_withdrawal(known, calling)}，再用新的编号导入"
        case Way.KEEPS | Way.TOO_LATE:
            is_number = change.way is Way.KEEPS
            return f"编号不变，仍为{known.no}" if is_number else f"现为“{STATE_ZH[known.state]}”，不再改动此项"


def _withdrawal(known: KnownRow, calling: Calling) -> str:
    return f"duban withdraw {_argument(known, calling)} {_WHO}"


def _argument(known: KnownRow, calling: Calling) -> str:
    return shlex.quote(calling.called(known.no))


def _said(field: Field, value: Value, calling: Calling) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case tuple():
            return "、".join(calling.parties.get(code, code) for code in value) or "无"
        case ClosureClass():
            return CLOSURE_ZH[value]
    if field in (Field.UNIT, Field.LEAD):
        return calling.parties.get(value, value) or "未定"
    return short(value) or "无"


def _changed_json(one: ChangedRow, calling: Calling) -> dict[str, Any]:
    return {
        "no": one.known.no,
        "state": one.known.state.value,
        "followed": one.follows,
        "fields": [
            {
                "field": change.of.value,
                "name": change.of.zh,
                "old": change.old,
                "new": change.new,
                "way": change.way.value,
                "cure": cure_of(change, one.known, calling),
            }
            for change in one.changes
        ],
    }
