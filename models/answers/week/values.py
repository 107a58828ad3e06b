"""What a weekly brief knows. Read in reading.py, worded in notifications/reports/weekly.

A clock that is held does not run: it is neither due nor overdue. Days are working days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from models.answers.week.colours import Meaning
from models.days_spent import Holder
from models.ladder import Colour, MessageKind, NoticeKind
from models.lifecycle import Role, Stage
from models.news import NewsKind
from models.store.board import ExceptionRow
from models.tables import MessageState, Unsaid


@dataclass(frozen=True, slots=True)
class Span:
    """A week, from its Monday to its Sunday."""

    first: date
    last: date

    @classmethod
    def holding(cls, day: date) -> "Span":
        first = day - timedelta(days=day.weekday())
        return cls(first, first + timedelta(days=6))

    @property
    def next(self) -> "Span":
        return Span.holding(self.last + timedelta(days=1))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class RoundNamed:
    """The round a brief is about."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MeasureNamed:
    """A measure as a list names it. `unit` is a name, 未定 where a draft has none yet."""

    no: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class UnitWeek:
    """How the measures of one unit stand; withdrawn ones count nowhere.

    Every live measure 在办 is in exactly one of `colours` (by its most pressing clock), `uncoloured` (that clock has
    reached no rung yet), `held` and `drafted`. Of those `following_up` are done and watched, the others are open
    未销号; `closed` are done and live no more. `late` live measures have an overdue clock, `late_itself` one that
    their unit must act on; overdue clocks of closed measures are in neither, see `WeekFacts.overdue_of_closed`.
    `days` are those of its live measures since they were assigned, by who had them.
    """

    name: str
    colours: Mapping[Colour, int]
    uncoloured: int
    held: int
    drafted: int
    following_up: int
    closed: int
    late: int
    late_itself: int
    days: Mapping[Holder, int]

    @property
    def live(self) -> int:
        """Those for which somebody can still do something."""
        return sum(self.colours.values()) + self.uncoloured + self.held + self.drafted

    @property
    def open(self) -> int:
        """Those whose closure was not approved yet, as a progress report and a burn-down count them."""
        return self.live - self.following_up

    @property
    def done(self) -> int:
        """Those whose closure was approved and stands, looked back on or not."""
        return self.closed + self.following_up

    @classmethod
    def total(cls, units: Iterable["UnitWeek"]) -> "UnitWeek":
        """All of them together."""
        units = list(units)
        return cls(
            name="合计",
            colours={colour: sum(unit.colours.get(colour, 0) for unit in units) for colour in Colour},
            uncoloured=sum(unit.uncoloured for unit in units),
            held=sum(unit.held for unit in units),
            drafted=sum(unit.drafted for unit in units),
            following_up=sum(unit.following_up for unit in units),
            closed=sum(unit.closed for unit in units),
            late=sum(unit.late for unit in units),
            late_itself=sum(unit.late_itself for unit in units),
            days={holder: sum(unit.days.get(holder, 0) for unit in units) for holder in Holder},
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A running clock. `days` are left where positive, late where negative; `rest`: its date is no working day;
    `provisional`: a holiday notice to come may change what was counted."""

    measure: MeasureNamed
    stage: Stage
    milestone: str
    holder: str
    due_on: date
    first_due_on: date
    days: int
    rest: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The last day on which notices of a clock were accepted, by whose channels, and under which due date."""

    on: date
    due_on: date
    kind: NoticeKind
    parties: tuple[str, ...]


class Answer(StrEnum):
    """What came of a request for more time. `LAPSED`: nobody answered before it fell away."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    SET = "set"  # the lead's own date, asked for or not


@dataclass(frozen=True, slots=True)
class Extension:
    """The last that was asked or decided about the completion date in this cycle: the date, what, and on which day."""

    until: date
    answer: Answer
    on: date


@dataclass(frozen=True, slots=True)
class Overdue:
    """An overdue clock. `told` None: nobody has been told yet. `days`: of its measure, by who had it.

    `of_closed`: its measure is closed; what runs is the answer for having been late 问责, which no closure undoes.
    """

    clock: Due
    told: Told | None
    extension: Extension | None
    days: Mapping[Holder, int]
    of_closed: bool = False


class Move(StrEnum):
    """What may happen to a measure in a week."""

    CLOSED = "closed"
    SUSTAINED = "sustained"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    GRANTED = "granted"
    REFUSED = "refused"
    REDATED = "redated"
    REOPENED = "reopened"
    LOOKED_BACK = "looked_back"
    FOLLOWED_UP = "followed_up"
    HELD = "held"
    RESUMED = "resumed"
    HANDED_OVER = "handed_over"
    TAKEN_UP = "taken_up"
    OUTCOME = "outcome"
    WITHDRAWN = "withdrawn"


MOVE_ZH: Mapping[Move, str] = MappingProxyType({
    Move.CLOSED: "销号", Move.SUSTAINED: "转入长期坚持", Move.SUBMITTED: "自查上报", Move.RETURNED: "退回整改",
    Move.GRANTED: "同意延期", Move.REFUSED: "不予延期", Move.REDATED: "重定时限", Move.REOPENED: "重新整改",
    Move.LOOKED_BACK: "开展回头看", Move.FOLLOWED_UP: "回头看核查通过",
    Move.HELD: "挂起", Move.RESUMED: "恢复", Move.HANDED_OVER: "改派", Move.TAKEN_UP: "问责受理",
    Move.OUTCOME: "问责处理结果", Move.WITHDRAWN: "作废",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that happened in the week. `by`: the name of the party that did it. `due_on`: the date that now
    holds, where one was set."""

    measure: MeasureNamed
    move: Move
    on: date
    by: str
    reason: str
    outcome: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Untold:
    """One notice or news that did not reach its party, or has not yet, and why: it is in no message (`why` is
    an Unsaid), or its message stands so (a MessageState), with what the channel answered."""

    party: str
    role: Role
    measure: str
    what: NoticeKind | NewsKind
    on: date
    why: Unsaid | MessageState
    message: int | None = None
    kind: MessageKind | None = None
    code: str = ""
    reason: str = ""

    @property
    def waits(self) -> bool:
        """Whether its message is still to leave, by itself."""
        return self.why in _STILL_TO_LEAVE


_STILL_TO_LEAVE = frozenset({
    MessageState.PLANNED, MessageState.LEASED, MessageState.HANDING_OVER, MessageState.RETRY_WAIT,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """The week of one round, as it stands on `day`.

    `colours` are the policy's, gravest first, with where each begins. `due` falls in this week, whether that day is
    past or to come, `due_next` in the next. `run_until` is the last day that a daily run has handled.

    `overdue` has every overdue clock, also those of closed measures, which are in no unit's `live` nor `late`: a sum
    over the units and a count of `overdue` agree only where `overdue_of_closed` is told apart.
    """

    round: RoundNamed
    day: date
    span: Span
    colours: tuple[Meaning, ...]
    units: tuple[UnitWeek, ...]
    withdrawn: int
    due: tuple[Due, ...]
    due_next: tuple[Due, ...]
    overdue: tuple[Overdue, ...]
    moved: tuple[Moved, ...]
    untold: tuple[Untold, ...]
    exceptions: tuple[ExceptionRow, ...]
    run_until: date | None

    @property
    def overdue_of_closed(self) -> int:
        """How many of the overdue clocks are of closed measures."""
        return sum(one.of_closed for one in self.overdue)
