"""assignment 交办: the flow by which the general group hands measures out, and a unit says that it has one.

One run a form; one use case a measure. Thin: the form stands in forms.py, what happens in lifecycle_flow.py.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.forms import AssignmentForm, AssignmentStep
from flows.lifecycle_flow import Wish, carried_out, named
from models.handling.assignment import Filling, accept, assign
from models.lifecycle import State as Stands


@flow(name="assignment", flow_run_name=named("交办"), persist_result=False, validate_parameters=False)
async def assignment(form: AssignmentForm) -> State[Any]:
    """交办：综合组交办措施，或责任单位签收。签收和整改的时限从交办之日起计。"""
    return await carried_out(AssignmentForm, form, _wish, "assignment")


def _wish(form: AssignmentForm) -> Wish:
    match form.step:
        case AssignmentStep.ASSIGN:
            closure = form.closure.closure if form.closure else None
            filling = Filling(form.unit, form.lead, form.cooperating, closure)
            return Wish(
                lambda session, ground, no, by, _: assign(session, ground, no, by, form.due_on, filling),
                "已交办", "未交办", Stands.DRAFTED,
            )  # fmt: skip
        case AssignmentStep.ACCEPT:
            return Wish(lambda session, ground, no, by, _: accept(session, ground, no, by), "已签收", "未签收")
