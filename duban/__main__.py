"""The `duban` command: runs the command line and turns every refusal into a sentence, a cure and an exit code."""

import sys

from duban.cli.app import run


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
