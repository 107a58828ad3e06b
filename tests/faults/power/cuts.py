"""Power cuts: a day's run is recorded on a noting file system, its power is cut anywhere, and the day is run again.

After each cut the database must be whole and hold the last commit that came back, or the one under way; nothing in
between and nothing older. What then follows depends on that content and on what was taken by then only, so the run
after it is made once for each such pair, and judged as every trial is.
"""

import hashlib
import pickle
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from flows.steps import run_day
from models.store.engine import wal_is_safe
from models.store.home.beside import file_beside
from notifications.addresses.values import Destination
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind, Sender
from notifications.senders.pool import Senders
from tests.faults import processes
from tests.faults.aftermath import is_waiting, outbox_of
from tests.faults.listener import listener
from tests.faults.power.disk import Acknowledged, Disk, Files, Step, Taken, around
from tests.faults.power.driver import content_of, use_driver
from tests.faults.prepared import DAY, Prepared, prepare, scratch
from tests.faults.relay import RELAY
from tests.faults.score import Score
from tests.faults.trial import LATER, MOST_RUNS_LEFT_ALONE, run_day_at_once
from tests.faults.verdict import Copy, Due, Verdict, judge

CUTS_A_RECORDING = 250
PORT = 25
"""Of no relay: the channel has no network."""
LINK = 0.5
"""How likely a recording begins where the power of the one before was cut: then recovery itself is cut."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel without a network: takes what passes the marker, but for some that it refuses, and says so but for
    some that leave it in the dark. `taken` hears what it has. Without dice it takes everything and says so."""

    dice: Random | None
    taken: Callable[[Taken], object]

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        if not mark():
            return Outcome(OutcomeKind.FENCED)
        fate = self.dice.random() if self.dice else 0.5
        if fate < 0.1:
            return Outcome(OutcomeKind.RETRY, "451", "later")
        if fate < 0.95:
            self.taken(Taken(letter.message_id, hashlib.sha256(letter.payload).hexdigest()))
        return Outcome(OutcomeKind.UNKNOWN, "lost") if fate >= 0.9 else Outcome(OutcomeKind.ACCEPTED, "250")

    def close(self) -> None: ...


class Channels(Senders):
    """Every destination is that channel."""

    def __init__(self, outbox: Path, channel: Channel) -> None:
        super().__init__(outbox)
        self._channel = channel

    def sender_for(self, destination: Destination) -> Sender:
        return self._channel

    def at_once(self, sender: Sender) -> int:
        return 4


@dataclass(frozen=True, slots=True)
class Recording:
    """What a run asked of the disk from these files on, which held `before`. `taken` and `runs` before it."""

    files: Files
    before: Acknowledged
    taken: tuple[Taken, ...]
    runs: int
    steps: tuple[Step, ...]


@dataclass
class Bench:
    """Where recordings are made and cut. `wanted` is what has to be said; `judged`: verdicts by what was found and
    taken, for one recording."""

    prepared: Prepared
    wanted: Counter[Due] = field(default_factory=Counter)
    score: Score = field(default_factory=Score)
    judged: dict[tuple[str, int], Verdict] = field(default_factory=dict)


def play(cuts: int, seed: int, stop_at_breach: bool = False) -> Score:
    """So many cuts, drawn from `seed`, over as many recordings as they need."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=scratch(), prefix="duban-cuts-") as folder:
        with listener(RELAY, Path(folder)) as server:
            prepared = prepare(Path(folder), server.port)
        bench = Bench(prepared)
        try:
            bench.wanted = _wanted(prepared)
            _play(bench, cuts, seed, stop_at_breach)
        except processes.RunFailedError as error:
            bench.score.breach(f"cuts seed {seed} after {bench.score.trials} trials: {error}")
    bench.score.seconds = time.monotonic() - began
    return bench.score


def _play(bench: Bench, cuts: int, seed: int, stop_at_breach: bool) -> None:
    recording: Recording | None = None
    for first in range(0, cuts, CUTS_A_RECORDING):
        dice = Random(f"cuts/{seed}/{first}")
        recording = _next(bench, recording, dice)
        bench.judged.clear()
        for n in range(first, min(first + CUTS_A_RECORDING, cuts)):
            _cut(bench, recording, dice, f"cuts seed {seed} trial {n}")
            if stop_at_breach and bench.score.breaches:
                return


def _wanted(prepared: Prepared) -> Counter[Due]:
    """Plays the day once without a fault, to know what has to be said."""
    prepared.restore()
    verdict, wanted = _run_on(prepared, 0, (), None)
    if verdict.breaches or verdict.copies < 5:
        raise processes.RunFailedError(f"even without a fault: {verdict}")
    return wanted


def _next(bench: Bench, before: Recording | None, dice: Random) -> Recording:
    """A recording of a day's run on the home as it was made, or on what a cut of the one before left of it."""
    bench.prepared.restore()
    taken: tuple[Taken, ...] = ()
    runs = 0
    if before and dice.random() < LINK:
        at = dice.randrange(len(before.steps))
        _cut_power(bench.prepared, before, at, dice)
        taken, runs = _taken_by(before, at), before.runs + 1
    files = {path.name: path.read_bytes() for path in _database_files(bench.prepared)}
    found = Acknowledged(_content(bench.prepared), _beside(bench.prepared))
    _put(bench.prepared, files, found.beside)  # looking at them may have mended them
    return Recording(files, found, taken, runs, _record(bench.prepared, runs, dice))


