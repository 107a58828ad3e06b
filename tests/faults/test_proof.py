"""The guarantee under faults: nothing is lost, and nothing is said twice unflagged. docs/proof.md says what is tried.

The short form is part of every run of the tests. `DUBAN_FAULTS_TRIALS` and `DUBAN_FAULTS_CUTS` take more of each, and
`DUBAN_FAULTS_SEED` other dice. The trials run in a process of their own, since they fork.
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults.mutants import MUTANTS, mutated
from tests.faults.points import points_of
from tests.faults.relay import RELAY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
POINTS = "points"
TRIALS = int(os.environ.get("DUBAN_FAULTS_TRIALS", "36"))
CUTS = int(os.environ.get("DUBAN_FAULTS_CUTS", "100"))
SEED = os.environ.get("DUBAN_FAULTS_SEED", "20230626")
PROCESSES = int(os.environ.get("DUBAN_FAULTS_PROCESSES", "1"))
SHARES = {
    POINTS: 0.6,
    "at-once": 0.1,
    "robots": 0.1,
    "in-a-row": 0.05,
    "next-day": 0.05,
    "moments": 0.05,
    "runners": 0.05,
}
"""Of the trials, by family."""
PLAN = {family: f"{family}={max(1, round(TRIALS * share))}" for family, share in SHARES.items()}
IS_LONG = TRIALS >= 300
"""Then two processes share the families, and every mistake is tried."""
TRIED = list(MUTANTS) if IS_LONG else ["the marker comes after the dot", "the journal's end is not synced"]
COPIES = 10 if IS_LONG else 1
JOURNALS = ("delete", "wal")
SLOWEST = 2.0
"""Seconds for a trial on a busy machine; a process that takes longer than its trials would is stuck."""
_pool = ThreadPoolExecutor(PROCESSES)


def trials_with(family: str) -> tuple[str, ...]:
    """The trials that are played in one process with those of this family."""
    return tuple(trials for other, trials in PLAN.items() if not IS_LONG or (other == POINTS) == (family == POINTS))


def cuts_with(journal: str) -> tuple[str, ...]:
    return f"cuts={CUTS}", "--journal", journal


def trials_against(name: str) -> tuple[str, ...]:
    mutant = MUTANTS[name]
    return f"{mutant.family}={mutant.trials}", "--stop", "--mutant", name, "--journal", mutant.journal


@cache
def started(arguments: tuple[str, ...]) -> "Future[dict[str, Any]]":
    """Kept, since several tests ask for the same."""
    return _pool.submit(_play, arguments)


def played(arguments: tuple[str, ...]) -> dict[str, Any]:
    """What so many trials came to, by family."""
    scores = started(arguments).result()
    for family, score in scores.items():
        sys.stdout.write(f"{family} {' '.join(arguments)}: {score}\n")
    return scores


def _play(arguments: tuple[str, ...]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults", *arguments, "--seed", SEED]
    trials = sum(int(found[1]) for argument in arguments if (found := re.search(r"=(\d+)$", argument)))
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60 + SLOWEST * trials, check=False
    )
    assert done.returncode in {0, 1} and done.stdout, done.stderr
    scores: dict[str, Any] = json.loads(done.stdout)
    return scores


@pytest.fixture(scope="module", autouse=True)
def _start_ahead() -> None:
    """Where several processes may run at once, all of them wait in line."""
    if PROCESSES > 1:
        for arguments in (
            *map(trials_with, SHARES), *map(trials_against, TRIED), *map(cuts_with, JOURNALS)
        ):  # fmt: skip
            started(arguments)


@pytest.mark.parametrize("family", SHARES)
def test_nothing_is_lost_and_nothing_is_said_twice_unflagged(family: str) -> None:
    score = played(trials_with(family))[family]
    assert score["breaches"] == []
    assert f"{family}={score['trials']}" == PLAN[family]
    assert score["copies"] >= score["messages"] - score["flagged"]
    assert sum(score["struck"].values()) >= score["trials"] / 2, "the runs ended before they could be disturbed"


def test_a_run_is_killed_at_every_point() -> None:
    """But for what comes a moment late: a death inside a commit that came back first counts as one after it."""
    struck = played(trials_with(POINTS))[POINTS]["struck"]
    points = set(points_of(RELAY))
    assert {point for point in points if not point.startswith("inside")} <= struck.keys() <= points


def test_few_doubts_are_needless() -> None:
    """Of the messages flagged, most did arrive: the marker comes late."""
    score = played(trials_with(POINTS))[POINTS]
    assert score["needless"] <= 0.5 * score["flagged"] + 3


def test_a_backup_that_was_put_back_says_nothing_twice_unflagged() -> None:
    score = played((f"copies={COPIES}",))["copies"]
    assert score["breaches"] == []
    assert (score["trials"], score["copies"] > 0) == (COPIES, True)


@pytest.mark.parametrize("journal", JOURNALS)
def test_no_power_cut_loses_a_commit_that_came_back(journal: str) -> None:
    score = played(cuts_with(journal))["cuts"]
    assert score["breaches"] == []
    assert score["trials"] == CUTS
    assert score["messages"] > 0


@pytest.mark.parametrize("name", TRIED)
def test_a_mistake_is_caught(name: str) -> None:
    (score,) = played(trials_against(name)).values()
    assert score["breaches"], f"{MUTANTS[name].trials} trials do not see that {name}"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_is_one_that_the_product_could_make(name: str) -> None:
    mutant = MUTANTS[name]
    source = Path(ROOT, *mutant.module.split(".")).with_suffix(".py").read_text("utf-8")
    compile(mutated(source, mutant), mutant.module, "exec")
