"""daily_run: the daily run as a Prefect flow, thin over flows/steps.py. Prefect only triggers and shows.

Right for 0, 1 or n runs a day: what was handled is known by the watermark, never by Prefect's state. A broken rule
is returned as a named Failed state, not raised, so that Prefect's page shows one sentence and no traceback.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any, TypeVar

from prefect import flow, task
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Failed

from config import clock
from flows import steps
from flows.office import Office, open_office
from models.errors import DubanError
from models.store.posting import Posted
from notifications.delivery import Tally
from notifications.reports.brief import Brief, brief_markdown

_PROGRESS_EVERY_S = 1.0
MOST_SHOWN = 1_000
"""Notices on Prefect's page; its database is no place for more, and `duban notices` has them all."""
_Value = TypeVar("_Value")


def _run_name() -> str:
    """The run by its day, also where the day was not given."""
    return f"日常运行 {flow_run.parameters.get('on') or os.environ.get('DUBAN_TODAY') or clock.today()}"


@flow(name="daily-run", flow_run_name=_run_name, persist_result=False)
async def daily_run(on: date | None = None) -> dict[str, Any] | State[Any]:
    """日常运行：核对时限，生成并投递通知，出具督办简报。on 只用于演练环境；正式环境以当天为准。"""
    refused = "未执行"
    try:
        with open_office() as office:
            day = office.day(on)
            with steps.one_run_at_a_time(office):
                posted = _kept(await post_notices(office, day))
                refused = "未投递"
                tally = _kept(await deliver_messages(office, day))
                steps.close_run(office, posted.run_id)
            await publish_brief(office, day, posted)
            return asdict(steps.result_of(posted, tally, "prefect"))
    except DubanError as error:
        problems = "".join(f"\n· {problem}" for problem in getattr(error, "problems", ()))
        return Failed(name=refused, message=f"{error.zh}{error.cure}{problems}")


@task(name="生成通知事项", persist_result=False, cache_policy=NO_CACHE)
async def post_notices(office: Office, day: date) -> Posted | DubanError:
    return await _in_thread(steps.post_notices, office, day, "prefect")


@task(name="投递消息", persist_result=False, cache_policy=NO_CACHE)
async def deliver_messages(office: Office, day: date) -> Tally | DubanError:
    """Delivers in a thread, while a progress artifact follows it."""
    total, done = steps.waiting_messages(office), 0

    def told() -> None:
        nonlocal done
        done += 1

    delivering = asyncio.create_task(_in_thread(steps.deliver_messages, office, day, told))
    artifact = await acreate_progress_artifact(0.0, key="delivery", description=f"{day} 消息投递，共{total}封")
    while not (await asyncio.wait({delivering}, timeout=_PROGRESS_EVERY_S))[0]:
        await aupdate_progress_artifact(artifact, progress=min(99.0, 100.0 * done / max(total, 1)))
    await aupdate_progress_artifact(artifact, progress=100.0)
    return delivering.result()


@task(name="出具督办简报", persist_result=False, cache_policy=NO_CACHE)
async def publish_brief(office: Office, day: date, posted: Posted) -> None:
    """Publishes the brief of the day: a table for searching, and a page for reading."""
    brief = await asyncio.to_thread(steps.brief_of_day, office, day, posted.days)
    await acreate_table_artifact(_table(brief)[:MOST_SHOWN], key="notices", description=f"{day} 通知事项")
    shown = replace(brief, rows=brief.rows[:MOST_SHOWN])
    await acreate_markdown_artifact(brief_markdown(shown), key="brief", description=f"{day} 督办简报")


async def _in_thread(step: Callable[..., _Value], *given: object) -> _Value | DubanError:
    """What a step gives, or its refusal as a value: raised out of a task it would fill the log with a traceback."""
    try:
        return await asyncio.to_thread(step, *given)
    except DubanError as error:
        return error


def _kept(given: _Value | DubanError) -> _Value:
    """What a task gave. A refusal is raised here, in the flow's body, which answers for it."""
    if isinstance(given, DubanError):
        raise given
    return given


def _table(brief: Brief) -> list[dict[str, Any]]:
    return [
        {
            "对象": row.party,
            "措施": row.measure_no,
            "时限": str(row.due_on),
            "事由": row.reason,
            "送达情况": row.fate,
        }
        for row in brief.rows
    ]
