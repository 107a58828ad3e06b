"""The deployments of an office, as one table: which flow, what people call it, when it runs, what starts it.

Used by `duban serve`, which serves all of them. What a flow does stands in its own module; the times in config/service.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from config.clock import OFFICE_ZONE
from config.service import DailyTimes, DeliverTimes, Service

REQUEST = "duban.request."
"""An event of this name and a lifecycle flow's asks for that step; its payload is the flow's form."""
_FORM = {"__prefect_kind": "jinja", "template": "{{ event.payload | tojson }}"}
"""The payload as JSON text: the flow reads it, and Prefect finds nothing in it to evaluate."""


@dataclass(frozen=True, slots=True)
class Served:
    """One deployment: `<module>:<function>`, its Chinese name, and what it is for.

    `asked`: it is a step that an event may ask for. `alone`: of its runs one waits for the other.
    """

    entrypoint: str
    name: str
    meaning: str
    asked: bool = False
    alone: bool = False

    @property
    def function(self) -> str:
        return self.entrypoint.rpartition(":")[2]


DAILY = Served(
    "flows.daily:daily_run", "日常运行", "核对时限，生成并投递通知，出具督办简报；漏掉的日子一并补办。", alone=True
)
DELIVER = Served("flows.delivery:deliver", "投递", "投递待发的消息。", alone=True)
TABLE = (
    Served("flows.assignment:assignment", "交办", "综合组交办措施，责任单位签收。", asked=True),
    Served("flows.self_check:self_check", "自查上报", "责任单位自查上报，转督办组核查。", asked=True),
    Served("flows.supervision_check:supervision_check", "督查核查", "督办组核查：通过，或退回整改。", asked=True),
    Served("flows.closure_review:closure_review", "销号审核", "督办组发起，牵头领导（重大的并组长）决定。", asked=True),
    Served("flows.follow_up:follow_up", "回头看", "责任单位报告，督办组核查；也用于开展回头看和重新整改。", asked=True),
    DAILY,
    DELIVER,
)  # fmt: skip


async def deployments(service: Service) -> list[RunnerDeployment]:
    """Every line of the table as Prefect registers it."""
    return [await _deployment(served, service) for served in TABLE]


async def _deployment(served: Served, service: Service) -> RunnerDeployment:
    module, _, function = served.entrypoint.partition(":")
    flow: Flow[..., Any] = getattr(import_module(module), function)
    times = _times(served, service)
    return await flow.ato_deployment(
        name=served.name,
        description=served.meaning,
        schedule=Cron(times.cron, timezone=OFFICE_ZONE, active=not times.paused) if times else None,
        parameters={"form": {}} if served.asked else {},  # so that a form left out is an empty one
        triggers=[_asked_for(served)] if served.asked else [],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
        if served.alone
        else None,
        enforce_parameter_schema=False,  # the flow's body says in Chinese what is wrong with a form
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _times(served: Served, service: Service) -> DailyTimes | DeliverTimes | None:
    return service.daily if served is DAILY else service.deliver if served is DELIVER else None


def _asked_for(served: Served) -> DeploymentEventTrigger:
    return DeploymentEventTrigger(
        name=f"{served.name}：应事件办理",
        description=f"事件 {REQUEST}{served.function} 的内容作为表单，办理一次{served.name}。",
        expect={f"{REQUEST}{served.function}"},
        parameters={"form": _FORM},
    )
