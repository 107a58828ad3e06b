"""What an action says is delivered at once: a delivery is asked for, once, and only where none is near."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.service import DeliverTimes, Service
from flows.office import Office
from flows.steps import deliver_messages
from tests.flows.conftest import Prefect
from tests.handling_fixtures import Line, hand_out, small_office, take_in

if TYPE_CHECKING:
    from flows.serving.outbox_watch import OutboxWatch

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("swept")]

MONDAY = date(2023, 3, 27)
ALWAYS = DeliverTimes(59, 0, 24)
NOON = datetime.fromisoformat("2023-03-27T12:00:00+08:00")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with small_office(tmp_path) as office:
        take_in(office, Line("1"), Line("2", unit="D2"))
        yield office


class Deliveries:
    """The runs of the deployment 投递 on a real server."""

    def __init__(self, prefect: Prefect) -> None:
        self.prefect = prefect

    def look(self, watch: "OutboxWatch", now: datetime = NOON) -> bool:
        found: bool = self.prefect.ask(watch.look(now))
        return found

    def asked_for(self) -> list[Any]:
        return [run for run in self.prefect.ask(_runs()) if not run.auto_scheduled]

    def set(self, run: Any, state: Any) -> None:
        self.prefect.ask(_set(run, state))


async def _runs() -> list[Any]:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        return list(await client.read_flow_runs())


async def _set(run: Any, state: Any) -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        await client.set_flow_run_state(run.id, state, force=True)


async def _clean() -> None:
    """The delivery's deployment without a schedule, and without runs."""
    from prefect.client.orchestration import get_client

    from flows.deployments import deployments

    (deliver,) = [one for one in await deployments(Service()) if one.name == "投递"]
    deliver.schedules = []
    await deliver.aapply()
    async with get_client() as client:
        for run in await client.read_flow_runs():
            await client.delete_flow_run(run.id)


@pytest.fixture
def deliveries(prefect: Prefect) -> Deliveries:
    prefect.ask(_clean())
    return Deliveries(prefect)


def watch_of(office: Office, times: DeliverTimes = ALWAYS) -> "OutboxWatch":
    from flows.serving.outbox_watch import OutboxWatch

    return OutboxWatch(office, times)


def test_nothing_is_asked_for_where_nothing_waits(office: Office, deliveries: Deliveries) -> None:
    assert not deliveries.look(watch_of(office))
    assert deliveries.asked_for() == []


def test_a_delivery_is_asked_for_once_a_message(office: Office, deliveries: Deliveries) -> None:
    from prefect.states import Failed

    watch = watch_of(office)
    hand_out(office, "1", MONDAY)
    assert deliveries.look(watch)
    (run,) = deliveries.asked_for()
    assert (run.state.name, run.state.message) == ("Scheduled", "有新的办理通知待发。")
    deliveries.set(run, Failed(name="未投递"))
    assert not deliveries.look(watch), "what could not be delivered waits for the next scheduled delivery"
    hand_out(office, "2", MONDAY)
    assert deliveries.look(watch), "another message is asked for of its own"
    assert len(deliveries.asked_for()) == 2


def test_messages_that_were_tried_wait_for_the_schedule(office: Office, deliveries: Deliveries) -> None:
    hand_out(office, "1", MONDAY)
    deliver_messages(office, MONDAY)
    assert not deliveries.look(watch_of(office))


def test_a_delivery_that_goes_on_or_is_about_to_start_is_enough(office: Office, deliveries: Deliveries) -> None:
    from prefect.states import Completed, Running, Scheduled

    watch = watch_of(office)
    hand_out(office, "1", MONDAY)
    assert deliveries.look(watch)
    hand_out(office, "2", MONDAY)
    (run,) = deliveries.asked_for()
    near: list[Any] = [Running(), Scheduled(scheduled_time=NOON + timedelta(seconds=10))]
    for state in near:
        deliveries.set(run, state)
        assert not deliveries.look(watch)
    deliveries.set(run, Scheduled(scheduled_time=NOON + timedelta(minutes=5)))
    assert deliveries.look(watch), "five minutes are too long"
    for run in deliveries.asked_for():
        deliveries.set(run, Completed())
    assert not deliveries.look(watch)


@pytest.mark.parametrize("times", [DeliverTimes(paused=True), DeliverTimes(5, 7, 12), DeliverTimes(5, 13, 20)])
def test_nothing_goes_out_while_deliveries_are_paused_or_closed(
    office: Office, deliveries: Deliveries, times: DeliverTimes
) -> None:
    hand_out(office, "1", MONDAY)
    assert not deliveries.look(watch_of(office, times))
    assert deliveries.asked_for() == []


def test_a_server_that_does_not_answer_ends_nothing(office: Office, deliveries: Deliveries) -> None:
    """It is written to the log, and looked again later."""
    from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    from flows.serving.outbox_watch import watch_outbox

    hand_out(office, "1", MONDAY)
    log = office.settings.log

    async def watch_for_a_while() -> None:
        with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api", PREFECT_CLIENT_MAX_RETRIES: 0}):
            watching = asyncio.create_task(watch_outbox(office, ALWAYS))
            async with asyncio.timeout(20):
                while not log.exists():
                    await asyncio.sleep(0.05)
            assert not watching.done()
            watching.cancel()

    deliveries.prefect.ask(watch_for_a_while())
    assert "no delivery be asked for" in log.read_text(encoding="utf-8")
