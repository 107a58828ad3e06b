"""check, review, follow-up, look-back, reopen: what supervision, leads and the head decide about a measure."""

from datetime import date
from typing import TYPE_CHECKING

import click

from duban.cli.acting import DUE_ON, EVIDENCE, MISSING, NO, act, act_on_those_or_all, who_options
from duban.cli.chinese import ChineseGroup
from duban.cli.options import Day, either

if TYPE_CHECKING:
    from flows.acting import Who


@click.command()
@NO
@either("pass", "核查通过。", "fail", "退回整改（须写理由）。")
@DUE_ON
@MISSING
@who_options
def check(no: str, passed: bool, due_on: date | None, missing: tuple[str, ...], who: "Who") -> int:
    """督查核查：通过，或退回整改。"""
    from models.handling.supervision_check import fail_check, pass_check

    if passed:
        _only_on_return(due_on, missing)
        return act(who, (no,), lambda session, ground, no, by, _: pass_check(session, ground, no, by))
    return act(
        who, (no,), lambda session, ground, no, by, _: fail_check(session, ground, no, by, due_on, missing)
    )  # fmt: skip


@click.group(cls=ChineseGroup)
def review() -> None:
    """销号审核：发起，或作出决定。"""


@review.command("open")
@click.argument("nos", nargs=-1, metavar="NO...")
@click.option("--all", "every", is_flag=True, help="对全部已核查通过的措施发起。")
@click.option(
    "--follow-up", default=None, metavar="INTERVAL", help="长期坚持的回头看间隔，如 6m、60wd；不给则按升级阶梯。"
)
@who_options
def review_open(nos: tuple[str, ...], every: bool, follow_up: str | None, who: "Who") -> int:
    """发起销号审核：材料不齐则全部列出，不发起。"""
    from models.errors import UsageRefused
    from models.handling.closure_review import open_review
    from models.lifecycle import State

    if every == bool(nos) or (every and follow_up):
        raise UsageRefused("请写明措施编号，或用 --all 对全部已核查通过的措施发起（不能与 --follow-up 同用）。")
    return act_on_those_or_all(
        who, nos, State.VERIFIED if every else None,
        lambda session, ground, no, by, _: open_review(session, ground, no, by, follow_up),
    )  # fmt: skip


@review.command("decide")
@NO
@either("approve", "同意销号。", "reject", "不予销号，退回整改（须写理由）。")
@DUE_ON
@MISSING
@who_options
def review_decide(no: str, passed: bool, due_on: date | None, missing: tuple[str, ...], who: "Who") -> int:
    """作出销号决定；重大措施须牵头领导和组长都同意。"""
    from models.handling.closure_review import approve, reject

    if passed:
        _only_on_return(due_on, missing)
        return act(who, (no,), lambda session, ground, no, by, _: approve(session, ground, no, by))
    return act(who, (no,), lambda session, ground, no, by, _: reject(session, ground, no, by, due_on, missing))


@click.group("follow-up", cls=ChineseGroup)
def follow_up() -> None:
    """回头看：责任单位报告，督办组核查。"""


@follow_up.command("report")
@NO
@click.option("--statement", required=True, help="回头看情况。")
@EVIDENCE
@who_options
def follow_up_report(no: str, statement: str, evidence: tuple[str, ...], who: "Who") -> int:
    """报告回头看情况，转督办组核查。"""
    from models.handling.follow_up import follow_up_report as report

    return act(
        who, (no,), lambda session, ground, no, by, files: report(session, ground, no, by, statement, files), evidence
    )  # fmt: skip


@follow_up.command("check")
@NO
@either("pass", "仍然保持，核查通过。", "fail", "发现反弹，重新整改（须写理由、附依据）。")
@DUE_ON
@MISSING
@who_options
def follow_up_check(no: str, passed: bool, due_on: date | None, missing: tuple[str, ...], who: "Who") -> int:
    """核查回头看：通过则开始计下一次；不通过则开始新的整改周期。"""
    from models.handling.follow_up import fail_follow_up
    from models.handling.follow_up import follow_up_check as pass_follow_up

    if passed:
        _only_on_return(due_on, missing)
        return act(who, (no,), lambda session, ground, no, by, _: pass_follow_up(session, ground, no, by))
    return act(
        who, (no,), lambda session, ground, no, by, _: fail_follow_up(session, ground, no, by, due_on, missing)
    )  # fmt: skip


@click.command("look-back")
@click.argument("nos", nargs=-1, metavar="NO...")
@click.option("--round", "round_code", default=None, metavar="CODE", help="对这一轮次全部已销号的措施开展。")
@click.option("--due-on", type=Day(), default=None, help="责任单位报告的时限；不给则按回头看间隔。")
@who_options
def look_back(nos: tuple[str, ...], round_code: str | None, due_on: date | None, who: "Who") -> int:
    """开展回头看：对已销号的措施（含上一轮次的）重新计回头看时限。"""
    from models.errors import UsageRefused
    from models.handling.follow_up import look_back as look_back_on

    if not nos and round_code is None:
        raise UsageRefused("请写明措施编号，或用 --round 选一个轮次。")
    nos = nos if round_code is None else _closed_of(round_code, nos)
    return act(who, nos, lambda session, ground, no, by, _: look_back_on(session, ground, no, by, due_on))


@click.command()
@NO
@DUE_ON
@who_options
def reopen(no: str, due_on: date | None, who: "Who") -> int:
    """重新整改：已销号的措施出现反弹，开始新的整改周期（须写理由、附依据）。"""
    from models.handling.follow_up import reopen as reopen_measure

    return act(who, (no,), lambda session, ground, no, by, _: reopen_measure(session, ground, no, by, due_on))


def _closed_of(round_code: str, nos: tuple[str, ...]) -> tuple[str, ...]:
    """Every closed measure of a round. Raises NotFound for a round that nobody imported."""
    from flows.acting import every_in
    from flows.office import open_office
    from models.errors import UsageRefused
    from models.lifecycle import State

    if nos:
        raise UsageRefused("--round 不能与措施编号同用。", "请写编号，或用 --round 选全轮次。")
    with open_office() as office:
        return every_in(office, State.CLOSED, round_code)


def _only_on_return(due_on: date | None, missing: tuple[str, ...]) -> None:
    from models.errors import UsageRefused

    if due_on or missing:
        raise UsageRefused("--due-on 和 --missing 只用于退回整改。", "请去掉，或改为退回。")
