"""How every action is called and carried out: who, for whom, on what day, on which paper; then one transaction each.

What an action means stands in models/handling. This file turns options into a `By`, files into staged copies, and
what was done into lines.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from duban.cli.options import FILE, Day

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.office import Office
    from models.evidence import HandedIn, StagedFile
    from models.handling.case import By, Done, Ground

    Act = Callable[[Session, Ground, str, By, Sequence[StagedFile]], Done]

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Who:
    """What the options of an action say about who decided, when, and how that came into the system."""

    by: str
    as_party: str | None
    on: date | None
    reason: str
    version: int | None
    recorded_by: str | None
    basis: Path | None


def who_options(command: _Command) -> _Command:
    """Gives a command the options of an action on a measure, and hands them over as one `who`."""
    return _packed(command, _WHO_OPTIONS.values())


def signed_options(command: _Command) -> _Command:
    """The same for a decision that concerns no measure, so that there is no version to expect."""
    return _packed(command, [option for name, option in _WHO_OPTIONS.items() if name != "version"])


def _packed(command: _Command, options: Iterable[Callable[[Any], Any]]) -> _Command:
    @wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        who = Who(**{name: given.pop(name, None) for name in _WHO_OPTIONS})
        return command(*args, who=who, **given)

    wrapped: Any = run
    for option in options:
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


_WHO_OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "basis": click.option("--basis", type=FILE, default=None, help="依据材料：签批件扫描、检查记录等。"),
    "recorded_by": click.option(
        "--recorded-by", default=None, metavar="PERSON", help="代录人：他人已在纸上签批，由谁录入（须附 --basis）。"
    ),
    "version": click.option(
        "--expect-version", "version", type=click.IntRange(min=1), default=None, metavar="N",
        help="您看到的版本；已被他人更新则不办理。",
    ),
    "on": click.option("--on", "on", type=Day(), default=None, help="办理日期（只用于演练环境）。"),
    "reason": click.option("--reason", default="", help="理由或意见。"),
    "as_party": click.option("--as", "as_party", default=None, metavar="PARTY", help="代表哪个责任主体（代码）。"),
    "by": click.option("--by", "by", required=True, metavar="PERSON", help="经办人代码（谁决定的）。"),
}  # fmt: skip

NOS = click.argument("nos", nargs=-1, required=True, metavar="NO...")
NO = click.argument("no", metavar="NO")
EVIDENCE = click.option(
    "--evidence", "evidence", multiple=True, metavar="[KIND=]FILE",
    help="佐证材料，可多次给出；KIND 为 proof 佐证（默认）、rule 制度、norm 业务规范、campaign 专项整治、other 其他。",
)  # fmt: skip
MISSING = click.option("--missing", multiple=True, metavar="TEXT", help="还缺什么，可多次给出；会告知责任单位。")
DUE_ON = click.option("--due-on", type=Day(), default=None, help="新的时限；不给则按规定推算。")


def handed_in(written: Sequence[str]) -> "list[HandedIn]":
    """Files as the options name them: `FILE`, or `KIND=FILE` with the kind in English or Chinese."""
    from models.closure import EVIDENCE_ZH, EvidenceKind
    from models.errors import UsageRefused
    from models.evidence import HandedIn

    kinds = {**{kind.value: kind for kind in EvidenceKind}, **{zh: kind for kind, zh in EVIDENCE_ZH.items()}}
    found = []
    for one in written:
        kind, equals, rest = one.partition("=")
        if equals and kind in kinds:
            found.append(HandedIn(Path(rest), kinds[kind]))
        elif equals and not Path(one).exists() and Path(rest).exists():
            raise UsageRefused(f"没有“{kind}”这一类佐证材料。", f"可用：{'、'.join(kinds)}。")
        else:
            found.append(HandedIn(Path(one)))
    return found


def act(who: Who, nos: Sequence[str], action: "Act", evidence: Sequence[str] = ()) -> int:
    """Acts on measures of the home. Exit 0 where nothing was refused."""
    from flows.office import open_office

    with open_office() as office:
        return act_in(office, who, nos, action, handed_in(evidence))


def act_in(
    office: "Office", who: Who, nos: Sequence[str], action: "Act", files: "Sequence[HandedIn]" = (),
    *, some_will_do: bool = False,
) -> int:  # fmt: skip
    """Acts on each measure, in a transaction of its own: what a rule refuses is told and does not undo the others.

    Numbers that no measure has are told before anything is done. Exit 0 where nothing was refused, or, of measures
    that were not asked for by number, where something was done.
    """
    from sqlmodel import Session, select

    from models.handling.case import find_measure
    from models.tables import Round

    day = office.day(who.on)
    with office.store.reading() as connection, Session(connection) as session:
        for no in nos:
            find_measure(session, no)
        several = len(session.exec(select(Round.code)).all()) > 1
    with signed(office, who, files) as (by, kept):
        done = [_one(office, day, partial(_apply, action, no, by, kept), no if several else "") for no in nos]
    if not nos:
        click.echo("没有待办理的措施。", err=True)
    return 0 if any(done) and (some_will_do or all(done)) else 1


@contextmanager
def signed(
    office: "Office", who: Who, files: "Sequence[HandedIn]" = ()
) -> "Iterator[tuple[By, tuple[StagedFile, ...]]]":
    """Who decided, with the paper it rests on, and the other files that were handed in, all copied aside."""
    from models.evidence import HandedIn
    from models.handling.case import By

    basis = [HandedIn(who.basis)] if who.basis else []
    with office.handed_in([*files, *basis]) as staged:
        paper = staged[-1] if basis else None
        by = By(who.by, who.as_party, who.reason, who.version, who.recorded_by, paper)
        yield by, staged[: len(files)]


def _apply(
    action: "Act", no: str, by: "By", files: "Sequence[StagedFile]", session: "Session", ground: "Ground"
) -> "Done":
    return action(session, ground, no, by, files)


def _one(office: "Office", day: date, action: "Callable[[Session, Ground], Done]", called: str) -> bool:
    """One action; whether it was done. `called`: how the measure was asked for, where rounds share numbers."""
    from models.errors import RuleBroken

    try:
        with office.acting(day) as (session, ground):
            done = action(session, ground)
    except RuleBroken as refused:
        click.echo(refused.zh, err=True)
        if refused.cure:
            click.echo(refused.cure, err=True)
        return False
    _say(done, called or done.no)
    return True


def _say(done: "Done", called: str) -> None:
    from models.lifecycle import STATE_ZH

    click.echo(f"措施{called}：{STATE_ZH[done.state]}（第{done.version}版）")
    for note in done.notes:
        click.echo(f"  {note}")
    if done.told.told:
        click.echo(f"  待发通知：{'、'.join(dict.fromkeys(done.told.told))}。")
    if done.told.untold:
        click.echo(f"  没有通知地址，请另行告知：{'、'.join(dict.fromkeys(done.told.untold))}。")
