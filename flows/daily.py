"""daily_run: the daily run as a Prefect flow, thin over flows/steps.py. Prefect only triggers and shows.

Right for 0, 1 or n runs a day: what was handled is known by the watermark, never by Prefect's state. A broken rule
is returned as a named Failed state, not raised, so that Prefect's page shows one sentence and no traceback.
"""

import asyncio
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from prefect import flow, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import steps
from flows.asked_day import asked_day, named_by_day
from flows.following import NOT_SHOWN, delivered
from flows.forms import in_words_of_forms
from flows.office import Office, open_office
from flows.steps import DayResult
from models.errors import CopyRefused, DubanError, FormRefused
from models.store.posting import Posted
from notifications.delivery import Tally
from notifications.reports.brief_page import brief_markdown, coming_table, said_table, unsaid_table

_Value = TypeVar("_Value")


def _run_name() -> str:
    return named_by_day("日常运行", flow_run.parameters.get("on"))


@flow(
    name="daily-run", flow_run_name=_run_name, persist_result=False, validate_parameters=False,
    description="日常运行：核对时限，生成并投递通知，出具督办简报；漏掉的日子一并补办。同一天运行几次都不会重复通知。",
)  # fmt: skip
async def daily_run(on: date | None = None) -> State[Any]:
    """日常运行：核对时限，生成并投递通知，出具督办简报。

    Args:
        on: 办理日期，如 2023-06-26。只用于演练环境；正式环境不填，以当天为准。
    """
    refused = "未执行"
    try:
        asked = asked_day(on)
        with open_office() as office:
            if office.rehearsal and not (asked or office.settings.today):
                return _not_moved()
            day = office.day(asked)
            with steps.one_run_at_a_time(office):
                handled = steps.is_handled(office, day)
                posted = _kept(await post_notices(office, day))
                refused = "未投递"
                handed = await deliver_messages(office, day)
                held_back = handed.in_full if isinstance(handed, CopyRefused) else ""
                tally = Tally() if isinstance(handed, CopyRefused) else _kept(handed)
                steps.close_run(office, posted.run_id)
            await publish_brief(office, day, posted)
            return _concluded(steps.result_of(posted, tally, "prefect", held_back), handled, nothing=tally == Tally())
    except FormRefused as error:
        return Failed(name="表单有误", message=error.in_full)
    except DubanError as error:
        return Failed(name=refused, message=in_words_of_forms(error.in_full))


# Tasks are numbered: the picture of a run draws no Chinese, and would name them by nothing.
@task(name="生成通知事项", task_run_name="1 生成通知事项", persist_result=False, cache_policy=NO_CACHE)
async def post_notices(office: Office, day: date) -> Posted | DubanError:
    """Posts what the watermark has not seen; a refusal is given as a value: see `_kept`."""
    try:
        return await asyncio.to_thread(steps.post_notices, office, day, "prefect")
    except DubanError as error:
        return error


@task(name="投递消息", task_run_name="2 投递消息", persist_result=False, cache_policy=NO_CACHE)
async def deliver_messages(office: Office, day: date) -> Tally | DubanError:
    """Hands over what the outbox holds; a refusal is given as a value: see `_kept`."""
    try:
        return await delivered(office, day)
    except DubanError as error:
        return error


@task(name="出具督办简报", task_run_name="3 出具督办简报", persist_result=False, cache_policy=NO_CACHE)
async def publish_brief(office: Office, day: date, posted: Posted) -> None:
    """Publishes the brief: a page for reading, and tables for searching. What was said stands without them."""
    try:
        brief = await asyncio.to_thread(steps.brief_of_day, office, day, posted.days)
        await acreate_markdown_artifact(brief_markdown(brief), key="brief", description=f"{day} 督办简报")
        await acreate_table_artifact(said_table(brief), key="said", description=f"{day} 已送达的通知事项")
        await acreate_table_artifact(unsaid_table(brief), key="unsaid", description=f"{day} 未送达的通知事项及原因")
        await acreate_table_artifact(
            coming_table(brief), key="next-five-days", description=f"{day} 之后五个工作日到期的时限"
        )
    except (DubanError, *NOT_SHOWN) as error:
        get_run_logger().error("已运行，但督办简报未能写入页面：%s", error)


def _kept(given: _Value | DubanError) -> _Value:
    """What a task gave. A refusal, which raised out of a task would fill the log with a traceback, is raised here."""
    if isinstance(given, DubanError):
        raise given
    return given


def _not_moved() -> State[Any]:
    """In a rehearsal people set the day: a run that knows none must not race to the real today."""
    return Completed(
        name="未推进",
        message="演练环境没有设定日期，本次未作任何办理。请在表单中填写 on，或设环境变量 DUBAN_TODAY。",
    )


def _concluded(result: DayResult, handled: bool, *, nothing: bool) -> State[Any]:
    """How the run ends: by name, in one line, and for the command line with its numbers. `nothing` was handed over."""
    numbers = asdict(result)
    if result.held_back:
        return Completed(name="已运行，未投递", message=in_words_of_forms(result.held_back), data=numbers)
    if (handled or not result.days) and not (result.notices or result.messages) and nothing:
        return Completed(name="已是最新", message=f"{result.on} 没有新的事项要办。", data=numbers)
    return Completed(name="已运行", message=_counted(result), data=numbers)


def _counted(result: DayResult) -> str:
    days = result.days
    covered = f"处理{len(days)}个工作日（{days[0]}至{days[-1]}）" if len(days) > 1 else f"处理{result.on}"
    fates = (("送达", result.accepted), ("结果不明", result.unknown), ("被拒收", result.rejected))
    handed = "、".join(f"{name}{number}封" for name, number in fates if number) or "没有消息送出"
    return f"{covered}：新增通知事项{result.notices}条，消息{result.messages}封；本次投递：{handed}。"
