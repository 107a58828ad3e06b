"""assign, accept, self-check: the actions of people on measures. Each measure is one transaction of its own."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duban.cli.options import FILE, Day, by_options

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.office import Office
    from models.handling.case import Done, Ground


@click.command()
@click.argument("nos", nargs=-1, metavar="NO...")
@click.option("--all", "every", is_flag=True, help="交办全部待交办的措施。")
@click.option("--due-on", type=Day(), default=None, help="台账未能定出日期时，由人写明的完成时限。")
@by_options
def assign(
    nos: tuple[str, ...], every: bool, due_on: date | None, by: str, as_party: str | None, on: date | None
) -> int:
    """交办措施：签收和整改的时限从交办之日起计。"""
    from flows.office import open_office
    from models.errors import UsageRefused
    from models.handling.assignment import assign as assign_measure
    from models.handling.case import By
    from models.lifecycle import State
    from models.store import board

    if every == bool(nos) or (every and due_on):
        raise UsageRefused("请写明要交办的措施编号，或用 --all 交办全部（不能与 --due-on 同用）。")
    with open_office() as office:
        if every:
            with office.store.reading() as connection:
                drafts = [row for row in board.measures(connection) if row.state is State.DRAFTED]
            nos = tuple(f"{row.round_code}/{row.no}" for row in drafts)
        return _each(
            office,
            nos,
            on,
            lambda session, ground, no: assign_measure(session, ground, no, By(by, as_party), due_on),
            some_will_do=every,
        )


@click.command()
@click.argument("nos", nargs=-1, required=True, metavar="NO...")
@by_options
def accept(nos: tuple[str, ...], by: str, as_party: str | None, on: date | None) -> int:
    """签收措施。"""
    from flows.office import open_office
    from models.handling.assignment import accept as accept_measure
    from models.handling.case import By

    with open_office() as office:
        return _each(office, nos, on, lambda session, ground, no: accept_measure(session, ground, no, By(by, as_party)))


@click.command("self-check")
@click.argument("no", metavar="NO")
@click.option("--statement", required=True, help="整改情况说明。")
@click.option("--evidence", type=FILE, multiple=True, help="佐证材料文件，可多次给出。")
@by_options
def self_check(
    no: str, statement: str, evidence: tuple[Path, ...], by: str, as_party: str | None, on: date | None
) -> int:
    """自查上报：说明整改情况，附佐证材料，转督办组核查。"""
    from flows.office import open_office
    from models.evidence import store_file
    from models.handling.case import By
    from models.handling.self_check import submit_self_check

    with open_office() as office:
        files = [store_file(path, office.settings.evidence) for path in evidence]
        return _each(
            office, (no,), on,
            lambda session, ground, no: submit_self_check(session, ground, no, By(by, as_party), statement, files),
        )  # fmt: skip


def _each(
    office: "Office", nos: Sequence[str], on: date | None, action: "Callable[[Session, Ground, str], Done]",
    *, some_will_do: bool = False,
) -> int:  # fmt: skip
    """Acts on each measure, in a transaction of its own: what a rule refuses is told and does not undo the others.

    Numbers that no measure has are told before anything is done. Exit 0 where nothing was refused, or, of measures
    that were not asked for by number, where something was done.
    """
    from sqlmodel import Session

    from models.errors import RuleBroken
    from models.handling.case import find_measure
    from models.lifecycle import STATE_ZH

    day = office.day(on)
    with office.store.reading() as connection, Session(connection) as session:
        for no in nos:
            find_measure(session, no)
    done = 0
    for no in nos:
        try:
            with office.acting(day) as (session, ground):
                result = action(session, ground, no)
        except RuleBroken as refused:
            click.echo(refused.zh, err=True)
            if refused.cure:
                click.echo(refused.cure, err=True)
            continue
        done += 1
        click.echo(f"措施{result.no}：{STATE_ZH[result.state]}（第{result.version}版）")
    if not nos:
        click.echo("没有待办理的措施。", err=True)
    return 0 if done and (some_will_do or done == len(nos)) else 1
