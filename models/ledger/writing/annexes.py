"""The sheets beside the ledger: what was returned, extended, followed up, withdrawn, and the messages. PURE.

Each says in its second row that it is not to be imported, and the importer passes it over.
"""

from collections.abc import Iterable
from datetime import date

from models.ledger.table.words import ANNEX
from models.ledger.writing.grid import Grid, Heading
from models.ledger.writing.values import Deed, ExtensionCase, LedgerMeasure, WrittenLedger, WrittenMessage
from models.lifecycle import ACTION_ZH, Action

_NO, _UNIT, _DAY, _PERSON = Heading("措施编号", 9), Heading("责任单位", 12), Heading("日期", 11), Heading("经办人", 9)
_TEXT = Heading("整改措施", 34, short=False)
_RETURNS = (
    _NO, _TEXT, _UNIT, _DAY, Heading("事项", 13), Heading("决定方", 12), _PERSON, Heading("理由", 30, short=False),
    Heading("缺少什么", 22, short=False), Heading("新的时限", 11),
)  # fmt: skip
_EXTENSIONS = (
    _NO, _TEXT, _UNIT, Heading("事项", 9), Heading("申请日期", 11), Heading("申请人", 9), Heading("原时限", 11),
    Heading("申请延至", 11), Heading("理由", 26, short=False), Heading("决定", 10), Heading("决定日期", 11),
    Heading("决定人", 9), Heading("决定理由", 22, short=False),
)  # fmt: skip
_FOLLOW_UPS = (
    _NO, _TEXT, _UNIT, _DAY, Heading("事项", 16), Heading("办理方", 12), _PERSON,
    Heading("情况或理由", 40, short=False), Heading("缺少什么", 22, short=False), Heading("此后时限", 11),
)  # fmt: skip
_MESSAGES = (
    Heading("消息编号", 8), _DAY, Heading("对象", 13), Heading("类别", 8), Heading("状态", 9), Heading("送达日期", 11),
    Heading("投递次数", 8), Heading("不明次数", 8), Heading("签收日期", 11), Heading("签收人", 10),
    Heading("说明", 26, short=False), Heading("所涉措施", 40, short=False),
)  # fmt: skip
_WITHDRAWN = (
    _NO, Heading("反馈的问题", 26, short=False), _TEXT, _UNIT, Heading("台账时限", 14), Heading("作废日期", 11),
    _PERSON, Heading("理由", 34, short=False),
)  # fmt: skip


def annex_grids(ledger: WrittenLedger) -> tuple[Grid, ...]:
    """Every list, also where nothing stands in it yet; that of withdrawn measures only where there are any."""
    made = [
        _grid(ledger, "退回", "退回和重新整改情况", _RETURNS, map(_deed, ledger.returns)),
        _grid(ledger, "延期", "延期和重定时限情况", _EXTENSIONS, map(_extension, ledger.extensions)),
        _grid(ledger, "回头看", "回头看情况", _FOLLOW_UPS, map(_deed, ledger.follow_ups)),
        _grid(ledger, "消息", "消息及送达情况", _MESSAGES, map(_message, ledger.messages)),
    ]
    if ledger.withdrawn:
        withdrawn = (_withdrawn(*one) for one in ledger.withdrawn)
        made.append(_grid(ledger, "作废", "作废的措施", _WITHDRAWN, withdrawn))
    return tuple(made)


def _grid(
    ledger: WrittenLedger, name: str, what: str, headings: tuple[Heading, ...], rows: Iterable[tuple[str, ...]]
) -> Grid:
    filled = tuple(rows)
    title = f"{ledger.title}附表：{what}（截至{ledger.on_day}，{f'共{len(filled)}项' if filled else '无'}）"
    return Grid(name, title, ANNEX, headings, filled)


def _deed(one: Deed) -> tuple[str, ...]:
    done = (str(one.on_day), ACTION_ZH[one.action], one.by, one.person)
    return (*_of_measure(one), *done, one.said, "；".join(one.missing), _day(one.new))


def _extension(one: ExtensionCase) -> tuple[str, ...]:
    asked = one.asked
    if asked.action is Action.SET_NEW_LIMIT:
        decided = (f"改为{_day(asked.new)}", str(asked.on_day), asked.person, asked.said)
        return (*_of_measure(asked), ACTION_ZH[asked.action], "", "", _day(asked.old), "", "", *decided)
    request = (str(asked.on_day), asked.person, _day(asked.old), _day(asked.new), asked.said)
    return (*_of_measure(asked), ACTION_ZH[asked.action], *request, *_decided(one))


def _decided(one: ExtensionCase) -> tuple[str, str, str, str]:
    """What was decided on a request, when, by whom and why."""
    answered = one.answered
    if answered is None:
        return "待审批" if one.open else "未审批，已失效", "", "", ""
    result = f"同意，改为{_day(answered.new)}" if answered.granted else "不予延期"
    return result, str(answered.on_day), answered.person, answered.said


def _message(one: WrittenMessage) -> tuple[str, ...]:
    return (
        str(one.number), str(one.on_day), one.party, one.kind, one.state, _day(one.accepted_on), str(one.attempts),
        str(one.ambiguous) if one.ambiguous else "", _day(one.received_on), one.received_by, one.why,
        "、".join(one.measures),
    )  # fmt: skip


def _withdrawn(one: LedgerMeasure, by: Deed | None) -> tuple[str, ...]:
    ended = (str(by.on_day), by.person, by.said) if by else ("", "", "")
    text = f"{one.part_of}：{one.text}" if one.part_of else one.text
    return (one.no, one.problem, text, one.unit, one.limit, *ended)


def _of_measure(one: Deed) -> tuple[str, str, str]:
    return one.no, one.text, one.unit


def _day(day: date | None) -> str:
    return str(day) if day else ""
