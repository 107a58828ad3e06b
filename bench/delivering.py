"""Hand-over, product and floor side by side: `python -m bench.delivering` prints a line.

The product delivers a day's digests to a local sink: claim, compose, marker, hand-over, acceptance, all committed.
The floor is one kept-open smtplib connection that sends the very same letters, ready, with each acceptance committed
under the same durability as the product's store; and once more without any commit, to show what commits cost.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
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
from notifications.delivery import Delivery
from notifications.packing import Desk
from notifications.senders.pool import Senders
from notifications.wording import Writer

DURABILITY = (
    Durability(JournalMode.WAL, Synchronous.FULL)
    if wal_is_safe()
    else Durability(JournalMode.DELETE, Synchronous.EXTRA)
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of one turn of each, over the same letters."""

    product: float
    committed: float
    alone: float


def turn(count: int, port: int, folder: Path) -> Turn:
    """One fresh home with `count` units to tell, delivered; then its letters sent by the two loops."""
    store, known = (
        Store(f"sqlite:///{folder / 'duban.db'}"),
        Basis(policy(), calendar(), _directory(count, port)),
    )
    store.migrate()
    with store.writing() as connection:
        fill(connection, _measures(count, known), known, RUN_DAY)
        post(connection, known, RUN_DAY, NOW, "bench")
    senders = Senders(folder / "outbox")
    desk = Desk(
        store,
        known.directory,
        known.calendar,
        Writer(),
        senders,
        {},
        b"bench",
        "bench.test",
        False,
        clock.now,
    )
    began = perf_counter()
    tally = Delivery(desk, RUN_DAY).run()
    product = perf_counter() - began
    senders.close()
    store.close()
    letters = _letters(folder / "duban.db")
    if not tally.accepted == len(letters) == count:
        raise SystemExit(f"only {tally.accepted} of {count} letters were accepted")
    committed = measure_loop(letters, port, folder / "floor.db", DURABILITY)
    return Turn(product, committed, measure_loop(letters, port, None))


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
    parser.add_argument("--count", type=int, default=1000, help="messages a turn")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch", type=Path, help="a folder on the disk to be measured, not on a RAM disk")
    chosen = parser.parse_args(arguments)
    turns = []
    with sink() as port:
        for _ in range(chosen.runs):
            with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder:
                turns.append(turn(chosen.count, port, Path(folder)))
    rates = {
        name: chosen.count / median(getattr(one, name) for one in turns) for name in ("product", "committed", "alone")
    }
    ratios = sorted(one.committed / one.product for one in turns)
    durability = f"{DURABILITY.journal_mode}/{DURABILITY.synchronous.name}"
    print(
        f"handover N={chosen.count} product_per_s={rates['product']:.0f} floor_per_s={rates['committed']:.0f} "
        f"ratio={median(ratios):.2f} ratio_range={ratios[0]:.2f}..{ratios[-1]:.2f} "
        f"floor_without_commits_per_s={rates['alone']:.0f} durability={durability}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
