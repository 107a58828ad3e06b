"""Clears up what an earlier service left in Prefect: runs whose time has passed, and runs that were broken off.

Runs when a service starts, before its runner does: late runs would otherwise all run at once and out of order. What
was missed is made up for by one catch-up run. Only runs of our own deployments are touched.
"""

from dataclasses import dataclass
from datetime import datetime

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled, Crashed, Scheduled

from config import clock
from flows.delivery import NOTHING_WAITED
from flows.deployments import DAILY, TABLE

CATCH_UP = "补办"
"""The tag of a run that a service made at its start."""
_OURS = DeploymentFilter(name=DeploymentFilterName(any_=[served.name for served in TABLE]))
_BEGUN = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


@dataclass(slots=True)
class Swept:
    """How many runs were cancelled as missed, closed as broken off, and queued again."""

    missed: int = 0
    broken_off: int = 0
    queued: int = 0


async def sweep(client: PrefectClient) -> Swept:
    """Gives every run that an earlier service left behind a state that is true."""
    swept = Swept()
    late = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=clock.now()),
    )
    for run in await _all(client, late):
        if run.auto_scheduled or CATCH_UP in run.tags:
            await _set(client, run, Cancelled(name="错过", message="到时服务没有运行；漏掉的由一次补办一并处理。"))
            swept.missed += 1
    begun = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_BEGUN))))
    for run in await _all(client, begun):
        if run.state_type is StateType.PENDING and not run.auto_scheduled and CATCH_UP not in run.tags:
            await _set(client, run, Scheduled(message="服务中断时还没有开始，重新排队。"))
            swept.queued += 1
        else:
            await _set(client, run, Crashed(name="中断", message="服务中断，这次运行没有做完；是否已办理以台账为准。"))
            swept.broken_off += 1
    return swept


async def forget_idle(client: PrefectClient, before: datetime) -> int:
    """Deletes deliveries that found nothing to deliver and ended before that moment: 150 a day would bury all else.

    Returns how many there were.
    """
    idle = FlowRunFilter(
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[NOTHING_WAITED])),
        end_time=FlowRunFilterEndTime(before_=before),
    )
    runs = await _all(client, idle)
    for run in runs:
        await client.delete_flow_run(run.id)
    return len(runs)


async def catch_up(client: PrefectClient, why: str) -> None:
    """Has one daily run made, at once; its first state says why."""
    deployment = await client.read_deployment_by_name(f"daily-run/{DAILY.name}")
    await client.create_flow_run_from_deployment(
        deployment.id, name=f"{DAILY.name}（{CATCH_UP}）", tags=[CATCH_UP], state=Scheduled(message=f"{why}。")
    )


async def _all(client: PrefectClient, which: FlowRunFilter) -> list[FlowRun]:
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(deployment_filter=_OURS, flow_run_filter=which, offset=len(found)):
        found += page
    return found


async def _set(client: PrefectClient, run: FlowRun, state: State[None]) -> None:
    """By force: nobody who began these runs is there to be asked. It gives their place among the runs back too."""
    await client.set_flow_run_state(run.id, state, force=True)
