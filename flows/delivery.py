"""deliver 投递: what the outbox holds is handed over every few minutes, as a Prefect flow, thin over flows/steps.py.

Right for 0, 1 or n at once: messages are claimed one by one. Most of its runs find nothing and leave nothing behind.
"""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import steps
from flows.asked_day import asked_day, named_by_day
from flows.following import delivered
from flows.forms import in_words_of_forms
from flows.office import open_office
from models.errors import DubanError, FormRefused
from notifications.delivery import Tally

NOTHING_WAITED = "无待发消息"
"""The state in which a run ends that found nothing to do; the service deletes such runs after a day."""


def _run_name() -> str:
    return named_by_day("投递", flow_run.parameters.get("on"))


@flow(name="deliver", flow_run_name=_run_name, persist_result=False, validate_parameters=False)
async def deliver(on: date | None = None) -> State[Any]:
    """投递待发的消息：办理通知，和上次没有送出的。

    Args:
        on: 办理日期，如 2023-06-26。只用于演练环境；正式环境不填，以当天为准。
    """
    try:
        asked = asked_day(on)
        with open_office() as office:
            tally = await delivered(office, steps.delivery_day(office, asked))
    except FormRefused as error:
        return Failed(name="表单有误", message=error.in_full)
    except DubanError as error:
        return Failed(name="未投递", message=in_words_of_forms(error.in_full))
    if tally == Tally():
        return Completed(name=NOTHING_WAITED, message="没有待发的消息。")
    return Completed(name="已投递", message=tally.zh)
