"""Many trials in a row from one seed: killed at points, several times in a row, or at moments. Any breach is told with
its seed and where the run was killed, so that it can be played again."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.faults.gateway import GATEWAY
from tests.faults.listener import Kind, Word, listener
from tests.faults.points import Crash, Size, a_moment, a_point, any_point, name_of
from tests.faults.prepared import MAIL, ROBOTS, Prepared, prepare, scratch
from tests.faults.processes import RunFailedError
from tests.faults.relay import RELAY
from tests.faults.runners import runners_trial
from tests.faults.score import Score
from tests.faults.trial import Ground, Manner, crash_trial, undisturbed

TRIALS_A_SERVER = 250
"""Then a new one: it remembers every connection that it had."""
ONE_IN_COLD = 10
"""So many trials begin as a command does, with every file to be read."""


@dataclass(frozen=True, slots=True)
class Family:
    """Trials of one sort. `draw` gives the nth one's crashes. How likely the server has a mood; whether several
    connections are used, and whether the recovery comes on the day after."""

    kind: Kind
    draw: Callable[[int, Random, Size], Sequence[Crash]]
    moody: float = 0.0
    at_once: bool = False
    next_day: bool = False


def _points(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    """One point after the other, so that few trials come by them all."""
    return (a_point(n, dice, size),)


def _in_a_row(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    """Two or three, the later ones inside the recovery."""
    return [any_point(dice, size) for _ in range(dice.choice((2, 2, 3)))]


def _moments(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    return [a_moment(dice, size) for _ in range(2)]


def _any(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    return _points(n, dice, size) if dice.random() < 0.7 else _in_a_row(n, dice, size)


def _nowhere(n: int, dice: Random, size: Size) -> Sequence[Crash]:
    return ()


RUNNERS = "runners"
FAMILIES: Mapping[str, Family] = {
    "points": Family(RELAY, _points),
    "in-a-row": Family(RELAY, _in_a_row, moody=0.5),
    "moments": Family(RELAY, _moments, moody=0.5),
    "at-once": Family(RELAY, _any, moody=0.3, at_once=True),
    "next-day": Family(RELAY, _any, moody=0.3, next_day=True),
    "robots": Family(GATEWAY, _any, moody=0.5),
    RUNNERS: Family(RELAY, _nowhere),
}


def play(plan: Mapping[str, int], seed: int, stop_at_breach: bool = False) -> Mapping[str, Score]:
    """So many trials of each family. The nth of a family is drawn from `seed` and n alone."""
    scores = {family: Score() for family in plan}
    with _sites() as site_of:
        for family, trials in plan.items():
            score, began = scores[family], time.monotonic()
            try:
                _play_all(family, range(trials), seed, score, site_of(FAMILIES[family].kind), stop_at_breach)
            except RunFailedError as error:
                score.breach(f"{family} seed {seed} trial {score.trials}: {error}")
            score.seconds = time.monotonic() - began
            if stop_at_breach and score.breaches:
                break
    return scores


def _play_all(family: str, trials: Iterable[int], seed: int, score: Score, site: "_Site", stop_at_breach: bool) -> None:
    for n in trials:
        _play(family, n, seed, site.ground(), score)
        if stop_at_breach and score.breaches:
            return


def _play(name: str, n: int, seed: int, ground: Ground, score: Score) -> None:
    family, dice, place = FAMILIES[name], Random(f"{name}/{seed}/{n}"), f"{name} seed {seed} trial {n}"
    score.trials += 1
    if name == RUNNERS:
        verdict, deeds = runners_trial(ground, dice)
        score.count(verdict, deeds, f"{place} {dict(deeds)}")
        return
    crashes = family.draw(n, dice, ground.size)
    mood = _mood(dice, ground.size) if dice.random() < family.moody else (0, Word.NEVER, 0)
    manner = Manner(mood, family.at_once, cold=not n % ONE_IN_COLD, next_day=family.next_day)
    outcome = crash_trial(ground, crashes, manner)
    score.count(outcome.verdict, Counter(map(name_of, outcome.struck)), f"{place} {crashes} {manner}")


def _mood(dice: Random, size: Size) -> tuple[int, Word, int]:
    """What the server does besides, and the how manieth time that it could."""
    place = dice.randrange(len(size.kind.moods))
    return place, size.kind.moods[place], dice.randint(1, size.messages)


class _Site:
    """Where trials of one kind take place; its server is a new one from time to time."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self._folder = folder
        self._kind = kind
        self._prepared: Prepared | None = None
        self._trials = 0
        self._ground: Ground
        self._open = ExitStack()

    def ground(self) -> Ground:
        if not self._trials % TRIALS_A_SERVER:
            self._begin_anew()
        self._trials += 1
        return self._ground

    def close(self) -> None:
        self._open.close()

    def _begin_anew(self) -> None:
        self._open.close()
        place = self._folder / str(self._trials)
        place.mkdir(parents=True)
        server = self._open.enter_context(listener(self._kind, place))
        if self._prepared is None:
            self._prepared = prepare(self._folder, server.port, ROBOTS if self._kind is GATEWAY else MAIL)
        self._prepared.point_to(server.port)
        server.accepted()
        self._ground = undisturbed(self._prepared, server)


@contextmanager
def _sites() -> Iterator[Callable[[Kind], _Site]]:
    sites: dict[int, _Site] = {}
    with tempfile.TemporaryDirectory(dir=scratch(), prefix="duban-faults-") as folder, ExitStack() as opened:

        def site_of(kind: Kind) -> _Site:
            if id(kind) not in sites:
                sites[id(kind)] = _Site(Path(folder, str(len(sites))), kind)
                opened.callback(sites[id(kind)].close)
            return sites[id(kind)]

        yield site_of
