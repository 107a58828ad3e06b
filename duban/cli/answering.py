"""take-up, outcome, hand-over, withdraw: what the accountability and the general group do with a measure."""

from typing import TYPE_CHECKING

import click

from duban.cli.acting import NO, NOS, act, who_options
from models.outcome import Outcome

if TYPE_CHECKING:
    from flows.acting import Who

OUTCOMES = {word: outcome for outcome in Outcome for word in (outcome.zh, outcome.value)}


@click.command("take-up")
@NOS
@who_options
def take_up(nos: tuple[str, ...], who: "Who") -> int:
    """问责受理：受理问责提请，此后不再重复提请，开始计处理时限。"""
    from models.handling.accountability import take_up as take_up_measure

    return act(who, nos, lambda session, ground, no, by, _: take_up_measure(session, ground, no, by))


@click.command()
@NO
@click.option("--outcome", "result", type=click.Choice(list(OUTCOMES)), required=True,
              help="处理结果：谈话、约谈、通报、组织处理或处分、免于问责、其他。")  # fmt: skip
@who_options
def outcome(no: str, result: str, who: "Who") -> int:
    """登记处理结果（用 --reason 写明处理情况）。"""
    from models.handling.accountability import record_outcome

    found = OUTCOMES[result]
    return act(who, (no,), lambda session, ground, no, by, _: record_outcome(session, ground, no, by, found))


@click.command("hand-over")
@NO
@click.option("--unit", default=None, metavar="PARTY", help="改派给哪个责任单位（代码或名称）。")
@click.option("--lead", default=None, metavar="PARTY", help="改由哪位牵头领导负责（代码或名称）。")
@who_options
def hand_over(no: str, unit: str | None, lead: str | None, who: "Who") -> int:
    """改派：换责任单位或牵头领导，在计的时限随之转移（须写理由）。"""
    from models.handling.reassignment import hand_over as hand_over_measure

    return act(
        who, (no,), lambda session, ground, no, by, _: hand_over_measure(session, ground, no, by, unit, lead)
    )  # fmt: skip


@click.command()
@NOS
@who_options
def withdraw(nos: tuple[str, ...], who: "Who") -> int:
    """作废：措施不再办理，全部时限作废（须写理由）。"""
    from models.handling.reassignment import withdraw as withdraw_measure

    return act(who, nos, lambda session, ground, no, by, _: withdraw_measure(session, ground, no, by))
