"""Hand-over, product and floor side by side: `python -m bench.delivering` prints a line.

The product delivers a day's digests to a local sink: claim, compose, marker, hand-over, acceptance, all committed;
once whole, and with the letters ready (composed by an earlier try, as at every second attempt) over one connection and
over four. The floor is one kept-open smtplib connection that sends the very same letters, ready, with each acceptance
committed under the same durability as the product's store; and once more without any commit, to show what commits cost.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.handover import Durability, JournalMode, Synchronous, measure_loop, sink
from bench.ledgers import RUN_DAY, GeneratedMeasure, GeneratedState, lead_name
from bench.product import NOW, calendar, fill, policy
from config import clock
from models.directory import Directory, DirectoryParty
from models.lifecycle import Role
from models.store.engine import Store, wal_is_safe
from models.store.posting import Basis, post
from notifications.addresses import Destination
from notifications.delivery import Delivery
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind, Sender
from notifications.packing import Desk
from notifications.senders.pool import Senders
from notifications.words.wording import Writer

DURABILITY = (
    Durability(JournalMode.WAL, Synchronous.FULL)
    if wal_is_safe()
    else Durability(JournalMode.DELETE, Synchronous.EXTRA)
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of one turn of each, over the same letters. `whole`: composing included; `ready`: letters ready; `four`:
    the same over four connections."""

    whole: float
    ready: float
    four: float
    committed: float
    alone: float


class _Refusing:
    """A channel that lets a letter pass the marker and then refuses it for now: its bytes stay as they are."""

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:  # noqa: ARG002
        mark()
        return Outcome(OutcomeKind.RETRY, "451")

    def close(self) -> None: ...


class _AllRefusing(Senders):
    def sender_for(self, destination: Destination) -> Sender:  # noqa: ARG002
        return _REFUSING


_REFUSING = _Refusing()


def turn(count: int, port: int, folder: Path) -> Turn:
    """Fresh homes with `count` units to tell: one delivered as it is, one with its letters ready; then the loops."""
    whole, _ = _deliver(count, port, folder / "whole.db", ready=False)
    ready, letters = _deliver(count, port, folder / "ready.db", ready=True)
    committed = measure_loop(letters, port, folder / "floor.db", DURABILITY)
    four, _ = _deliver(count, port, folder / "four.db", ready=True, connections=4)
    return Turn(whole, ready, four, committed, measure_loop(letters, port, None))


def _deliver(
    count: int, port: int, database: Path, *, ready: bool, connections: int = 1
) -> tuple[float, Sequence[bytes]]:
    store, known = Store(f"sqlite:///{database}"), Basis(policy(), calendar(), _directory(count, port))
    store.migrate()
    with store.writing() as connection:
        fill(connection, _measures(count, known), known, RUN_DAY)
        post(connection, known, RUN_DAY, NOW, "bench")
    if ready:
        Delivery(_desk(store, known, _AllRefusing(database.parent), clock.now), RUN_DAY).run()
    with closing(Senders(database.parent / "outbox", connections=connections)) as senders:
        later = clock.now() + timedelta(hours=2)
        delivery = Delivery(_desk(store, known, senders, lambda: later), RUN_DAY)
        began = perf_counter()
        tally = delivery.run()
        took = perf_counter() - began
    store.close()
    letters = _letters(database)
    if not tally.accepted == len(letters) == count:
        raise SystemExit(f"only {tally.accepted} of {count} letters were accepted")
    return took, letters


def _desk(store: Store, known: Basis, senders: Senders, moment: Callable[[], datetime]) -> Desk:
    return Desk(store, known.directory, known.calendar, Writer(), senders, {}, b"bench", "bench.test", False, moment)


def _directory(count: int, port: int) -> Directory:
    groups = (Role.LEAD, Role.GENERAL, Role.SUPERVISION, Role.ACCOUNTABILITY, Role.HEAD)
    units = [
        DirectoryParty(
            f"u{n}", f"u{n}", frozenset({Role.UNIT}),
            (f"mailto://127.0.0.1:{port}/?from=duban@example.test&to=u{n}@example.test",),
        )
        for n in range(count)
    ]  # fmt: skip
    others = [DirectoryParty(lead_name(0) if r is Role.LEAD else r, r, frozenset({r}), ()) for r in groups]
    return Directory((*units, *others), content="bench", digest="bench-directory")


def _measures(count: int, known: Basis) -> Iterator[GeneratedMeasure]:
    """Three measures a unit, near their limit: a digest of usual length each."""
    due_on = known.calendar.add_workdays(RUN_DAY, 3)
    for no in range(3 * count):
        text = f"修订经费使用管理办法，明确审批权限和报销流程（第{no + 1}条）"
        yield GeneratedMeasure(
            no + 1, text, "制度有缺失", f"u{no // 3}", lead_name(0), due_on, GeneratedState.OPEN, RUN_DAY
        )


def _letters(database: Path) -> Sequence[bytes]:
    with closing(sqlite3.connect(database)) as connection:
        return [payload for (payload,) in connection.execute("SELECT content FROM payload ORDER BY message_id")]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2659, help="messages a turn: a day of 100,000 measures")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch", type=Path, help="a folder on the disk to be measured, not on a RAM disk")
    chosen = parser.parse_args(arguments)
    turns = []
    with sink() as port:
        for _ in range(chosen.runs):
            with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder:
                turns.append(turn(chosen.count, port, Path(folder)))
    durability = f"{DURABILITY.journal_mode}/{DURABILITY.synchronous.name}"

    def rate(name: str) -> str:
        return f"{chosen.count / median(getattr(one, name) for one in turns):.0f}"

    def ratio(name: str) -> str:
        found = sorted(one.committed / getattr(one, name) for one in turns)
        return f"{median(found):.2f} ({found[0]:.2f}..{found[-1]:.2f})"

    print(
        f"handover N={chosen.count} ready_per_s={rate('ready')} whole_per_s={rate('whole')} "
        f"four_per_s={rate('four')} floor_per_s={rate('committed')} ratio={ratio('ready')} "
        f"ratio_of_four={ratio('four')} whole_ratio={ratio('whole')} "
        f"floor_without_commits_per_s={rate('alone')} durability={durability}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
