"""A served office: a closure review is opened by the command, by Prefect's API and by an event, and all is the same.

One service for the whole story, on a small office whose measures were verified on one day.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from config import clock
from config.settings import load_settings
from flows.office import Office, open_office
from flows.serving.service import STEADY_S
from models.lifecycle import State
from models.tables import MessageState
from models.tables.core import MESSAGE
from tests.handling_fixtures import (
    Line,
    all_clocks_of,
    bring_to,
    last_event,
    measure,
    news_of,
    small_office,
    state_of,
    take_in,
)
from tests.served_offices import READY, Serving, duban, living, serving, until

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

DAY = date(2023, 4, 12)
BY_COMMAND, BY_API, BY_EVENT = WAYS = ("1", "2", "3")
SELDOM = 'deliver: {every: 59, from: "00:00", until: "24:00"}\n'
AT_ONCE_S = 40.0
"""How long a message may take that nobody scheduled: a look every 15 s, and a run on a machine that is shared."""
DEPLOYMENT = "销号审核"
NAMES = ("closure-review", DEPLOYMENT)


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with TemporaryDirectory(prefix="duban-served-") as folder:
        with small_office(Path(folder)) as office:
            take_in(office, *(Line(no) for no in WAYS))
            for no in WAYS:
                bring_to(office, State.VERIFIED, DAY, no)
            office.settings.service.write_text(SELDOM, encoding="utf-8")
            home = office.settings.home
        with serving(home, DUBAN_TODAY=str(DAY)) as service:
            service.wait_until_ready()
            yield service


@contextmanager
def office_of(service: Serving) -> Iterator[Office]:
    with open_office(load_settings({"DUBAN_HOME": str(service.home), "DUBAN_TODAY": str(DAY)})) as office:
        yield office


def form_on(no: str) -> dict[str, Any]:
    return {"measures": [no], "by": "s1-a", "step": "发起销号审核"}


def request_run(service: Serving, form: object) -> None:
    """A run as Prefect's pages and its API make it."""
    deployment = httpx.get(f"{service.api}/deployments/name/{'/'.join(NAMES)}").raise_for_status().json()
    asked = {"parameters": {"form": form}, "state": {"type": "SCHEDULED"}}
    service.post(f"deployments/{deployment['id']}/create_flow_run", asked)


def emit(service: Serving, payload: object) -> None:
    event = {
        "id": str(uuid4()), "occurred": clock.now().isoformat(), "event": "duban.request.closure_review",
        "resource": {"prefect.resource.id": "duban.request"}, "payload": payload,
    }  # fmt: skip
    service.post("events", [event])


def ended(service: Serving, number: int) -> list[dict[str, Any]]:
    """The runs of the review, once so many have ended."""

    def found() -> list[dict[str, Any]]:
        runs = service.runs_of(DEPLOYMENT)
        return runs if sum(run["state_type"] in ("COMPLETED", "FAILED", "CRASHED") for run in runs) >= number else []

    runs: list[dict[str, Any]] = until(found, f"not {number} runs have ended")
    return runs


def opened(office: Office, no: str) -> tuple[Any, ...]:
    """All that opening its review did to a measure, but for the numbers of rows and the moment."""
    event, stands = last_event(office, no), measure(office, no)
    payload = {key: value for key, value in event.payload.items() if key != "no"}
    clocks = [(one.stage, one.holder, one.opened_on, one.due_on, one.stopped_on) for one in all_clocks_of(office, no)]
    news = [(one.kind, one.party, one.role, one.on_day) for one in news_of(office, no)]
    who = (event.action, event.person, event.party, event.on_day, event.from_state, event.to_state)
    return who, payload, stands.state, stands.version, clocks, news


def test_a_review_opened_in_any_of_three_ways_is_the_same(served: Serving) -> None:
    done = duban(served.home, "review", "open", BY_COMMAND, "--by", "s1-a", DUBAN_TODAY=str(DAY))
    assert done.returncode == 0, done.stderr
    request_run(served, form_on(BY_API))
    emit(served, form_on(BY_EVENT))
    assert {run["state_name"] for run in ended(served, 2)} == {"已发起审核"}
    with office_of(served) as office:
        assert {state_of(office, no) for no in WAYS} == {State.UNDER_REVIEW}
        by_command, by_api, by_event = (opened(office, no) for no in WAYS)
    assert by_command == by_api == by_event
    assert by_command[-1], "the lead is told"


def test_each_was_told_to_prefect_as_the_same_event(served: Serving) -> None:
    def told() -> list[dict[str, Any]]:
        asked = {"filter": {"event": {"name": ["duban.measure.open_review"]}}}
        found: list[dict[str, Any]] = served.post("events/filter", asked).json()["events"]
        return found if len(found) == len(WAYS) else []

    events = until(told, "not all were told")
    assert sorted(one["payload"]["measure"] for one in events) == list(WAYS)
    assert len({(one["payload"]["party"], one["payload"]["on"], one["payload"]["to_state"]) for one in events}) == 1


@pytest.mark.parametrize(
    "payload",
    [{}, {"measures": {"1": "{{ event.id }}"}, "by": "s1-a", "step": "发起"}, {"measures": ["1"], "by": None, "x": 1}],
    ids=["empty", "template", "wrong fields"],
)
def test_a_broken_request_ends_as_a_run_that_says_so(served: Serving, payload: object) -> None:
    before = {run["id"] for run in ended(served, 2)}
    emit(served, payload)
    (run,) = [run for run in ended(served, len(before) + 1) if run["id"] not in before]
    assert (run["state_type"], run["state_name"]) == ("FAILED", "表单有误")
    assert "表单填写有误，未办理" in run["state"]["message"]
    assert served.process.poll() is None
    assert httpx.get(f"{served.api}/health").json() is True


def test_what_they_cause_is_delivered_at_once(served: Serving) -> None:
    """Long before the next scheduled delivery."""

    def all_said() -> bool:
        with office_of(served) as office, office.store.reading() as connection:
            states = set(connection.scalars(select(MESSAGE.c.state)))
        return MessageState.ACCEPTED in states and states <= {MessageState.ACCEPTED, MessageState.CANCELLED}

    until(all_said, "messages wait", patience_s=AT_ONCE_S)
    runs = served.runs_of("投递")
    assert any(not run["auto_scheduled"] and run["state_name"] == "已投递" for run in runs)


def server_of(service: Serving) -> int:
    """Prefect's server, by pid; 0 while there is none."""
    return next((pid for pid, command in living(service.home).items() if "flows.serving.server" in command), 0)


def test_a_server_that_dies_is_started_again_but_not_again_and_again(served: Serving) -> None:
    """The last test of the story: it ends the service."""
    ready_at = served.ready_at or 0.0
    until(lambda: time.monotonic() - ready_at > STEADY_S + 1, "time stands still", patience_s=2 * STEADY_S)
    os.kill(server_of(served), signal.SIGKILL)
    until(lambda: sum(READY in line for line in served.said) == 2, "it does not come up again")
    assert served.heard("Prefect 服务进程意外退出，正在重新启动……")
    assert httpx.get(f"{served.api}/health").json() is True
    until(lambda: any(run["state_name"] == "Scheduled" for run in served.runs_of("日常运行")), "no runs are scheduled")
    os.kill(server_of(served), signal.SIGKILL)
    assert served.process.wait(60) == 1
    until(lambda: served.heard("Prefect 服务进程意外退出。"), "nothing is said")
    assert served.nothing_is_left()
