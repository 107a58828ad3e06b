"""`python -m tests.faults FAMILY --trials N --seed S`: plays trials and prints what they came to, as JSON.

Ends with 1 where the guarantee was broken. In a process of its own, since it forks: a test runner has threads.
"""

import argparse
import json
import logging
import sqlite3
import sys
from typing import TYPE_CHECKING

from tests.faults.mutants import MUTANTS, install

if TYPE_CHECKING:
    from tests.faults.score import Score


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=["points", "in-a-row", "moments", "runners", "cuts"])
    parser.add_argument("--trials", type=int, default=300)
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
    score = _play(chosen.family, chosen.trials, chosen.seed, chosen.stop)
    sys.stdout.write(json.dumps(score.document(), ensure_ascii=False) + "\n")
    return 1 if score.breaches else 0


def _play(family: str, trials: int, seed: int, stop: bool) -> "Score":
    """The product is imported only here."""
    if family == "cuts":
        from tests.faults.power.cuts import play as cut

        return cut(trials, seed, stop)
    from tests.faults.crashes import play

    return play(family, trials, seed, stop)


if __name__ == "__main__":
    raise SystemExit(main())
