"""The running clocks of each party that must act: what its calendar shows. Reads only, for all parties at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from models.answers.open_clocks import open_clocks, running
from models.lifecycle import Stage


@dataclass(frozen=True, slots=True)
class PartyClock:
    """A running clock. `changed` is the event since which it stands as it does, and grows with every change.

    `milestone` is the step of a milestone's clock. `unit` is the name of the responsible unit.
    """

    clock_id: int
    stage: Stage
    due_on: date
    changed: int
    no: str
    round_code: str
    text: str
    problem: str
    unit: str
    milestone: str


def clocks_by_party(connection: Connection, round_id: int | None = None) -> Mapping[str, tuple[PartyClock, ...]]:
    """Of every party, by code, its running clocks in the order of their dates; of one round, or of all."""
    found: dict[str, list[PartyClock]] = {}
    for one in running(open_clocks(connection, round_id)):
        shown = PartyClock(
            one.id, one.stage, one.due_on, one.changed, one.no, one.round_code, one.text, one.problem, one.unit,
            one.milestone,
        )  # fmt: skip
        found.setdefault(one.holder_code, []).append(shown)
    return {code: tuple(clocks) for code, clocks in found.items()}
