"""One trial: a day's run is killed, once or several times in a row, then left alone, and judged by the server's log."""

import mmap
import os
import pickle
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from flows.office import Office, open_office
from flows.steps import close_run, one_run_at_a_time, post_notices, run_day
from notifications.delivery import Delivery
from notifications.lanes import Terms
from tests.faults import commits, processes
from tests.faults.aftermath import is_waiting, outbox_of
from tests.faults.commits import Death, When, Writes
from tests.faults.gateway import GATEWAY
from tests.faults.listener import Listener, Word
from tests.faults.points import Crash, Moment, Size, Strike
from tests.faults.prepared import DAY, NEXT, Prepared
from tests.faults.processes import Ended
from tests.faults.verdict import Due, Row, Verdict, judge

LATER = timedelta(hours=1)
"""What passes between two runs: what waits for its time is due then."""
AT_ONCE = Terms(many=1)
"""A second message for the same relay is enough for a second connection."""
MOST_RUNS_LEFT_ALONE = 6
"""The first recovers, the second sends what the first left to wait. More would be one that never ends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to. `struck`: which of its crashes did happen."""

    struck: tuple[Crash, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Ground:
    """Where trials take place, and what runs that nobody kills say there: `wanted` on the day, `in_all` on the next
    one too."""

    prepared: Prepared
    server: Listener
    wanted: Counter[Due]
    in_all: Counter[Due]
    size: Size


def undisturbed(prepared: Prepared, server: Listener) -> Ground:
    """Plays two days without a fault, to know what has to be said and how often each commit comes."""
    prepared.restore()
    began = time.monotonic()
    counted = pickle.loads(processes.result_of(lambda: pickle.dumps(_counting(prepared, server.port))))
    took = time.monotonic() - began
    wanted = _said_by(prepared)
    size = Size(server.kind, counted, sum(1 for _ in _outbox(prepared, server)[0]), took)
    processes.result_of(partial(_no_more, prepared, server.port))
    server.quiet()
    rows, _ = _outbox(prepared, server)
    verdict = judge(_said_by(prepared), {}, rows, server.accepted())
    if verdict.breaches or verdict.copies != len(rows) or size.messages < 5 or counted.keys() != set(Writes):
        raise processes.RunFailedError(f"even without a fault: {verdict}, {size}")
    return Ground(prepared, server, wanted, _said_by(prepared), size)


def _said_by(prepared: Prepared) -> Counter[Due]:
    return Counter(due for row in outbox_of(prepared.home, prepared.done)[0] for due in row.dues)


def _no_more(prepared: Prepared, port: int) -> bytes:
    with prepared.office(port) as office:
        run_day(office, NEXT)
    return b""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the runs of a trial go. `mood`: what the server does besides, by its place, its word and the how manieth
    time. `at_once`: over several connections, each with a thread. `cold`: the first as a command begins, with nothing
    read before. `next_day`: all but the first come on the day after."""

    mood: tuple[int, Word, int] = (0, Word.NEVER, 0)
    at_once: bool = False
    cold: bool = False
    next_day: bool = False

    def day_of(self, run: int) -> date:
        return NEXT if self.next_day and run else DAY


def crash_trial(ground: Ground, crashes: Sequence[Crash], manner: Manner) -> Outcome:
    """Kills one run after the other as it is told, then lets the last ones finish."""
    ground.prepared.restore()
    ground.server.orders.set_mood(*manner.mood)
    struck = []
    for n, crash in enumerate(crashes):
        day = partial(_day, ground, n, manner)
        struck.append(_killed(ground, crash, partial(_cold_day, ground) if manner.cold and not n else day))
    leave_alone(ground, len(crashes), manner)
    return Outcome(tuple(crash for crash in struck if crash), verdict_of(ground, manner.next_day))


def leave_alone(ground: Ground, runs_before: int, manner: Manner) -> None:
    """Lets runs come to their end, each later than the one before, until nothing waits. Raises where one fails."""
    for n in range(runs_before, runs_before + MOST_RUNS_LEFT_ALONE):
        ended = processes.wait(processes.start(partial(_day, ground, n, manner)))
        if ended.killed or ended.failed:
            raise processes.RunFailedError("a run that nobody disturbs fails")
        if not is_waiting(ground.prepared.home):
            return


def verdict_of(ground: Ground, next_day: bool = False) -> Verdict:
    """Only where a day goes by may anything be left out that an undisturbed run says."""
    ground.server.quiet()
    rows, unsaid = _outbox(ground.prepared, ground.server)
    wanted = ground.in_all if next_day else ground.wanted
    return judge(wanted, unsaid if next_day else {}, rows, ground.server.accepted())


def _outbox(prepared: Prepared, server: Listener) -> tuple[list[Row], dict[Due, str]]:
    return outbox_of(prepared.home, prepared.done, prepared.token if server.kind is GATEWAY else "")


def _killed(ground: Ground, crash: Crash, run: Callable[[], object]) -> Crash | None:
    """Where the run was killed; None where it came to its end before."""
    match crash:
        case Moment(seconds):
            ended = processes.kill_after(processes.start(run), seconds)
        case Death():
            crash, ended = _died(crash, run)
        case Strike():
            ended = _struck(ground.server, crash, run)
    if ended.failed:
        raise processes.RunFailedError("the run fails before it is killed")
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


def _struck(server: Listener, strike: Strike, run: Callable[[], object]) -> Ended:
    def offer_myself() -> None:
        server.orders.give(os.getpid(), strike.word, strike.nth)
        run()

    ended = processes.wait(processes.start(offer_myself))
    server.orders.withdraw()
    return ended


def run_day_at_once(office: Office, day: date) -> None:
    """As `run_day`, but over several connections, each with a thread of its own."""
    with one_run_at_a_time(office):
        posted = post_notices(office, day, "faults")
        with office.sitting(), office.delivering() as desk:
            Delivery(desk, day, terms=AT_ONCE).run()
        close_run(office, posted.run_id)


def _day(ground: Ground, run: int, manner: Manner) -> None:
    with ground.prepared.office(ground.server.port, run * LATER) as office:
        (run_day_at_once if manner.at_once else run_day)(office, manner.day_of(run))


def _cold_day(ground: Ground) -> None:
    with open_office(ground.prepared.settings(ground.server.port)) as office:
        run_day(office, DAY)


def _counting(prepared: Prepared, port: int) -> dict[Writes, int]:
    counted: Counter[Writes] = Counter()

    class Counting(commits.Watching):
        def commit(self) -> None:
            counted.update(self.writes)
            self.writes.clear()
            super().commit()

    commits.use_connections(Counting)
    with prepared.office(port) as office:
        run_day(office, DAY)
    return dict(counted)
