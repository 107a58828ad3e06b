"""closure_review 销号审核: the flow by which supervision opens reviews, of one measure, several, or all that can be,
and by which lead and head decide them.

One run a form; one use case a measure, each on its own merits. Thin: what happens stands in lifecycle_flow.py.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.forms import ClosureReviewForm, ReviewStep
from flows.lifecycle_flow import Wish, carried_out, named
from models.handling.case import Done
from models.handling.closure_review import approve, open_review, reject
from models.lifecycle import State as Stands


@flow(name="closure-review", flow_run_name=named("销号审核"), persist_result=False, validate_parameters=False)
async def closure_review(form: ClosureReviewForm) -> State[Any]:
    """销号审核：督办组发起（材料不齐的列出所缺），牵头领导作出决定；重大措施须组长同时同意。"""
    return await carried_out(ClosureReviewForm, form, _wish, "closure-review")


def _wish(form: ClosureReviewForm) -> Wish:
    match form.step:
        case ReviewStep.OPEN:
            return Wish(
                lambda session, ground, no, by, _: open_review(session, ground, no, by, form.follow_up),
                "已发起审核", "不予发起", Stands.VERIFIED,
            )  # fmt: skip
        case ReviewStep.APPROVE:
            return Wish(
                lambda session, ground, no, by, _: approve(session, ground, no, by), _approved_zh, "不予销号"
            )  # fmt: skip
        case ReviewStep.REJECT:
            return Wish(
                lambda session, ground, no, by, _: reject(session, ground, no, by, form.due_on, form.missing),
                "已退回整改", "未退回",
            )  # fmt: skip


def _approved_zh(done: Done) -> str:
    """A major measure waits for its second signature; a sustained one is followed up."""
    return {Stands.CLOSED: "已销号", Stands.FOLLOWING_UP: "已销号转回头看"}.get(done.state, "待会签")
