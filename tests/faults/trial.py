"""One trial: a day's run is killed, once or several times in a row, then left alone, and judged by the relay's log."""

import mmap
import os
import pickle
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from flows.office import open_office
from flows.steps import run_day
from tests.faults import commits, processes
from tests.faults.aftermath import copies_of, is_waiting, outbox_of
from tests.faults.commits import Death, When, Writes
from tests.faults.points import Crash, Moment, Size, Strike
from tests.faults.prepared import DAY, Prepared
from tests.faults.processes import Ended
from tests.faults.relay import Relay
from tests.faults.verdict import Due, Verdict, judge

LATER = timedelta(hours=1)
"""What passes between two runs: what waits for its time is due then."""
MOST_RUNS_LEFT_ALONE = 4
"""The first recovers, the second sends what the first left to wait. More would be one that never ends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to. `struck`: which of its crashes did happen."""

    struck: tuple[Crash, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Ground:
    """Where trials take place, and what a run that nobody kills says there."""

    prepared: Prepared
    relay: Relay
    wanted: Counter[Due]
    size: Size


def undisturbed(prepared: Prepared, relay: Relay) -> Ground:
    """Plays the day once without a fault, to know what has to be said and how often each commit comes."""
    prepared.restore()
    began = time.monotonic()
    counted = pickle.loads(processes.result_of(lambda: pickle.dumps(_counting(prepared, relay.port))))
    took = time.monotonic() - began
    relay.quiet()
    copies = copies_of(relay)
    rows, _ = outbox_of(prepared.home, prepared.done)
    wanted = Counter(due for row in rows for due in row.dues)
    verdict = judge(wanted, {}, rows, copies)
    if verdict.breaches or not len(rows) == len(copies) >= 5:
        raise RuntimeError(f"even without a fault: {verdict}")
    return Ground(prepared, relay, wanted, Size(counted, len(rows), took))


def crash_trial(ground: Ground, crashes: Sequence[Crash], cold: bool = False) -> Outcome:
    """Kills one run after the other as it is told, then lets the last ones finish. `cold`: the first as a command
    begins, with nothing read before."""
    ground.prepared.restore()
    struck = []
    for n, crash in enumerate(crashes):
        begin = _cold_day if cold and not n else _day
        struck.append(_killed(ground, crash, partial(begin, ground.prepared, ground.relay.port, n * LATER)))
    leave_alone(ground, len(crashes))
    return Outcome(tuple(crash for crash in struck if crash), verdict_of(ground))


def leave_alone(ground: Ground, runs_before: int) -> None:
    """Lets runs come to their end, each later than the one before, until nothing waits. Raises where one fails."""
    for n in range(runs_before, runs_before + MOST_RUNS_LEFT_ALONE):
        ended = processes.wait(processes.start(partial(_day, ground.prepared, ground.relay.port, n * LATER)))
        if ended.killed or ended.failed:
            raise RuntimeError("a run that nobody disturbs fails")
        if not is_waiting(ground.prepared.home):
            return


def verdict_of(ground: Ground) -> Verdict:
    ground.relay.quiet()
    rows, unsaid = outbox_of(ground.prepared.home, ground.prepared.done)
    return judge(ground.wanted, unsaid, rows, copies_of(ground.relay))


def _killed(ground: Ground, crash: Crash, run: Callable[[], object]) -> Crash | None:
    """Where the run was killed; None where it came to its end before."""
    match crash:
        case Moment(seconds):
            ended = processes.kill_after(processes.start(run), seconds)
        case Death():
            crash, ended = _died(crash, run)
        case Strike():
            ended = _struck(ground.relay, crash, run)
    if ended.failed:
        raise RuntimeError("the run failed before it was killed")
    return crash if ended.killed else None


def _died(death: Death, run: Callable[[], object]) -> tuple[Death, Ended]:
    """A death inside a commit that came back before it struck was one after it."""
    with closing(mmap.mmap(-1, 1)) as shared:

        def came_back() -> None:
            shared[0] = 1

        def die() -> None:
            commits.die_at(death, came_back)
            run()

        ended = processes.wait(processes.start(die))
        return replace(death, when=When.AFTER) if shared[0] else death, ended


def _struck(relay: Relay, strike: Strike, run: Callable[[], object]) -> Ended:
    def offer_myself() -> None:
        relay.orders.give(os.getpid(), strike.word, strike.nth)
        run()

    ended = processes.wait(processes.start(offer_myself))
    relay.orders.withdraw()
    return ended


def _day(prepared: Prepared, port: int, ahead: timedelta) -> None:
    with prepared.office(port, ahead) as office:
        run_day(office, DAY)


def _cold_day(prepared: Prepared, port: int, _: timedelta) -> None:
    with open_office(prepared.settings(port)) as office:
        run_day(office, DAY)


def _counting(prepared: Prepared, port: int) -> dict[Writes, int]:
    counted: Counter[Writes] = Counter()

    class Counting(commits.Watching):
        def commit(self) -> None:
            counted.update(self.writes)
            self.writes.clear()
            super().commit()

    commits.use_connections(Counting)
    _day(prepared, port, timedelta())
    return dict(counted)
