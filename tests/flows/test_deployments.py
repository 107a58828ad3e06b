"""The table of deployments, as Prefect is told it: names, entrypoints, times, triggers. No server is needed."""

import asyncio
from datetime import datetime, time, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from config.clock import OFFICE_ZONE
from config.service import DailyTimes, DeliverTimes, Service

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

pytestmark = pytest.mark.prefect

NAMES = {
    "assignment/交办",
    "self-check/自查上报",
    "supervision-check/督查核查",
    "closure-review/销号审核",
    "follow-up/回头看",
    "daily-run/日常运行",
    "deliver/投递",
}


@pytest.fixture(scope="module")
def told() -> "dict[str, RunnerDeployment]":
    return deployments_of(Service())


def deployments_of(service: Service) -> "dict[str, RunnerDeployment]":
    from flows.deployments import deployments

    return {one.full_name: one for one in asyncio.run(deployments(service))}


def crons(deployment: "RunnerDeployment") -> list[tuple[Any, ...]]:
    schedules: list[Any] = deployment.schedules or []
    return [(one.schedule.cron, one.schedule.timezone, one.active) for one in schedules]


def test_every_flow_is_deployed_under_its_chinese_name(told: "dict[str, RunnerDeployment]") -> None:
    assert set(told) == NAMES
    assert all(one.description for one in told.values())


def test_entrypoints_are_modules_so_that_no_flow_is_imported_twice(told: "dict[str, RunnerDeployment]") -> None:
    for one in told.values():
        module, _, function = str(one.entrypoint).rpartition(".")
        assert getattr(import_module(module), function).name == one.flow_name


def test_times_come_from_the_settings_and_only_two_have_any(told: "dict[str, RunnerDeployment]") -> None:
    found = {name: crons(one) for name, one in told.items() if one.schedules}
    assert found == {
        "daily-run/日常运行": [("30 8 * * *", OFFICE_ZONE, True)],
        "deliver/投递": [("*/5 7-19 * * *", OFFICE_ZONE, True)],
    }
    other = deployments_of(Service(daily=DailyTimes(time(6, 0)), deliver=DeliverTimes(30, 0, 24)))
    assert crons(other["daily-run/日常运行"]) == [("0 6 * * *", OFFICE_ZONE, True)]
    assert crons(other["deliver/投递"]) == [("*/30 0-23 * * *", OFFICE_ZONE, True)]


def test_a_pause_of_the_office_makes_the_schedule_inactive() -> None:
    paused = deployments_of(Service(daily=DailyTimes(paused=True), deliver=DeliverTimes(paused=True)))
    assert crons(paused["daily-run/日常运行"]) == [("30 8 * * *", OFFICE_ZONE, False)]
    assert crons(paused["deliver/投递"]) == [("*/5 7-19 * * *", OFFICE_ZONE, False)]


def test_of_daily_runs_and_of_deliveries_one_waits_for_the_other(told: "dict[str, RunnerDeployment]") -> None:
    limits = {name: one.concurrency_limit for name, one in told.items() if one.concurrency_limit}
    assert limits == {"daily-run/日常运行": 1, "deliver/投递": 1}
    for name in limits:
        options = told[name].concurrency_options
        assert options is not None
        assert options.collision_strategy == "ENQUEUE"


def test_each_step_of_the_lifecycle_can_be_asked_for_by_an_event(told: "dict[str, RunnerDeployment]") -> None:
    steps = {name: one for name, one in told.items() if one.triggers}
    assert set(steps) == NAMES - {"daily-run/日常运行", "deliver/投递"}
    for name, one in steps.items():
        (trigger,) = one.triggers
        flow = name.partition("/")[0].replace("-", "_")
        assert getattr(trigger, "expect", None) == {f"duban.request.{flow}"}
        assert list(getattr(trigger, "parameters", None) or {}) == ["form"]
        assert not one.enforce_parameter_schema, "a wrong form ends as a run that says so in Chinese"


@pytest.mark.parametrize("every", [1, 5, 7, 25, 59])
def test_the_next_delivery_that_people_are_told_is_when_the_cron_says(every: int) -> None:
    from prefect.server.schemas.schedules import CronSchedule

    times = DeliverTimes(every, 7, 9)
    now = datetime.fromisoformat("2023-06-26T06:59:00+08:00")
    cron = CronSchedule(cron=times.cron, timezone=OFFICE_ZONE)
    for due in asyncio.run(cron.get_dates(130, start=now + timedelta(seconds=1))):
        now = times.next_due(now)
        assert now == due
