"""The SQLModel tables, one file a family. Importing this package registers all of them; nothing is opened."""

from models.tables.activities import Activity
from models.tables.clocks import ClockOutcome, Deadline, SaidBefore
from models.tables.events import Event
from models.tables.home import Home, HomeMode, Lease, Snapshot
from models.tables.measures import (
    Cooperation,
    Cycle,
    Evidence,
    FeedbackProblem,
    ImportedRow,
    Measure,
    Milestone,
    Round,
)
from models.tables.news import News
from models.tables.outbox import Attempt, AttemptPhase, ChannelGate, Message, MessageState, Payload
from models.tables.parties import Party, RoundParty, SinglePersonException, StandInTerm
from models.tables.posting import Notice, Run, Unsaid

__all__ = [
    "Activity", "Attempt", "AttemptPhase", "ChannelGate", "ClockOutcome", "Cooperation", "Cycle", "Deadline", "Event",
    "Evidence", "FeedbackProblem", "Home", "HomeMode", "ImportedRow", "Lease", "Measure", "Message", "MessageState",
    "Milestone", "News", "Notice", "Party", "Payload", "Round", "RoundParty", "Run", "SaidBefore",
    "SinglePersonException", "Snapshot", "StandInTerm", "Unsaid",
]  # fmt: skip
