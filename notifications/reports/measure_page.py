"""One measure's whole life so far on one page, as GitHub markdown: facts, clocks, evidence, and what happened.

Drawn from the record whenever a flow has acted on the measure, for Prefect's artifacts, whose versions are the
measure's visible history. `duban show` uses its words too. Decides nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Connection

from models.closure import EVIDENCE_ZH
from models.days_spent import HOLDER_ZH, Change, Holder, days_spent
from models.lifecycle import CLOSURE_ZH, STAGE_ZH, STATE_ZH, State
from models.rehearsal import REHEARSAL_MARK
from models.store import board
from models.store.board import ClockRow, MeasureRow
from models.workdays import WorkCalendar
from notifications.reports.markdown import escaped, table
from notifications.reports.timeline import timeline
from notifications.words.sentences import when_zh

MOST_LINES = 100
"""Lines of the past that a page still lists; `duban show` lists all."""
_CLOCKS = ("环节", "办理方", "时限", "最初时限", "起算", "停止", "结果")
_EVIDENCE = ("周期", "类别", "文件", "版本", "校验值")
_PAST = ("日期", "事项", "经办 / 对象", "说明")


def measure_page(
    connection: Connection, measure_id: int, calendar: WorkCalendar, on_day: date, *, rehearsal: bool = False
) -> str:
    """The page as it stands on that day. What people wrote is shown as they wrote it, never read as markup."""
    row, clocks = board.measure(connection, measure_id), board.clocks_of(connection, measure_id)
    mark = REHEARSAL_MARK if rehearsal else ""
    blocks = [
        f"# {mark}措施{escaped(row.no)}　{STATE_ZH[row.state]}",
        _awaited(clocks, calendar, on_day),
        table(("项目", "内容"), _facts(connection, row)),
        *_clocks(clocks, calendar, on_day),
        *_used(connection, row, on_day, calendar),
        *_evidence(connection, row),
        *_past(connection, row, calendar),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def outcome_zh(clock: ClockRow) -> str:
    """How a clock stands, or how it ended."""
    if clock.held_on and clock.outcome is None:
        return f"挂起（自{clock.held_on}，{_left_zh(clock.held_days or 0)}）"
    match clock.outcome:
        case "met":
            return "按期"
        case "late":
            return f"逾期{clock.late_by}个工作日" if clock.late_by else "逾期不足1个工作日"
        case "void":
            return "作废"
    return "在计，问责已受理" if clock.taken_up_on else "在计"


def days_used(connection: Connection, measure_id: int, on_day: date, calendar: WorkCalendar) -> dict[Holder, int]:
    """Working days up to that day, by who had the measure."""
    events = board.events_of(connection, measure_id)
    changes = [Change(event.on_day, event.action, State(event.to_state)) for event in events if event.to_state]
    return dict(days_spent(changes, on_day, calendar))


def days_used_zh(spent: dict[Holder, int]) -> str:
    return "，".join(f"{HOLDER_ZH[holder]}{spent[holder]}" for holder in HOLDER_ZH)


def _when_zh(clock: ClockRow, on_day: date, calendar: WorkCalendar) -> str:
    """How far off a running clock's date is, or how late it is."""
    return when_zh(clock.due_on, calendar.workdays_between(on_day, clock.due_on), on_day)


def _left_zh(days: int) -> str:
    return f"剩{days}个工作日" if days >= 0 else f"已超{-days}个工作日"


def _awaited(clocks: Sequence[ClockRow], calendar: WorkCalendar, on_day: date) -> str:
    """Who must do what next, and by when."""
    waiting = [clock for clock in clocks if clock.stopped_on is None]
    if not waiting:
        return "目前没有时限在计。"
    lines = []
    for clock in sorted(waiting, key=lambda one: one.due_on):
        if clock.held_on:
            lines.append(f"- 已挂起：{STAGE_ZH[clock.stage]}（{escaped(clock.holder)}）")
            continue
        provisional = "（推算日期）" if calendar.provisional_between(on_day, clock.due_on) else ""
        when = _when_zh(clock, on_day, calendar)
        lines.append(
            f"- 待 **{escaped(clock.holder)}** 办理“{STAGE_ZH[clock.stage]}”，时限 {clock.due_on}{provisional}，{when}"
        )
    return f"截至{on_day}：\n\n" + "\n".join(lines)


def _facts(connection: Connection, row: MeasureRow) -> Iterator[tuple[str, str]]:
    yield "整改措施", row.text
    if row.part_of:
        yield "所属措施", row.part_of
    yield "反馈问题", row.problem
    yield "责任单位", row.unit_name
    if cooperating := board.cooperating_with(connection, row.id):
        yield "配合单位", "、".join(cooperating)
    yield "牵头领导", row.lead_name
    yield "销号类别", f"{CLOSURE_ZH[row.closure]}{'，重大' if row.major else ''}"
    read_as = f"，即{row.due_on}" if row.due_on else ""
    yield "完成时限", f"{row.limit_text}{f'（{row.limit_note}）' if row.limit_note else ''}{read_as}"
    if row.percent is not None:
        yield "进度", f"{row.percent}%　{row.progress}"
    yield "轮次、版本", f"{row.round_code}，第{row.version}版"


def _clocks(clocks: Sequence[ClockRow], calendar: WorkCalendar, on_day: date) -> Iterator[str]:
    if clocks:
        yield "## 时限"
        yield table(_CLOCKS, (_clock_cells(clock, calendar, on_day) for clock in clocks))


def _clock_cells(clock: ClockRow, calendar: WorkCalendar, on_day: date) -> tuple[str, ...]:
    moved = str(clock.first_due_on) if clock.first_due_on != clock.due_on else ""
    days = str(clock.due_on), moved, str(clock.opened_on), str(clock.stopped_on or "")
    runs = clock.stopped_on is None and clock.held_on is None
    left = f"，{_when_zh(clock, on_day, calendar)}" if runs else ""
    return STAGE_ZH[clock.stage], clock.holder, *days, f"{outcome_zh(clock)}{left}"


def _used(connection: Connection, row: MeasureRow, on_day: date, calendar: WorkCalendar) -> Iterator[str]:
    spent = days_used(connection, row.id, on_day, calendar)
    if any(spent.values()):
        yield f"用时（工作日，至{on_day}）：{days_used_zh(spent)}"


def _evidence(connection: Connection, row: MeasureRow) -> Iterator[str]:
    found = board.evidence_of(connection, row.id)
    if found:
        yield "## 佐证材料"
        yield table(
            _EVIDENCE,
            ((str(e.cycle), EVIDENCE_ZH[e.kind], e.name, str(e.version), e.sha256[:12]) for e in found),
        )


def _past(connection: Connection, row: MeasureRow, calendar: WorkCalendar) -> Iterator[str]:
    lines = timeline(connection, row.id, calendar)
    yield "## 全过程"
    if len(lines) > MOST_LINES:
        yield f"较早的{len(lines) - MOST_LINES}条未在此列出，见 duban show {escaped(row.no)}。"
    yield table(_PAST, ([str(cell) for cell in line] for line in lines[-MOST_LINES:])) if lines else "没有流转记录。"
