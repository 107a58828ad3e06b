"""follow_up 回头看: the flow by which it is seen whether what was closed still holds.

The unit reports, supervision checks; also opens a follow-up on what was closed before, and begins anew what was not
settled. One run a form, one use case. Thin: what happens stands in lifecycle_flow.py.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.forms import FollowUpForm, FollowUpStep
from flows.lifecycle_flow import Wish, carried_out, named
from models.handling.follow_up import fail_follow_up, follow_up_check, follow_up_report, look_back, reopen


@flow(name="follow-up", flow_run_name=named("回头看"), persist_result=False, validate_parameters=False)
async def follow_up(form: FollowUpForm) -> State[Any]:
    """回头看：责任单位报告，督办组核查；也用于开展回头看和重新整改。"""
    return await carried_out(FollowUpForm, form, _wish, "follow-up")


def _wish(form: FollowUpForm) -> Wish:
    match form.step:
        case FollowUpStep.REPORT:
            return Wish(
                lambda session, ground, no, by, files: follow_up_report(session, ground, no, by, form.statement, files),
                "已报告", "未报告", evidence=form.evidence,
            )  # fmt: skip
        case FollowUpStep.PASS:
            return Wish(
                lambda session, ground, no, by, _: follow_up_check(session, ground, no, by), "核查通过", "未核查"
            )  # fmt: skip
        case FollowUpStep.FAIL:
            return Wish(
                lambda session, ground, no, by, _: fail_follow_up(session, ground, no, by, form.due_on, form.missing),
                "已退回重新整改", "未退回",
            )  # fmt: skip
        case FollowUpStep.LOOK_BACK:
            return Wish(
                lambda session, ground, no, by, _: look_back(session, ground, no, by, form.due_on),
                "已开展回头看", "未开展",
            )  # fmt: skip
        case FollowUpStep.REOPEN:
            return Wish(
                lambda session, ground, no, by, _: reopen(session, ground, no, by, form.due_on),
                "已重新整改", "未重新整改",
            )  # fmt: skip
