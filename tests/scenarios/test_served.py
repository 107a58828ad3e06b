"""A served office: a closure review is opened by the command, by Prefect's API and by an event, and all is the same.

One service for the whole story, on a small office whose measures were verified on one day.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from config import clock
from config.settings import load_settings
from flows.office import Office, open_office
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
DECIDED, LATER = "4", "5"
"""One whose review is decided by an event, and one whose review is opened once the server was started again."""
ALL_DAY = 'deliver: {from: "00:00", until: "24:00"}\n'
AT_ONCE_S = 40.0
"""How long a message may take that nobody scheduled: a look every 15 s, and a run on a machine that is shared."""
DEPLOYMENT = "销号审核"
OPEN_ZH, APPROVE_ZH = "发起销号审核", "同意销号"
LEAD, SUPERVISOR = "l1-a", "s1-a"


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    """The service, once the review was opened in each of the ways. Nothing is delivered by the clock: whoever looks at
    what is said at once need not ask what time it is."""
    with TemporaryDirectory(prefix="duban-served-") as folder:
        with small_office(Path(folder)) as office:
            take_in(office, *(Line(no) for no in (*WAYS, DECIDED, LATER)))
            for no in (*WAYS, LATER):
                bring_to(office, State.VERIFIED, DAY, no)
            bring_to(office, State.UNDER_REVIEW, DAY, DECIDED)
            office.settings.service.write_text(ALL_DAY, encoding="utf-8")
            home = office.settings.home
        with serving(home, impatient=True, DUBAN_TODAY=str(DAY)) as service:
            service.wait_until_ready()
            take_off_the_clock(service)
            open_in_every_way(service)
            yield service


def open_in_every_way(service: Serving) -> None:
    done = duban(service.home, "review", "open", BY_COMMAND, "--by", SUPERVISOR, DUBAN_TODAY=str(DAY))
    assert done.returncode == 0, done.stderr
    request_run(service, form_on(BY_API))
    ask_for(service, form_on(BY_EVENT))
    until(lambda: len(ended(service)) == 2, "the reviews are not opened")
    assert {run["state_name"] for run in ended(service)} == {"已发起审核"}


def deployment_of(service: Serving, name: str) -> dict[str, Any]:
    (found,) = service.asked("deployments", deployments={"name": {"any_": [name]}})
    return found


def take_off_the_clock(service: Serving) -> None:
    """As somebody does on Prefect's pages: the delivery's schedule is switched off, and the daily run paused."""
    delivery = deployment_of(service, "投递")
    schedule = f"deployments/{delivery['id']}/schedules/{delivery['schedules'][0]['id']}"
    service.post(schedule, {"active": False}, method="PATCH")
    service.post(f"deployments/{deployment_of(service, '日常运行')['id']}/pause_deployment", {})
    assert set(on_the_clock(service).values()) == {False}


def on_the_clock(service: Serving) -> dict[str, bool]:
    """Which deployments with a schedule are neither paused nor have it switched off."""
    return {
        one["name"]: not one["paused"] and all(kept["active"] for kept in one["schedules"])
        for one in service.asked("deployments")
        if one["schedules"]
    }


@contextmanager
def office_of(service: Serving) -> Iterator[Office]:
    with open_office(load_settings({"DUBAN_HOME": str(service.home), "DUBAN_TODAY": str(DAY)})) as office:
        yield office


def form_on(no: str, step: str = OPEN_ZH, by: str = SUPERVISOR) -> dict[str, Any]:
    return {"measures": [no], "by": by, "step": step}


def request_run(service: Serving, form: object) -> None:
    """A run as Prefect's pages and its API make it."""
    asked = {"parameters": {"form": form}, "state": {"type": "SCHEDULED"}}
    service.post(f"deployments/{deployment_of(service, DEPLOYMENT)['id']}/create_flow_run", asked)


def ask_for(service: Serving, payload: object) -> None:
    event = {
        "id": str(uuid4()), "occurred": clock.now().isoformat(), "event": "duban.request.closure_review",
        "resource": {"prefect.resource.id": "duban.request"}, "payload": payload,
    }  # fmt: skip
    service.post("events", [event])


def ended(service: Serving) -> list[dict[str, Any]]:
    """The runs of the review that have ended."""
    return [run for run in service.runs_of(DEPLOYMENT) if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]


