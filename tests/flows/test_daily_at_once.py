"""Two daily runs at the same moment, from two processes, day after day: each day is handled once, whoever wins.

Both processes stay up and meet at a barrier each day. What they leave is what one process alone leaves.
"""

import asyncio
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from config.calendars import load_calendar
from config.settings import Settings, load_settings
from flows.office import open_office
from flows.steps import run_day
from models.errors import RunRefused
from models.store import board
from models.store.posting import watermark
from tests.flows.conftest import Prefect
from tests.handling_fixtures import Line, hand_out, small_office, take_in
from tests.offices import letters_in

pytestmark = pytest.mark.slow

MONDAY = date(2023, 3, 27)
DAYS, DAYS_BY_PREFECT = 50, 3
PATIENCE_S = 120.0
BUSY = "另一次日常运行正在进行"


def days(count: int) -> list[date]:
    """So many working days from the one after the assignment."""
    calendar = load_calendar(None)
    return [calendar.add_workdays(MONDAY, n) for n in range(1, count + 1)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with twelve measures that nobody ever accepts, due on different days: there is something to say daily."""
    with small_office(tmp_path) as office:
        lines = [Line(str(n), limit=f"2023年{4 + n // 4}月{1 + n * 2}日前", unit=f"D{1 + n % 3}") for n in range(12)]
        take_in(office, *lines)
        for line in lines:
            hand_out(office, line.no, MONDAY)
        return office.settings


@pytest.fixture
def alone(settings: Settings, tmp_path: Path) -> Callable[[int], dict[str, object]]:
    """What one process alone leaves behind in a copy of the home after so many days."""

    def of(count: int) -> dict[str, object]:
        shutil.copytree(settings.home, tmp_path / "alone")
        copy = load_settings({"DUBAN_HOME": str(tmp_path / "alone")})
        with open_office(copy) as office:
            for day in days(count):
                run_day(office, day)
        return left_in(copy)

    return of


def left_in(home: Settings) -> dict[str, object]:
    """Who was told what on which day, how each message stands, the letters that lie there, and the watermark."""
    with open_office(home) as office, office.store.reading() as connection:
        notices = [(n.measure, n.rung, n.party, n.on_day, n.unsaid) for n in board.notices(connection)]
        messages = Counter((m.party, m.on_day, m.kind, m.state) for m in board.messages(connection))
        mark = watermark(connection)
    letters = Counter({box: len(found) for box, found in letters_in(home.outbox).items()})
    return {"notices": Counter(notices), "messages": messages, "letters": letters, "watermark": mark}


# The processes


def runs_directly(home: str, count: int, barrier: Barrier, pipe: Pipe) -> None:
    """A process that runs each day at the same moment as the other one, and tells how each of its runs ended."""
    ends = []
    with open_office(load_settings({"DUBAN_HOME": home})) as office:
        for day in days(count):
            barrier.wait(PATIENCE_S)
            try:
                ends.append(f"{run_day(office, day).notices}")
            except RunRefused as refusal:
                ends.append(refusal.zh)
    pipe.send(ends)


def runs_by_prefect(home: str, count: int, barrier: Barrier, pipe: Pipe) -> None:
    """The same by Prefect's flow, on the server that the environment names."""
    os.environ["DUBAN_HOME"] = home
    from flows.daily import daily_run

    async def every_day() -> list[str]:
        ends = []
        for day in days(count):
            barrier.wait(PATIENCE_S)
            state: Any = await daily_run(day, return_state=True)
            ends.append(f"{state.name}：{state.message}")
        return ends

    pipe.send(asyncio.run(every_day()))


@contextmanager
def two(target: Callable[[str, int, Barrier, Pipe], None], home: Settings, count: int) -> Iterator[Sequence[Pipe]]:
    spawn = multiprocessing.get_context("spawn")
    barrier, pipes = spawn.Barrier(2), [spawn.Pipe(duplex=False) for _ in range(2)]
    started = [spawn.Process(target=target, args=(str(home.home), count, barrier, sent)) for _, sent in pipes]
    for process in started:
        process.start()
    try:
        yield [heard for heard, _ in pipes]
    finally:
        for process in started:
            process.join(PATIENCE_S)
            if process.is_alive():
                process.kill()


def both(target: Callable[[str, int, Barrier, Pipe], None], home: Settings, count: int) -> list[tuple[str, str]]:
    """How the two runs of each day ended."""
    with two(target, home, count) as pipes:
        heard = [pipe.recv() if pipe.poll(PATIENCE_S) else [] for pipe in pipes]
    return list(zip(*heard, strict=True))


# The tests


def test_two_runs_at_the_same_moment_handle_each_of_fifty_days_once(
    settings: Settings, alone: Callable[[int], dict[str, object]]
) -> None:
    expected = alone(DAYS)
    ended = both(runs_directly, settings, DAYS)
    assert len(ended) == DAYS
    for ends in ended:
        refused = [end for end in ends if not end.isdigit()]
        assert len(refused) < 2, ends
        assert all(BUSY in end for end in refused), ends
        assert sum(int(end) > 0 for end in ends if end.isdigit()) <= 1, f"a day was handled twice: {ends}"
    found = left_in(settings)
    assert found["watermark"] == days(DAYS)[-1]
    assert max(found["notices"].values()) == 1  # type: ignore[attr-defined]
    assert found == expected


@pytest.mark.prefect
def test_two_flows_at_the_same_moment_handle_each_day_once(
    settings: Settings, alone: Callable[[int], dict[str, object]], prefect: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect.url)
    expected = alone(DAYS_BY_PREFECT)
    ended = both(runs_by_prefect, settings, DAYS_BY_PREFECT)
    assert len(ended) == DAYS_BY_PREFECT
    for ends in ended:
        names = sorted(end.partition("：")[0] for end in ends)
        assert names in (["已是最新", "已运行"], ["已运行", "未执行"]), ends
        assert all(BUSY in end for end in ends if end.startswith("未执行")), ends
    assert left_in(settings) == expected
