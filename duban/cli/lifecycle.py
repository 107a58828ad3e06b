"""assign, and what the unit does with a measure: accept, progress, milestone, self-check, evidence, extend ask."""

from datetime import date
from typing import TYPE_CHECKING

import click

from duban.cli.acting import EVIDENCE, NO, NOS, act, act_on_those_or_all, who_options
from duban.cli.options import Day
from models.lifecycle import CLOSURE_ZH

if TYPE_CHECKING:
    from flows.acting import Who

CLOSURES = {word: closure for closure, zh in CLOSURE_ZH.items() for word in (zh, closure.value)}


@click.command()
@click.argument("nos", nargs=-1, metavar="NO...")
@click.option("--all", "every", is_flag=True, help="交办全部待交办的措施。")
@click.option("--due-on", type=Day(), default=None, help="台账未能定出日期时，由人写明的完成时限。")
@click.option("--unit", default=None, metavar="PARTY", help="台账没有写明时的责任单位（代码或名称）。")
@click.option("--lead", default=None, metavar="PARTY", help="台账没有写明时的牵头领导（代码或名称）。")
@click.option("--cooperating", multiple=True, metavar="PARTY", help="台账没有写明时的配合单位，可多次给出。")
@click.option(
    "--closure", type=click.Choice(list(CLOSURES)), default=None, help="台账没有写明责任主体时，同时写明的销号类别。"
)
@who_options
def assign(  # noqa: PLR0913, PLR0917 - the options of a command are its contract
    nos: tuple[str, ...], every: bool, due_on: date | None, unit: str | None, lead: str | None,
    cooperating: tuple[str, ...], closure: str | None, who: "Who",
) -> int:  # fmt: skip
    """交办措施：签收和整改的时限从交办之日起计。台账所缺的，可在交办时写明。"""
    from models.errors import UsageRefused
    from models.handling.assignment import Filling
    from models.handling.assignment import assign as assign_measure
    from models.lifecycle import State

    filling = Filling(unit, lead, cooperating, CLOSURES[closure] if closure else None)
    if every == bool(nos) or (every and (due_on or filling != Filling())):
        raise UsageRefused("请写明要交办的措施编号，或用 --all 交办全部（不能与 --due-on、--unit 等同用）。")
    return act_on_those_or_all(
        who, nos, State.DRAFTED if every else None,
        lambda session, ground, no, by, _: assign_measure(session, ground, no, by, due_on, filling),
    )  # fmt: skip


@click.command()
@NOS
@who_options
def accept(nos: tuple[str, ...], who: "Who") -> int:
    """签收措施。"""
    from models.handling.assignment import accept as accept_measure

    return act(who, nos, lambda session, ground, no, by, _: accept_measure(session, ground, no, by))


@click.command()
@NO
@click.option("--text", required=True, help="进展情况。")
@click.option("--percent", type=click.IntRange(0, 100), required=True, help="进度，0 到 100。")
@who_options
def progress(no: str, text: str, percent: int, who: "Who") -> int:
    """报进展：文字和百分比，供一览表和报告使用，不影响时限。"""
    from models.handling.rectification import report_progress

    return act(who, (no,), lambda session, ground, no, by, _: report_progress(session, ground, no, by, text, percent))


@click.command()
@NO
@click.option("--statement", required=True, help="节点完成情况。")
@click.option("--due", type=Day(), default=None, help="哪一天到期的节点；不给则为最近到期的一个。")
@who_options
def milestone(no: str, statement: str, due: date | None, who: "Who") -> int:
    """节点报告：一个阶段节点已完成。"""
    from models.handling.rectification import report_milestone

    return act(who, (no,), lambda session, ground, no, by, _: report_milestone(session, ground, no, by, statement, due))


@click.command("self-check")
@NO
@click.option("--statement", required=True, help="整改情况说明。")
@EVIDENCE
@who_options
def self_check(no: str, statement: str, evidence: tuple[str, ...], who: "Who") -> int:
    """自查上报：说明整改情况，附佐证材料，转督办组核查。"""
    from models.handling.rectification import submit_self_check

    return act(
        who, (no,),
        lambda session, ground, no, by, files: submit_self_check(session, ground, no, by, statement, files),
        evidence,
    )  # fmt: skip


@click.command("evidence")
@NO
@EVIDENCE
@who_options
def evidence_(no: str, evidence: tuple[str, ...], who: "Who") -> int:
    """补充佐证：发起销号审核之前，补交材料。"""
    from models.handling.rectification import add_evidence

    return act(
        who, (no,), add_evidence, evidence
    )  # fmt: skip
