"""Two runners deliver the same outbox at once, while their leases are stolen, and they are stopped, let go and killed.

A lease is stolen as a partition would: somebody writes over its owner while that lives and goes on. Whoever recovers
next takes the message for a dead process's. Their clocks differ too, by hours.
"""

import mmap
import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from random import Random

from flows.steps import deliver_messages, post_notices
from tests.faults import processes
from tests.faults.aftermath import is_waiting
from tests.faults.prepared import DAY
from tests.faults.trial import LATER, Ground, Manner, leave_alone, verdict_of
from tests.faults.verdict import Verdict

GONE = "another-boot:1:1"
"""The name of a process that is gone."""
LONGEST = 0.6
"""Seconds for which a trial is disturbed; it ends sooner where nothing waits any more."""
RUNS_BEFORE = 2
"""The clocks of the runners are ahead by up to so many times LATER."""


@dataclass
class _Scene:
    """The living runners by pid, and what was done to them."""

    ground: Ground
    dice: Random
    over: mmap.mmap
    pids: list[int] = field(default_factory=list)
    deeds: Counter[str] = field(default_factory=Counter)


def runners_trial(ground: Ground, dice: Random) -> tuple[Verdict, Counter[str]]:
    """Gives the verdict, and what was done how often."""
    ground.prepared.restore()
    _post(ground)
    with closing(mmap.mmap(-1, 1)) as over:
        scene = _Scene(ground, dice, over)
        scene.pids = [_start_runner(scene) for _ in range(2)]
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and is_waiting(ground.prepared.home):
            time.sleep(dice.uniform(0, 0.012))
            _disturb(scene)
        over[0] = 1
        for pid in scene.pids:
            if processes.wait(pid).failed:
                raise processes.RunFailedError("a runner fails")
    leave_alone(ground, RUNS_BEFORE + 1, Manner())
    return verdict_of(ground), scene.deeds


def _post(ground: Ground) -> None:
    def work() -> None:
        with ground.prepared.office(ground.server.port) as office:
            post_notices(office, DAY, "faults")

    if processes.wait(processes.start(work)).failed:
        raise processes.RunFailedError("nothing is posted")


def _start_runner(scene: _Scene) -> int:
    """One that delivers again and again until the trial is over."""
    ahead, harness = scene.dice.uniform(0, RUNS_BEFORE) * LATER, os.getpid()

    def work() -> None:
        with scene.ground.prepared.office(scene.ground.server.port, ahead) as office:
            while not scene.over[0] and os.getppid() == harness:
                deliver_messages(office, DAY)
                time.sleep(0.002)

    return processes.start(work)


def _disturb(scene: _Scene) -> None:
    place = scene.dice.randrange(len(scene.pids))
    fate = scene.dice.random()
    if fate < 0.7:
        scene.deeds["stolen"] += _steal(scene)
    elif fate < 0.85:
        scene.deeds["stopped"] += 1
        os.kill(scene.pids[place], signal.SIGSTOP)
        time.sleep(scene.dice.uniform(0, 0.02))
        scene.deeds["stolen"] += _steal(scene)
        os.kill(scene.pids[place], signal.SIGCONT)
    elif fate < 0.9:
        scene.deeds["killed"] += 1
        if processes.kill_after(scene.pids[place], 0).failed:
            raise processes.RunFailedError("a runner fails")
        scene.pids[place] = _start_runner(scene)


def _steal(scene: _Scene) -> int:
    """Writes over the owner of some of what is held; how many that were. None while a runner's transaction is open."""
    values = {"gone": GONE, "share": scene.dice.choice((50, 100)), "salt": scene.dice.randrange(1000)}
    with closing(sqlite3.connect(scene.ground.prepared.home / "duban.db", timeout=0.03, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN IMMEDIATE")
            stolen = raw.execute(_STEAL, values).rowcount
            raw.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return 0
        return stolen


_STEAL = """
UPDATE message SET owner = :gone
WHERE state IN ('leased', 'handing_over') AND (id * 7919 + :salt) % 100 < :share AND owner <> :gone"""
