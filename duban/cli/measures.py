"""measures, show, desk: where the measures stand, one measure from beginning to end, and what waits for a person."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import json_option, on_option
from duban.cli.output import print_json, print_table
from models.lifecycle import ClosureClass, State

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flows.office import Office
    from models.answers.desk import Unresolved, Waiting
    from models.store.board import MeasureRow

STATES = tuple(state.value for state in State)
CLASSES = tuple(closure.value for closure in ClosureClass)


@click.command()
@click.option("--state", type=click.Choice(STATES), default=None, help="只看这一状态。")
@click.option("--unit", default=None, help="只看这一责任单位（代码或名称）。")
@click.option("--class", "closure", type=click.Choice(CLASSES), default=None, help="只看这一销号类别。")
@click.option("--round", "round_code", default=None, metavar="CODE", help="只看这一轮次。")
@click.option("--overdue", is_flag=True, help="只看已超期的。")
@click.option("--counts", is_flag=True, help="只列合计：按状态、责任单位、销号类别。")
@on_option("按这一天计算剩余天数（默认今天，演练环境为已进行到的日期）。")
@json_option
def measures(  # noqa: PLR0913, PLR0917 - the options of a command are its contract
    state: str | None, unit: str | None, closure: str | None, round_code: str | None, overdue: bool, counts: bool,
    on: date | None, as_json: bool,
) -> None:  # fmt: skip
    """措施一览：状态、办理方、时限、剩余工作日、颜色；末尾是按状态、责任单位、销号类别的合计。"""
    from flows.office import open_office
    from models.store import board

    with open_office() as office:
        day = on or office.come_to()
        with office.store.reading() as connection:
            rows = [
                row
                for row in board.measures(connection)
                if state in (None, row.state)
                and unit in (None, row.unit, row.unit_name)
                and closure in (None, row.closure)
                and round_code in (None, row.round_code)
                and (not overdue or _is_overdue(row, day))
            ]
        if counts:
            _print_counts(rows, day, as_json=as_json)
        else:
            _print_measures(rows, day, office, as_json=as_json)


@click.command()
@click.argument("no", metavar="NO")
@json_option
def show(no: str, as_json: bool) -> None:
    """一条措施的全貌：时限、用时、佐证材料，以及从交办到销号的全过程。"""
    from sqlmodel import Session

    from flows.office import open_office
    from models.handling.case import find_measure
    from models.store import board

    with open_office() as office, office.store.reading() as connection:
        with Session(connection) as session:
            measure_id = find_measure(session, no).id
        row = next(row for row in board.measures(connection) if row.id == measure_id)
        day = office.come_to()
        if as_json:
            print_json([_show_json(connection, row, day, office)])
        else:
            _show(connection, row, day, office)


@click.command()
@click.option("--by", "by", required=True, metavar="PERSON", help="经办人代码。")
@click.option("--as", "as_party", default=None, metavar="PARTY", help="只看代表这一责任主体的。")
@on_option("看哪一天的（默认今天，演练环境为已进行到的日期）。")
@json_option
def desk(by: str, as_party: str | None, on: date | None, as_json: bool) -> None:
    """待办：有哪些事项等着这位经办人办理，含代办的。"""
    from sqlmodel import Session

    from config import clock
    from flows.office import open_office
    from models.answers.desk import desk as desk_of
    from models.answers.desk import unresolved as unresolved_of
    from models.handling.case import By, Ground

    with open_office() as office:
        day = on or office.come_to()
        ground = Ground(office.directory, office.policy, office.calendar, day, clock.now())
        with office.store.reading() as connection, Session(connection) as session:
            waiting = desk_of(session, ground, By(by, as_party))
            unresolved = unresolved_of(session, ground, By(by, as_party))
        if as_json:
            of_measures = [_desk_json(one, day, office) for one in waiting]
            print_json([*of_measures, *map(_unresolved_json, unresolved)])
        else:
            _print_desk(by, waiting, day, office)
            _print_unresolved(by, unresolved)


def _print_measures(rows: "Sequence[MeasureRow]", day: date, office: "Office", *, as_json: bool) -> None:
    if as_json:
        print_json([_measure_json(row, day, office) for row in rows])
        return
    print_table(
        f"措施一览（{day}，共{len(rows)}条）",
        ("编号", "整改措施", "责任单位", "牵头领导", "状态", "当前环节", "办理方", "时限", "剩余/超期", "色"),
        [(name, *_measure_cells(row, day, office)) for name, row in zip(_names(rows), rows, strict=True)],
        "没有符合条件的措施。",
    )
    _print_counts(rows, day, as_json=False)


def _names(rows: "Sequence[MeasureRow | Waiting]") -> list[str]:
    """How measures are called so that one can ask for them: with the round where there are several."""
    several = len({row.round_code for row in rows}) > 1
    return [f"{row.round_code}/{row.no}" if several else row.no for row in rows]


def _is_overdue(row: "MeasureRow", day: date) -> bool:
    return row.clock_due_on is not None and row.held_on is None and row.clock_due_on < day


def _days(row: "MeasureRow", day: date, office: "Office") -> int | None:
    if row.clock_due_on is None or row.held_on:
        return None
    return office.calendar.workdays_between(day, row.clock_due_on)


def _colour(stage: Any, due_on: date | None, day: date, office: "Office") -> str | None:
    """What the ladder paints a running clock on that day; None before the first rung and where nothing runs."""
    from models.ladder import colour_at

    if stage is None or due_on is None:
        return None
    found = colour_at(office.policy.ladders[stage], due_on, day, office.calendar)
    return found.value if found else None


def _colour_of(row: "MeasureRow", day: date, office: "Office") -> str | None:
    return None if row.held_on else _colour(row.stage, row.clock_due_on, day, office)


def _measure_json(row: "MeasureRow", day: date, office: "Office") -> dict[str, Any]:
    return {
        "measure": row.no, "round": row.round_code, "problem": row.problem, "text": row.text,
        "part_of": row.part_of, "unit": row.unit, "lead": row.lead, "state": row.state, "closure": row.closure,
        "major": row.major, "limit": row.limit_text, "due_on": row.due_on, "stage": row.stage,
        "clock_due_on": row.clock_due_on, "holder": row.holder_name, "holder_code": row.holder,
        "days": _days(row, day, office), "colour": _colour_of(row, day, office), "held_on": row.held_on,
        "percent": row.percent, "progress": row.progress, "version": row.version,
    }  # fmt: skip


def _measure_cells(row: "MeasureRow", day: date, office: "Office") -> tuple[object, ...]:
    from models.lifecycle import STAGE_ZH, STATE_ZH
    from notifications.words.sentences import when_zh

    days = _days(row, day, office)
    when = when_zh(row.clock_due_on, days, day) if row.clock_due_on and days is not None else ""
    percent = f"（{row.percent}%）" if row.percent is not None else ""
    return (
        row.text, row.unit_name, row.lead_name, f"{STATE_ZH[row.state]}{percent}",
        STAGE_ZH[row.stage] if row.stage else "", row.holder_name, row.clock_due_on or row.limit_text,
        "挂起" if row.held_on else when, _colour_zh(_colour_of(row, day, office)),
    )  # fmt: skip


def _colour_zh(colour: str | None) -> str:
    from models.ladder import COLOUR_ZH, Colour

    return COLOUR_ZH[Colour(colour)] if colour else ""


def _print_counts(rows: "Sequence[MeasureRow]", day: date, *, as_json: bool) -> None:
    counted = list(_counts(rows, day))
    if as_json:
        print_json([{"by": by, "key": key, "name": name, "count": n, "overdue": late}
                    for by, key, name, n, late in counted])  # fmt: skip
        return
    for by, title in (("state", "按状态"), ("unit", "按责任单位"), ("class", "按销号类别")):
        listed = [f"{name}{n}{f'（超期{late}）' if late else ''}" for b, _, name, n, late in counted if b == by]
        if listed:
            click.echo(f"{title}：{'，'.join(listed)}")


def _counts(rows: "Sequence[MeasureRow]", day: date) -> Iterator[tuple[str, str, str, int, int]]:
    """By what, of which, its name, how many, and how many of them are overdue; in the words' own order."""
    from models.lifecycle import CLOSURE_ZH, STATE_ZH

    late = [row for row in rows if _is_overdue(row, day)]
    units = {row.unit: row.unit_name for row in sorted(rows, key=lambda row: row.unit)}
    for by, names, of in (
        ("state", {s.value: zh for s, zh in STATE_ZH.items()}, lambda row: row.state.value),
        ("unit", units, lambda row: row.unit),
        ("class", {c.value: zh for c, zh in CLOSURE_ZH.items()}, lambda row: row.closure.value),
    ):
        counted, overdue = Counter(map(of, rows)), Counter(map(of, late))
        for key, name in names.items():
            if counted[key]:
                yield by, key, name, counted[key], overdue[key]


