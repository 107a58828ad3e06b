"""prefect.yaml says to workers what flows/deployments.py says to `duban serve`. No server is needed."""

import asyncio
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from config.service import Service

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).parents[2]


@cache
def written() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    return document


def lines() -> dict[str, dict[str, Any]]:
    """The deployments of prefect.yaml by name."""
    return {str(line["name"]): line for line in written()["deployments"]}


@pytest.fixture(scope="module")
def served() -> "dict[str, RunnerDeployment]":
    from flows.deployments import deployments

    return {one.name: one for one in asyncio.run(deployments(Service()))}


def test_it_names_the_deployments_that_are_served_in_their_order_and_each_once() -> None:
    from flows.deployments import TABLE

    named = [(line["name"], line["entrypoint"], line["description"]) for line in written()["deployments"]]
    assert named == [(served.name, served.entrypoint, served.meaning) for served in TABLE]


def test_runs_go_to_the_process_pool_and_fetch_no_code() -> None:
    assert {tuple(line["work_pool"].items()) for line in lines().values()} == {(("name", "duban-process"),)}
    assert written()["pull"] == []  # left out, it would be the folder of whoever deploys
    assert not any("pull" in line for line in lines().values())


def test_times_and_limits_are_those_of_the_service(served: "dict[str, RunnerDeployment]") -> None:
    for name, line in lines().items():
        schedules = [
            {"cron": one.schedule.cron, "timezone": one.schedule.timezone, "active": one.active}  # type: ignore[union-attr]
            for one in served[name].schedules or []
        ]
        limit, options = served[name].concurrency_limit, served[name].concurrency_options
        alone = {"limit": limit, "collision_strategy": options.collision_strategy.value} if limit and options else None
        assert (line.get("schedules", []), line.get("concurrency_limit")) == (schedules, alone), name


def test_a_wrong_form_is_left_to_the_flow(served: "dict[str, RunnerDeployment]") -> None:
    for name, line in lines().items():
        assert line["enforce_parameter_schema"] is served[name].enforce_parameter_schema is False, name
        assert line.get("parameters", {}) == served[name].parameters, name


def test_steps_are_asked_for_by_the_same_events(served: "dict[str, RunnerDeployment]") -> None:
    from prefect.events import DeploymentEventTrigger

    for name, line in lines().items():
        triggers = [DeploymentEventTrigger.model_validate(trigger) for trigger in line.get("triggers", [])]
        assert triggers == served[name].triggers, name


def test_the_automation_of_the_how_to_page_is_one_that_prefect_reads() -> None:
    from prefect.automations import Automation

    page = (ROOT / "docs" / "how-to" / "workers.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(name: .*?)^```$", page, re.MULTILINE | re.DOTALL)
    automation = Automation.model_validate(yaml.safe_load(shown))
    assert getattr(automation.trigger, "expect", None) == {"prefect.flow-run.*"}, "names of states are Chinese"
    assert [action.type for action in automation.actions] == ["change-flow-run-state"]
