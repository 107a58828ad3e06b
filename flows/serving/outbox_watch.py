"""Has what an action says delivered at once: looks at the outbox every few seconds, and asks for a delivery.

Runs in the service's process beside the schedule, which stays the rule: what a delivery could not hand over waits for
the next scheduled one. Nothing is asked for while the office has paused deliveries, nor outside their hours.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from httpx import HTTPError
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import PrefectException
from prefect.states import Scheduled

from config import clock
from config.service import DeliverTimes
from flows.deployments import DELIVER
from flows.office import Office
from models.errors import DubanError
from models.store.outbox import newest_untried_action

LOOK_S = 15.0
log = logging.getLogger("duban.serving")
_OF_DELIVERY = DeploymentFilter(name=DeploymentFilterName(any_=[DELIVER.name]))
_WHY = "有新的办理通知待发。"
_GOING_ON = (StateType.PENDING, StateType.RUNNING)


async def watch_outbox(office: Office, times: DeliverTimes) -> None:
    """Looks, again and again. What goes wrong here is no reason to stop serving: the schedule delivers as well."""
    watch = OutboxWatch(office, times)
    while True:
        try:
            await watch.look(clock.now())
        except (HTTPError, PrefectException, DubanError):
            log.exception("the outbox could not be looked at, or no delivery be asked for")
        await asyncio.sleep(LOOK_S)


@dataclass(slots=True)
class OutboxWatch:
    """What waits in the outbox, up to which message a delivery was asked for."""

    office: Office
    times: DeliverTimes
    asked_up_to: int = 0

    async def look(self, now: datetime) -> bool:
        """Asks for a delivery where something new waits that none is about to take. Returns whether it asked.

        Once a message: had that delivery failed, the next would fail again so soon.
        """
        if not self.times.are_open(now):
            return False
        newest = await asyncio.to_thread(_newest, self.office)
        if newest <= self.asked_up_to:
            return False
        async with get_client() as client:
            if await _is_near(client, now):
                return False
            deployment = await client.read_deployment_by_name(f"deliver/{DELIVER.name}")
            await client.create_flow_run_from_deployment(deployment.id, state=Scheduled(message=_WHY))
        self.asked_up_to = newest
        return True


def _newest(office: Office) -> int:
    with office.store.reading() as connection:
        return newest_untried_action(connection)


async def _is_near(client: PrefectClient, now: datetime) -> bool:
    """Whether a delivery goes on, or is to start before the next look."""
    soon = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=now + timedelta(seconds=LOOK_S)),
    )
    going_on = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_GOING_ON))))
    for which in (going_on, soon):
        if await client.read_flow_runs(deployment_filter=_OF_DELIVERY, flow_run_filter=which, limit=1):
            return True
    return False
