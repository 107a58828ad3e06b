"""stand-in and exception: what an office decides about who acts, apart from any measure."""

from datetime import date
from typing import TYPE_CHECKING

import click

from duban.cli.acting import signed_options
from duban.cli.chinese import ChineseGroup
from duban.cli.options import Day, json_option
from duban.cli.output import print_json, print_table

if TYPE_CHECKING:
    from flows.acting import Who
    from models.store.board import ExceptionRow


@click.command("stand-in")
@click.argument("absent", metavar="PARTY")
@click.option("--party", "stand_in", default=None, metavar="PARTY", help="由谁代办（责任主体代码或名称）。")
@click.option("--from", "since", type=Day(), default=None, help="起始日；不给则从当日起。")
@click.option("--until", type=Day(), default=None, help="截止日（含当日）。")
@click.option("--end", is_flag=True, help="终止用本命令安排的代办，从当日起。")
@signed_options
def stand_in_(absent: str, stand_in: str | None, since: date | None, until: date | None, end: bool, who: "Who") -> int:
    """代办：一段时间内，由另一方代为接收和办理（须写理由）；--end 终止。"""
    from models.errors import UsageRefused

    if end == bool(stand_in) or (end and (since or until)) or (stand_in and until is None):
        raise UsageRefused("请用 --party 和 --until 写明由谁代办到哪天，或用 --end 终止代办（不能同用）。")
    return _end(absent, who) if stand_in is None else _appoint(absent, stand_in, since, until, who)


def _end(absent: str, who: "Who") -> int:
    from flows.acting import signed
    from flows.office import open_office
    from models.handling.persons import end_stand_in

    with (
        open_office() as office,
        signed(office, who) as (by, _),
        office.acting(office.day(who.on)) as (session, ground),
    ):
        ended = end_stand_in(session, ground, by, absent)
    click.echo(f"{absent}：已终止代办{ended}项。")
    return 0


def _appoint(absent: str, stand_in: str, since: date | None, until: date | None, who: "Who") -> int:
    from flows.acting import signed
    from flows.office import open_office
    from models.handling.persons import Term, appoint_stand_in

    with (
        open_office() as office,
        signed(office, who) as (by, _),
        office.acting(office.day(who.on)) as (session, ground),
    ):
        term = appoint_stand_in(session, ground, by, absent, stand_in, Term(since or ground.on_day, until))
    click.echo(f"{absent}：{term.since} 至 {term.until} 由 {term.party} 代办。")
    return 0


@click.group(cls=ChineseGroup)
def exception() -> None:
    """单人例外：人手过少、无法回避时，由组长书面准许一人兼办。"""


@exception.command("grant")
@click.option("--person", required=True, metavar="PERSON", help="准许谁兼办（经办人代码）。")
@click.option("--from", "since", type=Day(), default=None, help="起始日；不给则从当日起。")
@click.option("--until", type=Day(), default=None, help="截止日（含当日）；不给则到终止为止。")
@signed_options
def exception_grant(person: str, since: date | None, until: date | None, who: "Who") -> int:
    """准许一人兼办（由组长办理，须写理由）；此后每次用到都会写明。"""
    from flows.acting import signed
    from flows.office import open_office
    from models.handling.case import told_of
    from models.handling.persons import Term, grant_exception

    with open_office() as office:
        day = office.day(who.on)
        with signed(office, who) as (by, _), office.acting(day) as (session, ground):
            granted = grant_exception(session, ground, by, person, Term(since or day, until))
            click.echo(told_of(granted))
    return 0


@exception.command("end")
@click.option("--person", required=True, metavar="PERSON", help="终止谁的例外（经办人代码）。")
@signed_options
def exception_end(person: str, who: "Who") -> int:
    """终止单人例外（由组长办理）。"""
    from flows.acting import signed
    from flows.office import open_office
    from models.handling.persons import end_exception

    with (
        open_office() as office,
        signed(office, who) as (by, _),
        office.acting(office.day(who.on)) as (session, ground),
    ):
        ended = end_exception(session, ground, by, person)
    click.echo(f"已终止 {person} 的单人例外{ended}项。")
    return 0


@exception.command("list")
@json_option
def exception_list(as_json: bool) -> int:
    """列出单人例外：谁、谁准许的、起止、理由。"""
    from flows.office import open_office
    from models.store import board

    with open_office() as office, office.store.reading() as connection:
        rows = board.exceptions(connection)
    if as_json:
        print_json([_exception_json(row) for row in rows])
        return 0
    print_table(
        "单人例外", ("经办人", "准许人", "起", "止", "终止", "理由"),
        [(r.person, r.granted_by, r.since, r.until, r.ended_on, r.reason) for r in rows], "没有单人例外。",
    )  # fmt: skip
    return 0


def _exception_json(row: "ExceptionRow") -> dict[str, object]:
    return {
        "person": row.person, "granted_by": row.granted_by, "reason": row.reason, "from": row.since,
        "until": row.until, "ended_on": row.ended_on,
    }  # fmt: skip
