"""What an earlier service left in Prefect is given a state that is true, on a real server."""

from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from config import clock
from config.service import Service
from tests.flows.conftest import Prefect

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("swept")]


@pytest.fixture
def client(prefect: Prefect) -> "Iterator[PrefectClient]":
    """A client of the server, on which all deployments are registered and no run of them is left."""
    from prefect.client.orchestration import get_client

    client = get_client()
    prefect.ask(client.__aenter__())
    try:
        prefect.ask(_registered(client))
        yield client
    finally:
        prefect.ask(client.__aexit__(None, None, None))


async def _registered(client: "PrefectClient") -> None:
    from flows.deployments import deployments

    for deployment in await deployments(Service()):
        await deployment.aapply()
    for run in await client.read_flow_runs():
        await client.delete_flow_run(run.id)


async def _made(client: "PrefectClient", name: str, *states: Any, tags: tuple[str, ...] = ()) -> "UUID":
    from prefect.states import Scheduled

    deployment = await client.read_deployment_by_name(name)
    run = await client.create_flow_run_from_deployment(deployment.id, state=Scheduled(), tags=tags)
    for state in states:
        await client.set_flow_run_state(run.id, state, force=True)
    return run.id


class Asked:
    """What a test asks of the client, in the one event loop."""

    def __init__(self, prefect: Prefect, client: "PrefectClient") -> None:
        self.prefect, self.client = prefect, client

    def made(self, name: str, *states: Any, tags: tuple[str, ...] = ()) -> "UUID":
        found: UUID = self.prefect.ask(_made(self.client, name, *states, tags=tags))
        return found

    def state(self, run: "UUID") -> tuple[str, str]:
        found = self.prefect.ask(self.client.read_flow_run(run))
        return found.state.type.value, found.state.name

    def done(self, asked: "Coroutine[Any, Any, Any]") -> Any:
        return self.prefect.ask(asked)


@pytest.fixture
def asked(prefect: Prefect, client: "PrefectClient") -> Asked:
    return Asked(prefect, client)


def test_late_and_broken_runs_are_named_and_requests_of_people_are_kept(asked: Asked) -> None:
    from prefect.states import Cancelling, Pending, Running, Scheduled

    from flows.serving.sweeping import CATCH_UP, Swept, sweep

    past, future = (clock.now() + timedelta(hours=hours) for hours in (-20, 20))
    review, daily = "closure-review/销号审核", "daily-run/日常运行"
    asked_for = asked.made(review, Scheduled(scheduled_time=past))
    to_come = asked.made(daily, Scheduled(scheduled_time=future))
    caught_up = asked.made(daily, Scheduled(scheduled_time=past), tags=(CATCH_UP,))
    not_begun = asked.made(review, Pending())
    begun = asked.made(review, Running())
    stopping = asked.made("deliver/投递", Running(), Cancelling())
    swept = asked.done(sweep(asked.client))
    assert swept == Swept(missed=1, broken_off=2, queued=1)
    assert asked.state(asked_for) == ("SCHEDULED", "Scheduled"), "a person's request is not thrown away"
    assert asked.state(to_come) == ("SCHEDULED", "Scheduled")
    assert asked.state(caught_up) == ("CANCELLED", "错过")
    assert asked.state(not_begun) == ("SCHEDULED", "Scheduled")
    assert asked.state(begun) == asked.state(stopping) == ("CRASHED", "中断")
    assert asked.done(sweep(asked.client)) == Swept(), "what is clean stays as it is"


def test_a_place_among_the_runs_that_a_crash_held_is_given_back(asked: Asked) -> None:
    """Of daily runs one waits for the other; a dead one must not keep the next waiting."""
    from prefect.states import Pending, Running

    from flows.serving.sweeping import sweep

    async def held() -> int:
        deployment = await asked.client.read_deployment_by_name("daily-run/日常运行")
        assert deployment.global_concurrency_limit
        return deployment.global_concurrency_limit.active_slots or 0

    async def begun() -> None:
        deployment = await asked.client.read_deployment_by_name("daily-run/日常运行")
        run = await asked.client.create_flow_run_from_deployment(deployment.id)
        await asked.client.set_flow_run_state(run.id, Pending())
        await asked.client.set_flow_run_state(run.id, Running())

    asked.done(begun())
    assert asked.done(held()) == 1
    asked.done(sweep(asked.client))
    assert asked.done(held()) == 0


def test_the_run_that_catches_up_says_why(asked: Asked) -> None:
    from flows.serving.sweeping import CATCH_UP, catch_up

    asked.done(catch_up(asked.client, "已处理到2023-03-27"))
    (run,) = [run for run in asked.done(asked.client.read_flow_runs()) if CATCH_UP in run.tags]
    assert (run.name, run.state.message) == ("日常运行（补办）", "已处理到2023-03-27。")


def test_deliveries_that_found_nothing_are_deleted_after_a_while(asked: Asked) -> None:
    from prefect.states import Completed

    from flows.serving.sweeping import forget_idle

    idle = asked.made("deliver/投递", Completed(name="无待发消息"))
    useful = asked.made("deliver/投递", Completed(name="已投递"))
    moment = clock.now()
    recent = asked.made("deliver/投递", Completed(name="无待发消息"))
    assert asked.done(forget_idle(asked.client, moment)) == 1
    left = {run.id for run in asked.done(asked.client.read_flow_runs())}
    assert {useful, recent} <= left
    assert idle not in left