# One measure


def _show_json(connection: "Connection", row: "MeasureRow", day: date, office: "Office") -> dict[str, Any]:
    from duban.cli.listings import news_json, notice_json
    from models.store import board
    from notifications.reports.measure_page import days_used

    used = days_used(connection, row.id, day, office.calendar)
    return {
        **_measure_json(row, day, office),
        "clocks": [asdict(clock) for clock in board.clocks_of(connection, row.id)],
        "days_spent": {holder.value: days for holder, days in used.items()},
        "evidence": [asdict(one) for one in board.evidence_of(connection, row.id)],
        "events": [asdict(event) for event in board.events_of(connection, row.id)],
        "notices": [notice_json(notice, office) for notice in board.notices_of_measure(connection, row.id)],
        "news": [news_json(one) for one in board.news_of_measure(connection, row.id)],
    }


def _show(connection: "Connection", row: "MeasureRow", day: date, office: "Office") -> None:
    from notifications.reports.measure_page import days_used, days_used_zh
    from notifications.reports.timeline import timeline

    _show_head(row)
    _show_clocks(connection, row.id)
    used = days_used(connection, row.id, day, office.calendar)
    if any(used.values()):
        click.echo(f"用时（工作日，至{day}）：{days_used_zh(used)}")
    _show_evidence(connection, row.id)
    lines = timeline(connection, row.id, office.calendar)
    print_table("全过程", ("日期", "事项", "经办 / 对象", "说明"), lines, "没有流转记录。")


