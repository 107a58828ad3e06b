"""Many trials in a row from one seed: killed at points, several times in a row, or at moments. Any breach is told with
its seed and where the run was killed, so that it can be played again."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.faults.points import POINTS, Crash, Size, a_moment, a_point, name_of
from tests.faults.prepared import Prepared, prepare, scratch
from tests.faults.relay import relay
from tests.faults.runners import runners_trial
from tests.faults.score import Score
from tests.faults.trial import Ground, crash_trial, undisturbed

TRIALS_A_RELAY = 250
"""Then a new one: it remembers every connection that it had."""
ONE_IN_COLD = 10
"""So many trials begin as a command does, with every file to be read."""


Draw = Callable[[int, Random, Size], Sequence[Crash]]


def _points(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    """One point after the other, so that few trials come by them all."""
    return (a_point(n, dice, size),)


def _in_a_row(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    """Two or three, the later ones inside the recovery."""
    return [a_point(dice.randrange(len(POINTS)), dice, size) for _ in range(dice.choice((2, 2, 3)))]


def _moments(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    return [a_moment(dice, size) for _ in range(2)]


RUNNERS = "runners"
KILLED: Mapping[str, Draw] = {"points": _points, "in-a-row": _in_a_row, "moments": _moments}
FAMILIES = (*KILLED, RUNNERS)


def play(plan: Mapping[str, int], seed: int, stop_at_breach: bool = False) -> Mapping[str, Score]:
    """So many trials of each family. The nth of a family is drawn from `seed` and n alone."""
    scores = {family: Score() for family in plan}
    trials = [(family, n) for family, count in plan.items() for n in range(count)]
    for (family, n), ground in zip(trials, _grounds(len(trials)), strict=True):
        began, score = time.monotonic(), scores[family]
        _play(family, n, seed, ground, score)
        score.seconds += time.monotonic() - began
        if stop_at_breach and score.breaches:
            break
    return scores


def _play(family: str, n: int, seed: int, ground: Ground, score: Score) -> None:
    dice, place = Random(f"{family}/{seed}/{n}"), f"{family} seed {seed} trial {n}"
    score.trials += 1
    if family == RUNNERS:
        verdict, deeds = runners_trial(ground, dice)
        score.count(verdict, deeds, f"{place} {dict(deeds)}")
        return
    crashes = KILLED[family](n, dice, ground.size)
    outcome = crash_trial(ground, crashes, cold=not n % ONE_IN_COLD)
    score.count(outcome.verdict, Counter(map(name_of, outcome.struck)), f"{place} {crashes}")


def _grounds(trials: int) -> Iterator[Ground]:
    """Where each trial takes place."""
    with tempfile.TemporaryDirectory(dir=scratch(), prefix="duban-faults-") as folder:
        prepared: Prepared | None = None
        for first in range(0, trials, TRIALS_A_RELAY):
            place = Path(folder, str(first))
            place.mkdir()
            with relay(place) as listening:
                prepared = prepared or prepare(Path(folder), listening.port)
                listening.accepted()
                ground = undisturbed(prepared, listening)
                for _ in range(first, min(first + TRIALS_A_RELAY, trials)):
                    yield ground
