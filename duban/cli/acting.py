"""How every action is called on the command line: options become a `Who`, and what was done becomes lines.

What an action means stands in models/handling; flows/acting.py carries it out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from duban.cli.options import FILE, Day

if TYPE_CHECKING:
    from flows.acting import Act, Who
    from flows.office import Office
    from models.errors import DubanError
    from models.evidence import HandedIn
    from models.handling.case import Done
    from models.lifecycle import State

_Command = TypeVar("_Command", bound=Callable[..., Any])


def who_options(command: _Command) -> _Command:
    """Gives a command the options of an action on a measure, and hands them over as one `who`."""
    return _packed(command, _WHO_OPTIONS.values())


def signed_options(command: _Command) -> _Command:
    """The same for a decision that concerns no measure, so that there is no version to expect."""
    return _packed(command, [option for name, option in _WHO_OPTIONS.items() if name != "version"])


def _packed(command: _Command, options: Iterable[Callable[[Any], Any]]) -> _Command:
    @wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        from flows.acting import Who

        who = Who(**{name: given.pop(name) for name in _WHO_OPTIONS if name in given})
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


def act(who: "Who", nos: Sequence[str], action: "Act", evidence: Sequence[str] = ()) -> int:
    """Acts on measures of the home. Exit 0 where nothing was refused."""
    from flows.office import open_office

    with open_office() as office:
        return act_in(office, who, nos, action, handed_in(evidence))


def act_on_those_or_all(who: "Who", nos: Sequence[str], waiting: "State | None", action: "Act") -> int:
    """Acts on the measures named, or on every one that waits in that state. Exit 0 as `act_in` says."""
    from flows.acting import every_in
    from flows.office import open_office

    with open_office() as office:
        named = every_in(office, waiting) if waiting else nos
        return act_in(office, who, named, action, some_will_do=waiting is not None)


def act_in(
    office: "Office", who: "Who", nos: Sequence[str], action: "Act", files: "Sequence[HandedIn]" = (),
    *, some_will_do: bool = False,
) -> int:  # fmt: skip
    """Acts on each measure and tells what came of it. Exit 0 where nothing was refused, or, of measures that were
    not asked for by number, where something was done."""
    from flows.acting import Refused, rounds_share_numbers
    from flows.acting import act as carry_out

    several = rounds_share_numbers(office)
    done, refused = 0, []
    for no, came in carry_out(office, who, nos, action, files):
        if isinstance(came, Refused):
            refused.append(came.error)
            if came.error not in refused[:-1]:  # one that kept all the rest from being tried is said once
                _say_refused(came.error)
        else:
            done += 1
            _say(came, no if several else came.no)
    if not nos:
        click.echo("没有待办理的措施。", err=True)
    return 0 if done and (some_will_do or not refused) else 1


def _say_refused(error: "DubanError") -> None:
    click.echo(error.zh, err=True)
    if error.cure:
        click.echo(error.cure, err=True)


def _say(done: "Done", called: str) -> None:
    from models.lifecycle import STATE_ZH

    click.echo(f"措施{called}：{STATE_ZH[done.state]}（第{done.version}版）")
    for note in done.notes:
        click.echo(f"  {note}")
    for sentence in done.told.sentences:
        click.echo(f"  {sentence}")