def _show_head(row: "MeasureRow") -> None:
    from models.lifecycle import CLOSURE_ZH, STATE_ZH

    click.echo(f"措施{row.no}　{row.text}")
    click.echo(f"反馈问题：{row.problem}")
    if row.part_of:
        click.echo(f"所属措施：{row.part_of}")
    click.echo(f"责任单位：{row.unit_name}　牵头领导：{row.lead_name}　销号类别：{CLOSURE_ZH[row.closure]}"
               f"{'　重大' if row.major else ''}")  # fmt: skip
    click.echo(f"状态：{STATE_ZH[row.state]}{'，已挂起' if row.held_on else ''}（第{row.version}版）　"
               f"台账所列完成时限：{row.limit_text}{f'（{row.limit_note}）' if row.limit_note else ''}")  # fmt: skip
    if row.percent is not None:
        click.echo(f"进度：{row.percent}%　{row.progress}")


def _show_clocks(connection: "Connection", measure_id: int) -> None:
    from models.lifecycle import STAGE_ZH
    from models.store import board
    from notifications.reports.measure_page import outcome_zh

    print_table(
        "时限", ("环节", "办理方", "时限", "最初时限", "起算", "停止", "结果"),
        [(STAGE_ZH[c.stage], c.holder, c.due_on, c.first_due_on if c.first_due_on != c.due_on else "", c.opened_on,
          c.stopped_on, outcome_zh(c)) for c in board.clocks_of(connection, measure_id)],
        "没有时限在计。",
    )  # fmt: skip


