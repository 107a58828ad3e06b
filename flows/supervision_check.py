"""supervision_check 督查核查: the flow by which supervision passes what a unit handed in, or sends it back.

One run a form, one use case. Thin: the form stands in forms.py, what happens in lifecycle_flow.py.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.forms import CheckStep, SupervisionCheckForm
from flows.lifecycle_flow import Wish, carried_out, named
from models.handling.supervision_check import fail_check, pass_check


@flow(name="supervision-check", flow_run_name=named("督查核查"), persist_result=False, validate_parameters=False)
async def supervision_check(form: SupervisionCheckForm) -> State[Any]:
    """督查核查：督办组核查自查上报的措施，通过或退回整改。"""
    return await carried_out(SupervisionCheckForm, form, _wish, "supervision-check")


def _wish(form: SupervisionCheckForm) -> Wish:
    match form.step:
        case CheckStep.PASS:
            return Wish(lambda session, ground, no, by, _: pass_check(session, ground, no, by), "核查通过", "未核查")
        case CheckStep.FAIL:
            return Wish(
                lambda session, ground, no, by, _: fail_check(session, ground, no, by, form.due_on, form.missing),
                "已退回整改", "未退回",
            )  # fmt: skip
