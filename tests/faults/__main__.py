"""`python -m tests.faults points=300 runners=20 --seed S`: plays trials and prints what they came to, as JSON.

Families as in crashes.py; or cuts, or copies, alone. Ends with 1 where the guarantee was broken.
In a process of its own, since it forks: a test runner has threads.
"""

import argparse
import json
import logging
import sqlite3
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.faults.mutants import MUTANTS, install

if TYPE_CHECKING:
    from tests.faults.score import Score


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", nargs="+", metavar="FAMILY=TRIALS")
    parser.add_argument("--seed", type=int, default=20230626)
    parser.add_argument("--stop", action="store_true", help="at the first breach")
    parser.add_argument("--journal", choices=["delete", "wal"], help="the settings for such a SQLite, not for this one")
    parser.add_argument("--mutant", choices=list(MUTANTS), help="with this mistake in the product")
    chosen = parser.parse_args(arguments)
    logging.getLogger("duban").addHandler(logging.NullHandler())  # it would tell of every death
    if chosen.journal:
        # Before the product looks at it, which chooses its settings by it.
        vars(sqlite3)["sqlite_version_info"] = {"delete": (3, 40, 1), "wal": (3, 51, 3)}[chosen.journal]
    if chosen.mutant:
        install(MUTANTS[chosen.mutant])
    scores = _play(dict(_counted(one) for one in chosen.plan), chosen.seed, chosen.stop)
    document = {family: score.document() for family, score in scores.items()}
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    return 1 if any(score.breaches for score in scores.values()) else 0


def _counted(argument: str) -> tuple[str, int]:
    family, _, trials = argument.partition("=")
    return family, int(trials)


def _play(plan: Mapping[str, int], seed: int, stop: bool) -> "Mapping[str, Score]":
    """The product is imported only here."""
    if "cuts" in plan:
        from tests.faults.power import cuts

        return {"cuts": cuts.play(plan["cuts"], seed, stop)}
    if "copies" in plan:
        from tests.faults import copies

        return {"copies": copies.play(plan["copies"], seed, stop)}
    from tests.faults import crashes

    return crashes.play(plan, seed, stop)


if __name__ == "__main__":
    raise SystemExit(main())
