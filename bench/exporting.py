"""A whole `duban export`, process tree and all: `python -m bench.exporting 1000` prints a line for each kind of file.

The ledger is generated and imported as in bench/importing.py, assigned, and run for one day, so that clocks, colours
and messages stand in the file. wall_s is the command from start to end, rss_mib the most that it held.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.importing import FEEDBACK_ON, run_tree, write_directory, write_xlsx

KINDS = ("xlsx", "csv")
ASSIGNED_ON, RUN_ON = "2026-03-09", "2026-10-30"


def home_of(count: int, scratch: Path) -> dict[str, str]:
    """Makes a home in which so many measures were assigned and one day was run; the environment that names it."""
    env = {**os.environ, "DUBAN_HOME": str(scratch / "home")}
    env.pop("PREFECT_API_URL", None)
    ledger, directory = scratch / "台账.xlsx", scratch / "directory.yaml"
    write_xlsx(ledger, count)
    write_directory(directory)
    directory.write_text(
        directory.read_text(encoding="utf-8").replace(
            "name: general,", "name: general, people: [{code: g, name: 甲}],"
        ),
        encoding="utf-8",
    )
    duban = [sys.executable, "-m", "duban"]
    for command in (
        ["init", "--rehearsal", "--directory", str(directory)],
        ["import", str(ledger), "--round", "2026", "--feedback-on", str(FEEDBACK_ON)],
        ["assign", "--all", "--by", "g", "--on", ASSIGNED_ON],
        ["daily", "--on", RUN_ON, "--no-deliver", "--via", "direct"],
    ):
        run_tree([*duban, *command], env)
    return env


def measure(kind: str, env: dict[str, str], count: int, runs: int, scratch: Path) -> str:
    """The line of one kind of file: medians of whole exports."""
    file = scratch / f"写出.{kind}"
    costs = [run_tree([sys.executable, "-m", "duban", "export", str(file)], env) for _ in range(runs)]
    wall, most = median(one.wall_s for one in costs), max(one.rss_mib for one in costs)
    size = file.stat().st_size / 2**20
    return f"exporting kind={kind} N={count} file_mib={size:.2f} wall_s={wall:.1f} rss_mib={most:.0f}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000])
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args(arguments)
    for count in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            env = home_of(count, Path(folder))
            for kind in KINDS:
                print(measure(kind, env, count, chosen.runs, Path(folder)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
