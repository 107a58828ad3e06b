"""self_check 自查上报: the flow by which a unit hands in what it has done, with its evidence.

One run a form, one use case. Thin: the form stands in forms.py, what happens in lifecycle_flow.py.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.forms import SelfCheckForm
from flows.lifecycle_flow import Wish, carried_out, named
from models.handling.rectification import submit_self_check


@flow(name="self-check", flow_run_name=named("自查上报"), persist_result=False, validate_parameters=False)
async def self_check(form: SelfCheckForm) -> State[Any]:
    """自查上报：责任单位说明整改情况，附佐证材料，转督办组核查。"""
    return await carried_out(SelfCheckForm, form, _wish, "self-check")


def _wish(form: SelfCheckForm) -> Wish:
    return Wish(
        lambda session, ground, no, by, files: submit_self_check(session, ground, no, by, form.statement, files),
        "已上报", "未上报", evidence=form.evidence,
    )  # fmt: skip
