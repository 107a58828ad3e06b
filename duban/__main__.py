"""The `duban` command: runs the command line and turns every refusal into a sentence, a cure and an exit code."""

import io
import sys

from duban.cli.app import run


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show Chinese is no reason to fail
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
