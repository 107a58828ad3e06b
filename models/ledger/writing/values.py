"""What an exported ledger says: its measures as they stand on a day, and the lists that go with it. PURE.

Filled by models/answers/ledger, laid out by layout.py and annexes.py. Nothing is made fit for a cell here.
"""

from dataclasses import dataclass
from datetime import date

from models.ladder import Colour
from models.lifecycle import Action, ClosureClass, Stage, State
from models.rehearsal import REHEARSAL_MARK


@dataclass(frozen=True, slots=True)
class LedgerMeasure:
    """A measure. Parties are written so that the importer knows them again; "" for none.

    `stage`, `holder` (a name) and `due_on` are of its most pressing clock, `days` working days to that date, `colour`
    that of the rung it stands on; of a held measure none. `provisional`: the date rests on days not announced yet.
    """

    no: str
    problem: str
    text: str
    part_of: str
    lead: str
    unit: str
    cooperating: str
    limit: str
    closure: ClosureClass
    major: bool
    state: State
    held: bool = False
    stage: Stage | None = None
    holder: str = ""
    due_on: date | None = None
    days: int | None = None
    provisional: bool = False
    colour: Colour | None = None
    percent: int | None = None
    progress: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One action on a measure, for a list of returns, extensions or follow-ups.

    `by` is the name of the party, `person` that of who acted for it; `said` the statement or reason, `missing` what
    was found lacking. `old` and `new` are the dates before and after; `granted` an answer to a request.
    """

    no: str
    text: str
    unit: str
    on_day: date
    action: Action
    by: str
    person: str
    said: str = ""
    missing: tuple[str, ...] = ()
    old: date | None = None
    new: date | None = None
    granted: bool | None = None


@dataclass(frozen=True, slots=True)
class ExtensionCase:
    """A request for a later date with its answer, or a date set anew. `open`: the answer is still to come."""

    asked: Deed
    answered: Deed | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """A message: to whom, of which kind and in which state (Chinese), when it arrived, how often it was tried, and who
    signed for it and when. `why` is what the channel answered.
    """

    number: int
    on_day: date
    party: str
    kind: str
    state: str
    accepted_on: date | None
    attempts: int
    ambiguous: int
    received_on: date | None
    received_by: str
    why: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenLedger:
    """The ledger of one round as it stands on a day. `withdrawn` are measures with the deed that ended them."""

    round_code: str
    round_name: str
    feedback_on: date
    on_day: date
    rehearsal: bool
    measures: tuple[LedgerMeasure, ...]
    withdrawn: tuple[tuple[LedgerMeasure, Deed | None], ...] = ()
    returns: tuple[Deed, ...] = ()
    extensions: tuple[ExtensionCase, ...] = ()
    follow_ups: tuple[Deed, ...] = ()
    messages: tuple[WrittenMessage, ...] = ()

    @property
    def title(self) -> str:
        """The heading of the ledger."""
        name = self.round_name.removesuffix("台账")
        return f"{REHEARSAL_MARK if self.rehearsal else ''}{name}台账"

    @property
    def problems(self) -> int:
        return len({one.problem for one in self.measures})
