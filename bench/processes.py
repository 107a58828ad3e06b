"""Runs a command in a process of its own and says what the whole process cost; medians over fresh copies.

For the benchmarks only, and for Linux. CPU and memory come from wait4: the child, and all that it waited for.
Keep the calling process small: Linux counts the caller's peak memory into that of a child (see `ProcessRun`).
"""

import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


class CommandError(Exception):
    """A measured command did not end with 0; what it said about it is on our standard error."""

    def __init__(self, command: Sequence[str], code: int) -> None:
        super().__init__(f"ended with {code}: {shlex.join(command)}")
        self.command, self.code = tuple(command), code


@dataclass(frozen=True, slots=True)
class ProcessRun:
    """What one whole process cost, interpreter and imports included. Seconds and MiB.

    `peak_rss_mib` says something only above `caller_rss_mib`, the peak of the process that started it: until
    its exec a child has its caller's memory, and the kernel keeps that in the child's peak.
    """

    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    caller_rss_mib: float
    stdout: str

    def reported(self) -> Mapping[str, float]:
        """The numbers of the JSON object that the command printed as its last line; ValueError without."""
        last = (self.stdout.splitlines() or [""])[-1]
        return {key: value for key, value in json.loads(last).items() if isinstance(value, int | float)}


@dataclass(frozen=True, slots=True)
class Medians:
    """Medians over `runs` processes; `reported` holds those of the numbers that each of them printed."""

    runs: int
    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    caller_rss_mib: float
    reported: Mapping[str, float]


def run_fresh(command: Sequence[str], cwd: Path | None = None) -> ProcessRun:
    """Runs `command` to its end, with our standard error. Raises CommandError; OSError if it cannot start."""
    caller_rss = _own_peak_mib()
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=cwd) as process:
        assert process.stdout is not None
        stdout = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it a second time
    if process.returncode:
        raise CommandError(command, process.returncode)
    return ProcessRun(
        wall_s=wall,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_rss_mib=usage.ru_maxrss / 1024,
        caller_rss_mib=caller_rss,
        stdout=stdout.decode(),
    )


def fresh_copy(database: Path, copy: Path) -> None:
    """Puts a copy on disk in place of the old one and of what SQLite left beside it.

    Synced, so that writing the copy back does not fall into the run. Raises ValueError if `database` has a
    write-ahead log with something in it: the file alone is then not the database.
    """
    log = _beside(database, "-wal")
    if log.exists() and log.stat().st_size:
        raise ValueError(f"{log} is not empty: close or checkpoint {database} first")
    remove_copy(copy)
    shutil.copyfile(database, copy)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def remove_copy(copy: Path) -> None:
    """Removes a database and its companion files, if there are any."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        _beside(copy, suffix).unlink(missing_ok=True)


def run_on_copy(database: Path, copy: Path, command: Callable[[Path], Sequence[str]]) -> ProcessRun:
    """Runs `command(copy)` on a fresh copy, which is gone afterwards. To compare two commands, take turns."""
    fresh_copy(database, copy)
    try:
        return run_fresh(command(copy))
    finally:
        remove_copy(copy)


def medians(runs: Sequence[ProcessRun]) -> Medians:
    """Each figure's own median, so they need not come from one run. Raises ValueError without runs."""
    if not runs:
        raise ValueError("no runs")
    reports = [run.reported() for run in runs]
    return Medians(
        runs=len(runs),
        wall_s=median(run.wall_s for run in runs),
        cpu_s=median(run.cpu_s for run in runs),
        peak_rss_mib=median(run.peak_rss_mib for run in runs),
        caller_rss_mib=median(run.caller_rss_mib for run in runs),
        reported={key: median(report[key] for report in reports) for key in reports[0]},
    )


def medians_on_copies(database: Path, copy: Path, command: Callable[[Path], Sequence[str]], runs: int = 5) -> Medians:
    """`runs` processes, one after another, each on a fresh copy; each prints JSON as its last line."""
    return medians([run_on_copy(database, copy, command) for _ in range(runs)])


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _own_peak_mib() -> float:
    """The peak of this process since its own exec. Not ru_maxrss, which holds what *our* caller had."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no VmHWM")
