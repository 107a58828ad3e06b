"""What the five lifecycle flows share: read the form, act on each measure, show what came of it, end in a named state.

Runs inside a Prefect run. A broken form or rule is returned as a named Failed state, never raised, so that the page
shows one Chinese sentence. What the steps mean stands in models/handling; flows/acting.py carries them out.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from httpx import HTTPError
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from sqlmodel import Session

from flows.acting import Act, Refused, Who, act, every_in
from flows.announcing import Related
from flows.artifact_keys import measure_key
from flows.forms import AForm, EvidenceFile, Form, in_words_of_forms, read_form, title_of
from flows.inbox import laid_ready
from flows.office import Office, open_office
from models import lifecycle
from models.errors import DubanError, FormRefused
from models.evidence import HandedIn
from models.handling.case import Done, find_measure
from models.store import board
from notifications.reports.measure_page import measure_page

MOST_PAGES = 200
"""Measures whose pages one run brings up to date; the others' follow with their next action."""
_NAME_SHOWN = 60

Came = tuple[str, Done | Refused]
"""The number of a measure as it was asked for, and what came of it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for: the use case, how its success is called, and how a refusal is.

    `waiting` is the state of the measures that "all" means.
    """

    act: Act
    done_zh: str | Callable[[Done], str]
    refused_zh: str
    waiting: lifecycle.State | None = None
    evidence: tuple[EvidenceFile, ...] = ()


def named(title: str) -> Callable[[], str]:
    """Names a run by what it is about: 销号审核 1-2（同意销号）, also where the form is broken."""

    def name() -> str:
        whole = f"{title} {title_of(flow_run.parameters.get('form'))}"
        return whole if len(whole) <= _NAME_SHOWN else f"{whole[: _NAME_SHOWN - 1]}…"

    return name


async def carried_out(kind: type[AForm], given: object, wish_of: Callable[[AForm], Wish], table: str) -> State[Any]:
    """Does what the form asks for, and says what came of it. `table` is the key of the table of several measures."""
    try:
        form = read_form(kind, given)
    except FormRefused as refused:
        return Failed(name="表单有误", message=f"{refused.zh}{refused.cure}")
    wish = wish_of(form)
    try:
        with open_office(related=_this_run()) as office:
            came = await asyncio.to_thread(_act, office, form, wish)
            await _show(office, came, table)
    except DubanError as error:
        return Failed(name=wish.refused_zh, message=_sentence(error))
    return _concluded(came, wish)


def _act(office: Office, form: Form, wish: Wish) -> list[Came]:
    nos = every_in(office, wish.waiting) if form.wants_every and wish.waiting else form.nos
    basis = laid_ready(office.settings.inbox, form.basis) if form.basis else None
    who = Who(form.by, form.as_party, form.on, form.reason, form.version, form.recorded_by, basis)
    files = [HandedIn(laid_ready(office.settings.inbox, one.file), one.kind.kind) for one in wish.evidence]
    return list(act(office, who, nos, wish.act, files))


async def _show(office: Office, came: Sequence[Came], table: str) -> None:
    """Brings the pages of the measures up to date. What was decided stands, whether it can be shown or not."""
    try:
        if len(came) > 1:
            await acreate_table_artifact([_row(*one) for one in came], key=table, description="办理情况")
        pages = await asyncio.to_thread(_pages, office, [no for no, one in came if isinstance(one, Done)])
        for key, title, page in pages:
            await acreate_markdown_artifact(page, key=key, description=title)
    except (DubanError, HTTPError, PrefectException) as error:
        get_run_logger().error("已办理，但页面未能更新：%s", error)


def _pages(office: Office, nos: Sequence[str]) -> list[tuple[str, str, str]]:
    """Key, title and text of each measure's page."""
    pages, today = [], office.come_to()
    with office.store.reading() as connection, Session(connection) as session:
        for no in nos[:MOST_PAGES]:
            measure_id = find_measure(session, no).id
            assert measure_id
            row = board.measure(connection, measure_id)
            page = measure_page(connection, measure_id, office.calendar, today, rehearsal=office.rehearsal)
            pages.append((measure_key(connection, row), f"措施{row.no} {lifecycle.STATE_ZH[row.state]}", page))
    return pages


def _row(no: str, came: Done | Refused) -> dict[str, Any]:
    if isinstance(came, Refused):
        return {"措施": no, "结果": "未办理", "状态": "", "说明": _sentence(came.error)}
    return {"措施": no, "结果": "已办理", "状态": lifecycle.STATE_ZH[came.state], "说明": _told(came)}


def _concluded(came: Sequence[Came], wish: Wish) -> State[Any]:
    """How the run ends: as the step's success where all went well, as its refusal where nothing did."""
    done = [one for _, one in came if isinstance(one, Done)]
    refused = [one for _, one in came if isinstance(one, Refused)]
    if not came:
        return Completed(name="无待办理", message="没有待办理的措施。")
    told = "；".join(dict.fromkeys(_sentence(one.error).rstrip("。") for one in refused))
    if not done:
        return Failed(name=wish.refused_zh, message=f"{told}。")
    names = dict.fromkeys(wish.done_zh if isinstance(wish.done_zh, str) else wish.done_zh(one) for one in done)
    if len(came) == 1:
        return Completed(name="、".join(names), message=_message(done[0]))
    counted = f"{'、'.join(names)}：{len(done)}项"
    if not refused:
        return Completed(name="、".join(names), message=f"{counted}。")
    return Completed(name="部分办理", message=f"{counted}；未办理{len(refused)}项：{told}。")


def _message(done: Done) -> str:
    state = f"措施{done.no}：{lifecycle.STATE_ZH[done.state]}（第{done.version}版）。"
    return f"{state}{_told(done)}"


def _told(done: Done) -> str:
    """What must not go unseen: notes, who will hear of it, and who cannot."""
    return "".join((*done.notes, *done.told.sentences))


def _sentence(error: DubanError) -> str:
    return in_words_of_forms(error.in_full)


def _this_run() -> tuple[Related, ...]:
    """The flow run as Prefect's events name it."""
    if not flow_run.id:
        return ()
    return (
        {
            "prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
            "prefect.resource.role": "flow-run",
            "prefect.resource.name": flow_run.name or "",
        },
    )
