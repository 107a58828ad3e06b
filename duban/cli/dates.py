"""extend, set-limit, hold, resume: when and how the dates of a measure move."""

from datetime import date
from typing import TYPE_CHECKING

import click

from duban.cli.acting import NO, NOS, act, who_options
from duban.cli.chinese import ChineseGroup
from duban.cli.options import Day, either

if TYPE_CHECKING:
    from flows.acting import Who


@click.group(cls=ChineseGroup)
def extend() -> None:
    """延期：责任单位申请，牵头领导审批。"""


@extend.command("ask")
@NO
@click.option("--until", type=Day(), required=True, help="申请延至哪一天。")
@who_options
def extend_ask(no: str, until: date, who: "Who") -> int:
    """申请延期：须在时限之前提出，每个整改周期一次（须写理由）。"""
    from models.handling.extension import ask_extension

    return act(who, (no,), lambda session, ground, no, by, _: ask_extension(session, ground, no, by, until))


@extend.command("decide")
@NO
@either("grant", "同意延期（须写理由）。", "refuse", "不予延期（须写理由）。")
@who_options
def extend_decide(no: str, passed: bool, who: "Who") -> int:
    """审批延期。"""
    from models.handling.extension import decide_extension

    return act(who, (no,), lambda session, ground, no, by, _: decide_extension(session, ground, no, by, passed))


@click.command("set-limit")
@NO
@click.option("--due-on", type=Day(), required=True, help="新的整改时限。")
@who_options
def set_limit(no: str, due_on: date, who: "Who") -> int:
    """重定时限：时限已过，牵头领导另定日期（须写理由）。"""
    from models.handling.extension import set_new_limit

    return act(who, (no,), lambda session, ground, no, by, _: set_new_limit(session, ground, no, by, due_on))


@click.command()
@NOS
@who_options
def hold(nos: tuple[str, ...], who: "Who") -> int:
    """挂起：暂停该措施的全部时限（须写理由）。"""
    from models.handling.holding import hold as hold_measure

    return act(who, nos, lambda session, ground, no, by, _: hold_measure(session, ground, no, by))


@click.command()
@NOS
@who_options
def resume(nos: tuple[str, ...], who: "Who") -> int:
    """恢复：按挂起时剩余的工作日重新起算（须写理由）。"""
    from models.handling.holding import resume as resume_measure

    return act(who, nos, lambda session, ground, no, by, _: resume_measure(session, ground, no, by))
