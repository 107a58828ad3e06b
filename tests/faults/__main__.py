"""`python -m tests.faults FAMILY --trials N --seed S`: plays trials and prints what they came to, as JSON.

Ends with 1 where the guarantee was broken. In a process of its own, since it forks: a test runner has threads.
"""

import argparse
import json
import sys


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20230626)
    parser.add_argument("--stop", action="store_true", help="at the first breach")
    chosen = parser.parse_args(arguments)
    from tests.faults.crashes import play

    score = play(chosen.family, chosen.trials, chosen.seed, chosen.stop)
    sys.stdout.write(json.dumps(score.document(), ensure_ascii=False) + "\n")
    return 1 if score.breaches else 0


if __name__ == "__main__":
    raise SystemExit(main())