def _record(prepared: Prepared, runs: int, dice: Random) -> tuple[Step, ...]:
    """Every step of a day's run, in a forked process, so that its owner is gone afterwards. In half of them threads
    commit together."""
    steps: list[Step] = []
    at_once = dice.random() < 0.5

    def work() -> bytes:
        driver = use_driver(
            steps.append, lambda content: steps.append(Acknowledged(content, _beside(prepared))), shared=wal_is_safe()
        )
        with prepared.office(PORT, runs * LATER, partial(Channels, channel=Channel(dice, steps.append))) as office:
            if at_once:
                run_day_at_once(office, DAY)
            else:
                run_day(office, DAY)
        driver.close()
        return pickle.dumps(steps)

    return tuple(pickle.loads(processes.result_of(work)))


def _cut(bench: Bench, recording: Recording, dice: Random, place: str) -> None:
    """Cuts once, anywhere, and looks at what is left."""
    at = dice.randint(0, len(recording.steps))
    _cut_power(bench.prepared, recording, at, dice)
    bench.score.trials += 1
    found = _content(bench.prepared)
    if found not in {one.content for one in around(recording.steps, at, recording.before)}:
        fault = found if " " in found else "a commit that came back is lost, or one is there by half"
        bench.score.breach(f"{place} before step {at}: {fault}")
        return
    taken = _taken_by(recording, at)
    if (found, len(taken)) not in bench.judged:
        verdict, _ = _run_on(bench.prepared, recording.runs + 1, taken, bench.wanted)
        bench.judged[found, len(taken)] = verdict
        bench.score.count(verdict, {}, f"{place} before step {at}")


def _run_on(
    prepared: Prepared, runs: int, taken: Sequence[Taken], wanted: Counter[Due] | None
) -> tuple[Verdict, Counter[Due]]:
    """Lets runs come to their end on what is there, and judges it; gives also what they said."""

    def work() -> bytes:
        more: list[Taken] = []
        for n in range(runs, runs + MOST_RUNS_LEFT_ALONE):
            with prepared.office(PORT, n * LATER, partial(Channels, channel=Channel(None, more.append))) as office:
                run_day(office, DAY)
            if not is_waiting(prepared.home):
                break
        return pickle.dumps(more)

    copies = [Copy(one.header_id, one.sha256) for one in (*taken, *pickle.loads(processes.result_of(work)))]
    rows, _ = outbox_of(prepared.home, prepared.done)
    told = Counter(due for row in rows for due in row.dues)
    return judge(told if wanted is None else wanted, {}, rows, copies), told


def _cut_power(prepared: Prepared, recording: Recording, at: int, dice: Random) -> None:
    """Puts in place what a cut before that step may have left."""
    disk = Disk(recording.files)
    for step in recording.steps[:at]:
        disk.play(step)
    _put(prepared, disk.after_cut(dice), dice.choice(around(recording.steps, at, recording.before)).beside)


def _taken_by(recording: Recording, at: int) -> tuple[Taken, ...]:
    return (*recording.taken, *(step for step in recording.steps[:at] if isinstance(step, Taken)))


def _database_files(prepared: Prepared) -> Sequence[Path]:
    return sorted(prepared.home.glob("duban.db*"))


def _put(prepared: Prepared, files: Files, beside: bytes) -> None:
    for path in _database_files(prepared):
        path.unlink()
    for name, content in files.items():
        (prepared.home / name).write_bytes(content)
    if beside:
        file_beside(prepared.home).write_bytes(beside)


def _beside(prepared: Prepared) -> bytes:
    file = file_beside(prepared.home)
    return file.read_bytes() if file.exists() else b""


def _content(prepared: Prepared) -> str:
    """The digest of what the database holds; or, with blanks in it, why it cannot be read."""
    with closing(sqlite3.connect(prepared.home / "duban.db", isolation_level=None)) as raw:
        try:
            whole = raw.execute("PRAGMA integrity_check").fetchone()[0]
            return content_of(raw.execute) if whole == "ok" else f"corrupt: {whole}"
        except sqlite3.DatabaseError as error:
            return f"unreadable: {error}"