def runs_asked_for(service: Serving, *payloads: object) -> list[dict[str, Any]]:
    """The runs that events lead to, once they have ended: one each."""
    before = {run["id"] for run in service.runs_of(DEPLOYMENT)}
    for payload in payloads:
        ask_for(service, payload)

    def of_them() -> list[dict[str, Any]]:
        found = [run for run in ended(service) if run["id"] not in before]
        return found if len(found) >= len(payloads) else []

    runs: list[dict[str, Any]] = until(of_them, "not all runs have ended")
    assert len(service.runs_of(DEPLOYMENT)) - len(before) == len(payloads)
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


def test_broken_requests_end_as_runs_that_say_so(served: Serving) -> None:
    template = {"measures": {"1": "{{ event.id }}"}, "by": SUPERVISOR, "step": "发起"}
    for run in runs_asked_for(served, {}, template, {"measures": ["1"], "by": None, "x": 1}):
        assert (run["state_type"], run["state_name"]) == ("FAILED", "表单有误")
        assert "表单填写有误，未办理" in run["state"]["message"]
    assert served.process.poll() is None
    assert httpx.get(f"{served.api}/health").json() is True


def test_a_lead_decides_by_an_event(served: Serving) -> None:
    (run,) = runs_asked_for(served, form_on(DECIDED, APPROVE_ZH, LEAD))
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "已销号"), run["state"]["message"]
    with office_of(served) as office:
        assert state_of(office, DECIDED) is State.CLOSED


def test_what_prefect_could_never_read_again_is_refused_at_its_door(served: Serving) -> None:
    """Stored, it would stop the runs and blank the pages for good."""
    deployment = deployment_of(served, DEPLOYMENT)["id"]
    for form in ('{"by": "\\ud800"}', '{"version": 100000000000000000000}'):
        body = f'{{"parameters": {{"form": {form}}}, "state": {{"type": "SCHEDULED"}}}}'
        answer = httpx.post(f"{served.api}/deployments/{deployment}/create_flow_run", content=body)
        assert (answer.status_code, "未受理" in answer.text) == (422, True)
    assert served.asked("flow_runs")
    assert served.process.poll() is None


def test_what_they_cause_is_delivered_at_once(served: Serving) -> None:
    def all_said() -> bool:
        with office_of(served) as office, office.store.reading() as connection:
            states = set(connection.scalars(select(MESSAGE.c.state)))
        return MessageState.ACCEPTED in states and states <= {MessageState.ACCEPTED, MessageState.CANCELLED}

    until(all_said, "messages wait", patience_s=AT_ONCE_S)
    assert any(run["state_name"] == "已投递" and not run["auto_scheduled"] for run in served.runs_of("投递"))


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), ("", 200)])
def test_another_page_is_not_heard(served: Serving, origin: str, status: int) -> None:
    headers = {"Origin": origin or served.api.removesuffix("/api")}
    assert httpx.get(f"{served.api}/health", headers=headers).status_code == status


def server_of(service: Serving) -> int:
    """Prefect's server, by pid; 0 while there is none."""
    return next((pid for pid, command in living(service.home).items() if "flows.serving.server" in command), 0)


def test_a_server_that_dies_is_started_again_and_all_is_as_before(served: Serving) -> None:
    """The last test of the story: it ends the service. The first start anew finds the port taken by a stranger."""
    os.kill(server_of(served), signal.SIGKILL)
    with stranger_on(served.port):
        until(lambda: served.heard("1秒后再试……"), "it does not try again")
    until(lambda: sum(READY in line for line in served.said) == 2, "it does not come up again")
    assert served.heard("Prefect 服务进程意外退出，正在重新启动……")
    assert served.heard(f"端口 {served.port} 已被另一个程序占用，1秒后再试……")
    assert on_the_clock(served) == {"日常运行": True, "投递": True}, "Prefect's own pauses do not outlive a restart"
    until(lambda: any(run["state_name"] == "Scheduled" for run in served.runs_of("日常运行")), "no runs are scheduled")
    (run,) = runs_asked_for(served, form_on(LATER))
    assert run["state_name"] == "已发起审核"
    assert served.stop() == 0
    served.nothing_is_left()


@contextmanager
def stranger_on(port: int) -> Iterator[None]:
    """A program that has taken the port as soon as it was free, and has nothing to say."""
    with until(lambda: _listening_on(port), "the port is not given back") as stranger:
        thread = Thread(target=stranger.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            stranger.shutdown()
            thread.join()


class _Stranger(TCPServer):
    allow_reuse_address = True


def _listening_on(port: int) -> TCPServer | None:
    try:
        return _Stranger(("127.0.0.1", port), BaseRequestHandler)
    except OSError:
        return None
