"""The guarantee under faults: nothing is lost, and nothing is said twice unflagged. docs/proof.md says what is tried.

The short form is part of every run of the tests. `DUBAN_FAULTS_TRIALS` and `DUBAN_FAULTS_CUTS` take more of each, and
`DUBAN_FAULTS_SEED` other dice. The trials run in a process of their own, since they fork.
"""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults.mutants import MUTANTS, mutated
from tests.faults.points import points_of
from tests.faults.relay import RELAY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
one_process = pytest.mark.xdist_group("trials")
"""Tests that look at the same trials, which are played once."""
TRIALS = int(os.environ.get("DUBAN_FAULTS_TRIALS", "42"))
CUTS = int(os.environ.get("DUBAN_FAULTS_CUTS", "150"))
SEED = os.environ.get("DUBAN_FAULTS_SEED", "20230626")
SHARES = {"points": 0.5, "at-once": 0.1, "robots": 0.1, "in-a-row": 0.1, "moments": 0.1, "runners": 0.1}
"""Of the trials, by family."""
PLAN = tuple(f"{family}={max(1, round(TRIALS * share))}" for family, share in SHARES.items())
TRIED = list(MUTANTS) if TRIALS >= 300 else ["the marker comes after the dot", "the journal's end is not synced"]
SLOWEST = 2.0
"""Seconds for a trial on a busy machine; a process that takes longer than its trials would is stuck."""


@cache
def played(*arguments: str) -> dict[str, Any]:
    """What so many trials came to, by family. Kept, since several tests ask for the same."""
    command = [sys.executable, "-m", "tests.faults", *arguments, "--seed", SEED]
    trials = sum(int(found[1]) for argument in arguments if (found := re.search(r"=(\d+)$", argument)))
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60 + SLOWEST * trials, check=False
    )
    assert done.returncode in {0, 1} and done.stdout, done.stderr
    scores: dict[str, Any] = json.loads(done.stdout)
    for family, score in scores.items():
        sys.stdout.write(f"{family} {' '.join(arguments)}: {score}\n")
    return scores


@one_process
@pytest.mark.parametrize("family", SHARES)
def test_nothing_is_lost_and_nothing_is_said_twice_unflagged(family: str) -> None:
    score = played(*PLAN)[family]
    assert score["breaches"] == []
    assert f"{family}={score['trials']}" in PLAN
    assert score["copies"] >= score["messages"] - score["flagged"]
    assert sum(score["struck"].values()) >= score["trials"] / 2, "the runs ended before they could be disturbed"


@one_process
def test_a_run_is_killed_at_every_point() -> None:
    """But for what comes a moment late: a death inside a commit that came back first counts as one after it."""
    struck = played(*PLAN)["points"]["struck"]
    points = set(points_of(RELAY))
    assert {point for point in points if not point.startswith("inside")} <= struck.keys() <= points


@one_process
def test_few_doubts_are_needless() -> None:
    """Of the messages flagged, most did arrive: the marker comes late."""
    score = played(*PLAN)["points"]
    assert score["needless"] <= 0.5 * score["flagged"] + 3


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_no_power_cut_loses_a_commit_that_came_back(journal: str) -> None:
    score = played(f"cuts={CUTS}", "--journal", journal)["cuts"]
    assert score["breaches"] == []
    assert score["trials"] == CUTS
    assert score["messages"] > 0


@pytest.mark.parametrize("name", TRIED)
def test_a_mistake_is_caught(name: str) -> None:
    mutant = MUTANTS[name]
    plan = f"{mutant.family}={mutant.trials}"
    score = played(plan, "--stop", "--mutant", name, "--journal", mutant.journal)[mutant.family]
    assert score["breaches"], f"{plan} does not see that {name}"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_is_one_that_the_product_could_make(name: str) -> None:
    mutant = MUTANTS[name]
    source = Path(ROOT, *mutant.module.split(".")).with_suffix(".py").read_text("utf-8")
    compile(mutated(source, mutant), mutant.module, "exec")
