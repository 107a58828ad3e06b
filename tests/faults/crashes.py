"""Many trials in a row from one seed: killed at points, several times in a row, or at moments. Any breach is told with
its seed and where the run was killed, so that it can be played again."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.faults.points import Crash, Size, a_moment, a_point, name_of
from tests.faults.prepared import Prepared, prepare, scratch
from tests.faults.relay import relay
from tests.faults.runners import runners_trial
from tests.faults.score import Score
from tests.faults.trial import Ground, crash_trial, undisturbed

TRIALS_A_RELAY = 250
"""Then a new one: it remembers every connection that it had."""
ONE_IN_COLD = 10
"""So many trials begin as a command does, with every file to be read."""


Draw = Callable[[Random, Size], Sequence[Crash]]


def _points(dice: Random, size: Size) -> Sequence[Crash]:
    return (a_point(dice, size),)


def _in_a_row(dice: Random, size: Size) -> Sequence[Crash]:
    """Two or three, the later ones inside the recovery."""
    return [a_point(dice, size) for _ in range(dice.choice((2, 2, 3)))]


def _moments(dice: Random, size: Size) -> Sequence[Crash]:
    return [a_moment(dice, size) for _ in range(2)]


RUNNERS = "runners"
FAMILIES: Mapping[str, Draw] = {"points": _points, "in-a-row": _in_a_row, "moments": _moments}


def play(family: str, trials: int, seed: int, stop_at_breach: bool = False) -> Score:
    """So many trials of one family. The nth is drawn from `seed` and n alone."""
    score = Score()
    began = time.monotonic()
    for n, ground in _grounds(trials):
        dice, place = Random(f"{family}/{seed}/{n}"), f"{family} seed {seed} trial {n}"
        score.trials += 1
        if family == RUNNERS:
            verdict, deeds = runners_trial(ground, dice)
            score.count(verdict, deeds, f"{place} {dict(deeds)}")
        else:
            crashes = FAMILIES[family](dice, ground.size)
            outcome = crash_trial(ground, crashes, cold=not n % ONE_IN_COLD)
            struck = Counter(map(name_of, outcome.struck))
            score.count(outcome.verdict, struck, f"{place} {crashes}")
        if stop_at_breach and score.breaches:
            break
    score.seconds = time.monotonic() - began
    return score


def _grounds(trials: int) -> Iterator[tuple[int, Ground]]:
    """Each trial's number, and where it takes place."""
    with tempfile.TemporaryDirectory(dir=scratch(), prefix="duban-faults-") as folder:
        prepared: Prepared | None = None
        for first in range(0, trials, TRIALS_A_RELAY):
            place = Path(folder, str(first))
            place.mkdir()
            with relay(place) as listening:
                prepared = prepared or prepare(Path(folder), listening.port)
                listening.accepted()
                ground = undisturbed(prepared, listening)
                for n in range(first, min(first + TRIALS_A_RELAY, trials)):
                    yield n, ground
