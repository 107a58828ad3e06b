"""Planning, floor and product side by side: `python -m bench.planning 1000 100000` prints a line for each size.

Each figure is the median of fresh processes on fresh copies of a database: CPU of the work, commit included, imports
not. first: the first run of a home. day: a steady day, after a first run and 20 days of history. again: a second
run on that day. floor: the least SQL that does the same on the same ledger and ladder (bench/floor.py).
ratio is day over floor, growth is day against the size before, for each tenfold.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.ledgers import Mix
from bench.processes import ProcessRun, fresh_copy, remove_copy, run_fresh

HISTORY = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of one size, CPU in ms; `rss_mib` is the most that planning grew above interpreter and imports."""

    count: int
    first: float
    day: float
    again: float
    wall: float
    rss_mib: float
    floor: float
    notices: int

    def line(self, growth: float | None) -> str:
        grown = f"{growth:.1f}" if growth else "-"
        return (
            f"planning N={self.count} first_cpu_ms={self.first:.1f} day_cpu_ms={self.day:.1f} "
            f"again_cpu_ms={self.again:.1f} wall_ms={self.wall:.1f} rss_mib={self.rss_mib:.1f} "
            f"floor_cpu_ms={self.floor:.1f} ratio={self.day / self.floor:.2f} growth={grown} "
            f"first_ratio={self.first / self.floor:.2f} notices={self.notices}"
        )


def measure(count: int, mix: Mix, runs: int, scratch: Path) -> Figures:
    """Builds the databases of one size and runs floor, day, again and first in turn, `runs` times."""
    floor, steady, fresh = (scratch / f"{name}-{count}.db" for name in ("floor", "steady", "fresh"))
    spread = ["--mix", mix.value]
    run_fresh([*_module("bench.floor"), str(floor), "--build", str(count), *spread])
    for database, history in ((steady, HISTORY), (fresh, 0)):
        product = [*_module("bench.product"), str(database), str(count), "--build", *spread]
        run_fresh([*product, "--history", str(history)])
    rounds = [_round(count, floor, steady, fresh, scratch / "copy.db") for _ in range(runs)]
    for database in (floor, steady, fresh):
        remove_copy(database)
    return _medians(count, rounds)


def _round(count: int, floor: Path, steady: Path, fresh: Path, copy: Path) -> dict[str, ProcessRun]:
    """One turn of each, so that a change of the machine's speed meets all of them."""
    product = [*_module("bench.product"), str(copy), str(count)]
    found = {}
    fresh_copy(floor, copy)
    found["floor"] = run_fresh([*_module("bench.floor"), str(copy)])
    fresh_copy(steady, copy)
    found["day"] = run_fresh(product)
    found["again"] = run_fresh(product)
    fresh_copy(fresh, copy)
    found["first"] = run_fresh(product)
    remove_copy(copy)
    return found


def _medians(count: int, rounds: Sequence[dict[str, ProcessRun]]) -> Figures:
    def figure(name: str, key: str) -> float:
        return median(found[name].reported()[key] for found in rounds)

    if figure("again", "notices"):
        raise SystemExit("a second run on a day posted something")
    return Figures(
        count=count,
        first=figure("first", "cpu_ms"),
        day=figure("day", "cpu_ms"),
        again=figure("again", "cpu_ms"),
        wall=figure("day", "wall_ms"),
        rss_mib=max(figure("first", "rss_grown_mib"), figure("day", "rss_grown_mib")),
        floor=figure("floor", "cpu_ms"),
        notices=int(figure("day", "notices")),
    )


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--mix", type=Mix, default=Mix.EVEN, choices=list(Mix))
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args(arguments)
    before: Figures | None = None
    with tempfile.TemporaryDirectory() as scratch:
        for count in sorted(chosen.sizes):
            found = measure(count, chosen.mix, chosen.runs, Path(scratch))
            print(found.line(_growth(before, found)), flush=True)
            before = found
    return 0


def _growth(before: Figures | None, now: Figures) -> float | None:
    if before is None:
        return None
    decades = math.log10(now.count / before.count)
    return float((now.day / before.day) ** (1 / decades))


if __name__ == "__main__":
    raise SystemExit(main())
