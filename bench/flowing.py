"""What Prefect costs, side by side: `python -m bench.flowing` prints a line.

Whole processes, in turn, against one running server: a flow that does nothing (Prefect's own start), a lifecycle flow
on a measure of the sample, the same action by the command line where a server answers and where none is known.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from config.settings import load_settings
from flows.office import open_office
from flows.prefect_settings import prepare_prefect, server_answers
from models.store import board

EMPTY = """
import asyncio
from prefect import flow

@flow(name="empty", persist_result=False)
async def empty() -> None: ...

asyncio.run(empty())
"""
ACCEPT = """
import asyncio, sys
from flows.assignment import assignment

form = {"measures": [sys.argv[1]], "by": sys.argv[2], "step": "签收", "on": "2023-03-28"}
state = asyncio.run(assignment(form, return_state=True))
assert state.name == "已签收", state.message
"""
TURNS = 11
_STARTING_S = 60.0


@contextmanager
def running_server(env: Mapping[str, str]) -> Iterator[str]:
    """A Prefect server on a free port of this machine, by the address of its API."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = perf_counter() + _STARTING_S
            while not server_answers(url):
                if server.poll() is not None or perf_counter() > until:
                    raise RuntimeError("the Prefect server does not come up")
                time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            server.wait(_STARTING_S)


def seconds(command: Sequence[str], env: Mapping[str, str]) -> float:
    """How long a process takes, start to end. Raises where it fails."""
    began = perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return perf_counter() - began


def main() -> None:
    turns = argparse.ArgumentParser(description=__doc__)
    turns.add_argument("--turns", type=int, default=TURNS, help="of each kind; 11 at most, the sample has no more")
    asked = turns.parse_args().turns
    with tempfile.TemporaryDirectory() as folder:
        print(_line(*_measured(Path(folder), asked)))


def _measured(folder: Path, turns: int) -> list[list[float]]:
    """Seconds of each kind: empty flow, lifecycle flow, command with a server, command without."""
    env = {**os.environ, "DUBAN_HOME": str(folder / "home")}
    env.pop("PREFECT_API_URL", None)
    prepare_prefect(folder, env)
    seconds([sys.executable, "-m", "duban", "init", "--sample"], env)
    waiting = iter(_unaccepted(env))
    taken: list[list[float]] = [[], [], [], []]
    with running_server(env) as url:
        with_server = {**env, "PREFECT_API_URL": url}
        for _ in range(turns):
            taken[0].append(seconds([sys.executable, "-c", EMPTY], with_server))
            taken[1].append(seconds([sys.executable, "-c", ACCEPT, *next(waiting)], with_server))
            for kind, where in ((2, with_server), (3, env)):
                no, person = next(waiting)
                command = [sys.executable, "-m", "duban", "accept", no, "--by", person, "--on", "2023-03-28"]
                taken[kind].append(seconds(command, where))
    return taken


def _unaccepted(env: Mapping[str, str]) -> list[tuple[str, str]]:
    """The measures of the sample, each with a person of its unit, who has yet to accept it."""
    with open_office(load_settings(env)) as office, office.store.reading() as connection:
        rows = board.measures(connection)
        people = {party.code: party.people for party in office.directory.parties}
    return [(row.no, people[row.unit][0].code) for row in rows]


def _line(empty: Sequence[float], flow: Sequence[float], told: Sequence[float], alone: Sequence[float]) -> str:
    beyond = [one - other for one, other in zip(flow, empty, strict=True)]
    return (
        f"turns={len(empty)} empty_flow_s={median(empty):.2f} lifecycle_flow_s={median(flow):.2f} "
        f"beyond_s={median(beyond):.2f} [{min(beyond):.2f}-{max(beyond):.2f}] "
        f"command_with_server_s={median(told):.2f} command_alone_s={median(alone):.2f}"
    )


if __name__ == "__main__":
    main()
