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
class Deployed:
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


DAILY = Deployed(
    "flows.daily:daily_run", "日常运行", "核对时限，生成并投递通知，出具督办简报；漏掉的日子一并补办。", alone=True
)
DELIVER = Deployed("flows.delivery:deliver", "投递", "投递待发的消息。", alone=True)
TABLE = (
    Deployed("flows.assignment:assignment", "交办", "综合组交办措施，责任单位签收。", asked=True),
    Deployed("flows.self_check:self_check", "自查上报", "责任单位自查上报，转督办组核查。", asked=True),
    Deployed("flows.supervision_check:supervision_check", "督查核查", "督办组核查：通过，或退回整改。", asked=True),
    Deployed(
        "flows.closure_review:closure_review", "销号审核", "督办组发起，牵头领导（重大的并组长）决定。", asked=True
    ),
    Deployed(
        "flows.follow_up:follow_up", "回头看", "责任单位报告，督办组核查；也用于开展回头看和重新整改。", asked=True
    ),
    DAILY,
    DELIVER,
)  # fmt: skip


async def deployments(service: Service) -> list[RunnerDeployment]:
    """Every line of the table as Prefect registers it."""
    return [await _deployment(one, service) for one in TABLE]


async def _deployment(one: Deployed, service: Service) -> RunnerDeployment:
    module, _, function = one.entrypoint.partition(":")
    flow: Flow[..., Any] = getattr(import_module(module), function)
    times = _times(one, service)
    return await flow.ato_deployment(
        name=one.name,
        description=one.meaning,
        schedule=Cron(times.cron, timezone=OFFICE_ZONE, active=not times.paused) if times else None,
        parameters={"form": {}} if one.asked else {},  # so that a form left out is an empty one
        triggers=[_asked_for(one)] if one.asked else [],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
        if one.alone
        else None,
        enforce_parameter_schema=False,  # the flow's body says in Chinese what is wrong with a form
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _times(one: Deployed, service: Service) -> DailyTimes | DeliverTimes | None:
    return service.daily if one is DAILY else service.deliver if one is DELIVER else None


def _asked_for(one: Deployed) -> DeploymentEventTrigger:
    return DeploymentEventTrigger(
        name=f"{one.name}：应事件办理",
        description=f"事件 {REQUEST}{one.function} 的内容作为表单，办理一次{one.name}。",
        expect={f"{REQUEST}{one.function}"},
        parameters={"form": _FORM},
    )