def _show_evidence(connection: "Connection", measure_id: int) -> None:
    from models.closure import EVIDENCE_ZH
    from models.store import board

    evidence = board.evidence_of(connection, measure_id)
    if evidence:
        print_table(
            "佐证材料", ("周期", "类别", "文件", "版本", "大小", "校验值"),
            [(e.cycle, EVIDENCE_ZH[e.kind], e.name, e.version, e.size, e.sha256[:12]) for e in evidence], "",
        )  # fmt: skip


# The desk


def _desk_json(one: "Waiting", day: date, office: "Office") -> dict[str, Any]:
    return {
        "measure": one.no, "round": one.round_code, "text": one.text, "state": one.state, "stage": one.stage,
        "due_on": one.due_on, "days": office.calendar.workdays_between(day, one.due_on) if one.due_on else None,
        "colour": _colour(one.stage, one.due_on, day, office), "party": one.party, "stand_in": one.stand_in,
        "actions": list(one.actions), "refusal": one.refusal, "message": None,
    }  # fmt: skip


def _print_desk(by: str, waiting: "Sequence[Waiting]", day: date, office: "Office") -> None:
    print_table(
        f"待办（{by}，{day}，共{len(waiting)}项）",
        ("编号", "整改措施", "环节", "时限", "剩余/超期", "色", "代表", "可办理"),
        [(name, *_desk_cells(one, day, office)) for name, one in zip(_names(waiting), waiting, strict=True)],
        "没有待办事项。",
    )


def _print_unresolved(by: str, unresolved: "Sequence[Unresolved]") -> None:
    """Messages that wait for a person's word, and below them how this person gives it."""
    from models.saying import SAYING_ZH, command_zh

    if not unresolved:
        return
    columns = ("编号", "日期", "对象", "状态", "代码", "说明", "代表", "可办理")
    print_table(f"待处理的消息（共{len(unresolved)}封）", columns, map(_unresolved_cells, unresolved), "")
    for what in dict.fromkeys(what for one in unresolved for what in one.sayable):
        click.echo(f"{SAYING_ZH[what]}：{command_zh(what, '编号', by)}")


def _unresolved_json(one: "Unresolved") -> dict[str, Any]:
    """A message among measures: the same keys, so that whoever reads the one can read the other."""
    from models.handling.messages import EVENTS
    from models.saying import Saying

    return {
        "measure": None, "round": None, "text": f"{one.message.code} {one.message.reason}".strip(),
        "state": one.message.state, "stage": None, "due_on": None, "days": None, "colour": None, "party": one.party,
        "stand_in": one.stand_in, "actions": [EVENTS[Saying.ARRIVED]], "refusal": "", "message": one.message.id,
    }  # fmt: skip


def _unresolved_cells(one: "Unresolved") -> tuple[object, ...]:
    from models.saying import SAYING_ZH
    from models.tables.outbox import MESSAGE_STATE_ZH

    row, through = one.message, f"（{one.stand_in} 代办）" if one.stand_in else ""
    may = "、".join(SAYING_ZH[what] for what in one.sayable)
    return row.id, row.on_day, row.party, MESSAGE_STATE_ZH[row.state], row.code, row.reason, one.party + through, may


def _desk_cells(one: "Waiting", day: date, office: "Office") -> tuple[object, ...]:
    from models.lifecycle import STAGE_ZH
    from notifications.reports.timeline import action_zh
    from notifications.words.sentences import when_zh

    when = when_zh(one.due_on, office.calendar.workdays_between(day, one.due_on), day) if one.due_on else ""
    through = f"（{one.stand_in} 代办）" if one.stand_in else ""
    may = "、".join(action_zh(action) for action in one.actions) or one.refusal
    return (
        one.text, STAGE_ZH[one.stage] if one.stage else "", one.due_on, when,
        _colour_zh(_colour(one.stage, one.due_on, day, office)), f"{one.party}{through}", may,
    )  # fmt: skip
