"""A delivery that Prefect's page can follow: it goes on in a thread, while a progress artifact shows how far it is.

Used by the flows that deliver. Prefect only shows: where it cannot, the delivery goes on all the same.
"""

import asyncio
from datetime import date
from uuid import UUID

from httpx import HTTPError
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from flows import steps
from flows.office import Office
from notifications.delivery import Tally

NOT_SHOWN = (HTTPError, PrefectException)
"""What an artifact that could not be written ends with."""
_EVERY_S = 1.0


async def delivered(office: Office, day: date) -> Tally:
    """Hands over what the outbox holds. Raises whatever the delivery raises."""
    waiting, done, waits = steps.waiting_messages(office), 0, ""

    def told(ended: int, waits_for: str) -> None:
        nonlocal done, waits
        done, waits = done + ended, waits_for

    delivering = asyncio.create_task(asyncio.to_thread(steps.deliver_messages, office, day, told))
    what = f"{day} 消息投递，共{waiting}封"
    artifact = await _started(what) if waiting else None
    while artifact and not (await asyncio.wait({delivering}, timeout=_EVERY_S))[0]:
        await _showing(artifact, min(99.0, 100.0 * done / waiting), f"{what}；{waits}" if waits else what)
    tally = await delivering
    if artifact:
        await _showing(artifact, 100.0, what)
    return tally


async def _started(description: str) -> UUID | None:
    try:
        return await acreate_progress_artifact(0.0, key="delivery", description=description)
    except NOT_SHOWN as error:
        get_run_logger().warning("投递照常进行，但进度未能显示：%s", error)
        return None


async def _showing(artifact: UUID, progress: float, description: str) -> None:
    try:
        await aupdate_progress_artifact(artifact, progress=progress, description=description)
    except NOT_SHOWN as error:
        get_run_logger().warning("投递照常进行，但进度未能更新：%s", error)
