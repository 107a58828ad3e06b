"""The tables as SQLAlchemy Core knows them, for statements over many rows. The models stay the one definition."""

from typing import cast

from sqlalchemy import Table
from sqlmodel import SQLModel

from models.tables import (
    Activity,
    Attempt,
    ChannelGate,
    Cooperation,
    Cycle,
    Deadline,
    Event,
    Evidence,
    FeedbackProblem,
    Home,
    Lease,
    Measure,
    Message,
    Milestone,
    News,
    Notice,
    Party,
    Payload,
    Round,
    RoundParty,
    Run,
    Snapshot,
)


def _core(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


ACTIVITY = _core(Activity)
ATTEMPT = _core(Attempt)
CHANNEL_GATE = _core(ChannelGate)
COOPERATION = _core(Cooperation)
CYCLE = _core(Cycle)
DEADLINE = _core(Deadline)
EVENT = _core(Event)
EVIDENCE = _core(Evidence)
FEEDBACK_PROBLEM = _core(FeedbackProblem)
HOME = _core(Home)
LEASE = _core(Lease)
MEASURE = _core(Measure)
MESSAGE = _core(Message)
MILESTONE = _core(Milestone)
NEWS = _core(News)
NOTICE = _core(Notice)
PARTY = _core(Party)
PAYLOAD = _core(Payload)
ROUND = _core(Round)
ROUND_PARTY = _core(RoundParty)
RUN = _core(Run)
SNAPSHOT = _core(Snapshot)
