"""A whole `duban import`, process tree and all: `python -m bench.importing 100000` prints a line for each kind of file.

The ledger is generated (bench/ledgers.py), written as .csv or .xlsx, and imported into a fresh home by a process of its
own. wall_s is the command from start to end; rss_mib the most that the command and the process that reads for it held
together, looked at every few milliseconds; again_s the same file once more, which must change nothing.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from openpyxl import Workbook

from bench.ledgers import generate

UNITS, LEADS = 200, 40
GROUPS = ("general", "supervision", "accountability", "head")
FEEDBACK_ON = date(2026, 3, 2)
HEADINGS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "配合单位", "完成时限", "销号类别", "重大")
_LIMITS = (
    "{day}",
    "{day:%Y年}{day.month}月底前",
    "3个月内",
    "立行立改",
    "{day:%Y年}{day.month}月{day.day}日前，并长期坚持",
)
_LOOK_S = 0.01


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds, and the peak of resident memory of its processes together, in MiB."""

    wall_s: float
    rss_mib: float


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """The ledger's rows as written, with limits in several wordings."""
    for one in generate(count):
        unit, lead, helper = one.no % UNITS, one.no % LEADS, (one.no * 7 + 1) % UNITS
        limit = _LIMITS[one.no % len(_LIMITS)].format(day=one.due_on)
        helping = f"单位{helper:03}" if helper != unit and one.no % 3 == 0 else ""
        yield (
            str(one.no),
            one.problem,
            one.title,
            f"领导{lead:02}",
            f"单位{unit:03}",
            helping,
            limit,
            "限时办结",
            "否",
        )


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows(count)])


def write_xlsx(path: Path, count: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("整改台账")
    for row in (HEADINGS, *rows(count)):
        sheet.append(row)
    book.save(path)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


def write_directory(path: Path) -> None:
    """Units and leads that the ledger names, and the groups of an office."""
    listed = [
        *((f"D{n:03}", f"单位{n:03}", "unit") for n in range(UNITS)),
        *((f"L{n:02}", f"领导{n:02}", "lead") for n in range(LEADS)),
        *((role, role, role) for role in GROUPS),
    ]
    lines = [f'  - {{code: {code}, name: {name}, role: {role}, addresses: ["file:"]}}\n' for code, name, role in listed]
    path.write_text("parties:\n" + "".join(lines), encoding="utf-8")


def run_tree(command: list[str], env: Mapping[str, str]) -> Cost:
    """Runs a command to its end and looks at the memory of its processes meanwhile. Raises where it fails."""
    began, peak = time.perf_counter(), 0.0
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=said) as process,
    ):
        while process.poll() is None:
            peak = max(peak, sum(_rss_mib(pid) for pid in _tree(process.pid)))
            time.sleep(_LOOK_S)
        wall = time.perf_counter() - began
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{command} ended with {process.returncode}: {said.read().decode()[-2000:]}")
    return Cost(wall, peak)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it ended meanwhile
        return
    for child in {int(one) for found in children for one in found}:
        yield from _tree(child)


def _rss_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def measure(kind: str, count: int, runs: int, scratch: Path) -> str:
    """The line of one kind of file: medians of whole imports into fresh homes."""
    ledger, directory = scratch / f"台账.{kind}", scratch / "directory.yaml"
    WRITERS[kind](ledger, count)
    write_directory(directory)
    first, again = zip(*(_turn(ledger, directory, scratch / f"home-{kind}-{n}") for n in range(runs)), strict=True)
    wall, repeat = (median(one.wall_s for one in costs) for costs in (first, again))
    most = max(one.rss_mib for one in (*first, *again))
    size = ledger.stat().st_size / 2**20
    return (
        f"importing kind={kind} N={count} file_mib={size:.1f} wall_s={wall:.1f} again_s={repeat:.1f} rss_mib={most:.0f}"
    )


def _turn(ledger: Path, directory: Path, home: Path) -> tuple[Cost, Cost]:
    env = {**os.environ, "DUBAN_HOME": str(home)}
    env.pop("PREFECT_API_URL", None)
    duban = [sys.executable, "-m", "duban"]
    run_tree([*duban, "init", "--rehearsal", "--directory", str(directory)], env)
    take_in = [*duban, "import", str(ledger), "--round", "2026", "--feedback-on", str(FEEDBACK_ON)]
    return run_tree(take_in, env), run_tree(take_in, env)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", choices=list(WRITERS), default=list(WRITERS))
    chosen = parser.parse_args(arguments)
    for count in sorted(chosen.sizes):
        for kind in chosen.kinds:
            with tempfile.TemporaryDirectory() as scratch:
                print(measure(kind, count, chosen.runs, Path(scratch)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
