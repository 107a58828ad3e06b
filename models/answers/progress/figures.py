"""From where each measure stands to the numbers of a report: which rows each number counts. PURE.

A number here may end in a notice to the public, so each says exactly what it counts, and where one could say too much
it says less: withdrawn measures 作废 count in nothing but their own number, work counts as done once its closure was
approved and as long as that stands, a document counts once however often it was handed in, and what was handed in but
not accepted stands apart. Names of figures are stable: templates call them. No key is the beginning of another.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from models.activity import ACTIVITY_ZH, ActivityKind
from models.answers.progress.values import (
    TURN_ZH,
    ActivityItem,
    EvidenceItem,
    Figure,
    MeasureProgress,
    ProblemProgress,
    Row,
    TurnKind,
)
from models.closure import EvidenceKind
from models.lifecycle import OPEN_STATES, STATE_ZH, ClosureClass, State
from models.rates import Rate, RateFormula

Counted = Callable[[MeasureProgress], bool]
"""Whether a measure that was not withdrawn counts."""


def _closed(measure: MeasureProgress) -> bool:
    """Its closure stands, and it is not one to be kept up for good. That it is being looked back on changes nothing."""
    return measure.accepted and measure.closure is not ClosureClass.SUSTAINED


def _of_class(closure: ClosureClass) -> Counted:
    return lambda measure: measure.closure is closure


def _closed_as(closure: ClosureClass) -> Counted:
    return lambda measure: measure.accepted and measure.closure is closure


def _in_state(state: State) -> Counted:
    return lambda measure: measure.state is state


def _turned(kind: TurnKind) -> Counted:
    return lambda measure: bool(measure.turned(kind))


MEASURES: Mapping[str, tuple[str, Counted]] = MappingProxyType({
    "measures.all": ("整改措施（不含已作废的）", lambda _: True),
    "measures.class.settled": ("限时办结类措施", _of_class(ClosureClass.SETTLED)),
    "measures.class.mechanism": ("完善长效机制类措施", _of_class(ClosureClass.MECHANISM)),
    "measures.class.sustained": ("长期坚持类措施", _of_class(ClosureClass.SUSTAINED)),
    "measures.class.not_sustained": (
        "限时办结类和完善长效机制类措施", lambda measure: measure.closure is not ClosureClass.SUSTAINED,
    ),
    "measures.major": ("重大措施", lambda measure: measure.major),
    "measures.accepted": ("已通过销号审核的措施", lambda measure: measure.accepted),
    "measures.closed.all": ("已销号的限时办结类、完善长效机制类措施", _closed),
    "measures.closed.settled": ("已限时办结的措施", _closed_as(ClosureClass.SETTLED)),
    "measures.closed.mechanism": ("已完善长效机制的措施", _closed_as(ClosureClass.MECHANISM)),
    "measures.sustained": ("已通过审核、转入长期坚持的措施", _closed_as(ClosureClass.SUSTAINED)),
    "measures.looked_back": (
        "已销号、正在开展回头看的措施", lambda measure: measure.state is State.FOLLOWING_UP and _closed(measure),
    ),
    "measures.open.all": ("尚未通过销号审核的措施", lambda measure: not measure.accepted),
    **{f"measures.open.{state}": (f"{STATE_ZH[state]}的措施", _in_state(state)) for state in OPEN_STATES},
    "measures.overdue": ("已过整改时限、尚未自查上报的措施", lambda measure: measure.overdue_days is not None),
    "measures.draft_overdue": (
        "台账时限已过、尚未交办的措施", lambda measure: measure.draft_overdue_days is not None,
    ),
    "measures.follow_up_overdue": (
        "已过回头看时限、尚未报告的措施", lambda measure: measure.follow_up_overdue_days is not None,
    ),
    "measures.undated": (
        "尚未定出整改时限的措施", lambda measure: not measure.accepted and measure.due_on is None,
    ),
    "measures.held": ("挂起的措施", lambda measure: measure.held),
    "measures.returned": ("曾被退回整改的措施", _turned(TurnKind.RETURNED)),
    "measures.extended": ("曾获准延期的措施", _turned(TurnKind.EXTENDED)),
    "measures.new_limit": ("超期后曾重定时限的措施", _turned(TurnKind.NEW_LIMIT)),
    "measures.reopened": ("销号后曾重新整改的措施", _turned(TurnKind.REOPENED)),
})  # fmt: skip
"""Numbers of measures: what each is called, and which of the measures that were not withdrawn it counts."""

EVIDENCE: Mapping[EvidenceKind, str] = MappingProxyType({
    EvidenceKind.RULE: "修订制度", EvidenceKind.NORM: "完善业务规范", EvidenceKind.CAMPAIGN: "开展专项整治",
})  # fmt: skip
"""The kinds of evidence that a notice counts, and as what."""

RATES: Mapping[RateFormula, tuple[str, str]] = MappingProxyType({
    RateFormula.WITH_SUSTAINED: ("measures.accepted", "measures.all"),
    RateFormula.CLOSED_ONLY: ("measures.closed.all", "measures.all"),
    RateFormula.SUSTAINED_APART: ("measures.closed.all", "measures.class.not_sustained"),
})  # fmt: skip
"""The figure that each formula divides, and the one it divides by."""


def figures(problems: Sequence[ProblemProgress], activities: Sequence[ActivityItem]) -> Mapping[str, Figure]:
    """Every number, by its key, in the order in which a report speaks of them."""
    every = [measure for problem in problems for measure in problem.measures]
    counting = [measure for measure in every if not measure.withdrawn]
    found = [
        *_of_problems(problems),
        *_of_measures(counting),
        Figure("measures.withdrawn", "已作废的措施", tuple(_row(one) for one in every if one.withdrawn)),
        *(_times(kind, counting) for kind in TurnKind),
        *(figure for kind in EVIDENCE for figure in _of_evidence(kind, counting)),
        *_of_activities(activities),
    ]
    return MappingProxyType({figure.key: figure for figure in found})


def rates(found: Mapping[str, Figure]) -> Mapping[RateFormula, Rate]:
    """The completion rate by each formula."""
    return MappingProxyType({
        formula: Rate(formula, done, of, found[done].value, found[of].value) for formula, (done, of) in RATES.items()
    })  # fmt: skip


def _of_problems(problems: Sequence[ProblemProgress]) -> Iterator[Figure]:
    """A problem is done when all its measures are that were not withdrawn; one that has none left is neither."""
    standing: dict[str, list[Row]] = {"completed": [], "open": [], "without_measure": []}
    everywhere: list[Row] = []
    for problem in problems:
        left = [one for one in problem.measures if not one.withdrawn]
        done = all(one.accepted for one in left)
        row = Row(f"问题{problem.position}", problem.text)
        standing["without_measure" if not left else "completed" if done else "open"].append(row)
        everywhere += [row] if left else []
    yield Figure("problems.all", "反馈问题（不含措施已全部作废的）", tuple(everywhere))
    yield Figure("problems.completed", "全部措施已通过销号审核的反馈问题", tuple(standing["completed"]))
    yield Figure("problems.open", "仍有措施尚未通过销号审核的反馈问题", tuple(standing["open"]))
    yield Figure("problems.without_measure", "措施已全部作废的反馈问题", tuple(standing["without_measure"]))


def _of_measures(counting: Sequence[MeasureProgress]) -> Iterator[Figure]:
    rows = [(measure, _row(measure)) for measure in counting]
    for key, (zh, counts) in MEASURES.items():
        yield Figure(key, zh, tuple(row for measure, row in rows if counts(measure)))


def _row(measure: MeasureProgress) -> Row:
    return Row(f"措施{measure.no}", measure.text)


def _times(kind: TurnKind, counting: Iterable[MeasureProgress]) -> Figure:
    """How often something happened, over the whole lives of the measures that count."""
    zh = TURN_ZH[kind]
    rows = (
        Row(f"措施{measure.no}第{n}次{zh}", f"{turn.on_day}{f' {turn.reason}' if turn.reason else ''}")
        for measure in counting
        for n, turn in enumerate(measure.turned(kind), 1)
    )
    return Figure(f"times.{kind}", f"{zh}次数", tuple(rows))


_Given = tuple[MeasureProgress, EvidenceItem]
"""A file that was handed in, and for which measure."""


def _of_evidence(kind: EvidenceKind, counting: Iterable[MeasureProgress]) -> Iterator[Figure]:
    """Documents of a kind: accepted, only handed in, and earlier versions, which count as neither.

    A document is known by its content, so the same file for two measures is one. Of several contents that one measure
    was given under one name only the last is a document, the others were drafts of it. What is accepted for one measure
    is accepted, even if another one that is still open was given it too.
    """
    zh = EVIDENCE[kind]
    given = [(measure, item) for measure in counting for item in measure.evidence if item.kind is kind]
    last: dict[tuple[str, str, bool], EvidenceItem] = {}
    for measure, item in given:
        place = (measure.no, item.name, item.accepted)
        last[place] = max(item, last.get(place, item), key=lambda one: one.id)
    accepted = {item.sha256 for item in last.values() if item.accepted}
    pending = {item.sha256 for item in last.values()} - accepted
    earlier = {item.sha256 for _, item in given} - accepted - pending
    passed = [(measure, item) for measure, item in given if item.accepted]
    yield Figure(f"evidence.{kind}.accepted", zh, tuple(_documents(passed, accepted)))
    yield Figure(f"evidence.{kind}.pending", f"{zh}：已报送材料、尚未通过审核", tuple(_documents(given, pending)))
    yield Figure(
        f"evidence.{kind}.earlier", f"{zh}：已被后一版本取代的材料（不计数）", tuple(_documents(given, earlier))
    )


def _documents(given: Iterable[_Given], contents: set[str]) -> Iterator[Row]:
    """Each of these contents once, under the first name it was given, with the measures it was given to."""
    names: dict[str, str] = {}
    given_to: dict[str, dict[str, None]] = {}
    for measure, item in given:
        if item.sha256 in contents:
            names.setdefault(item.sha256, item.name)
            given_to.setdefault(item.sha256, {})[measure.no] = None
    for sha256, name in names.items():
        yield Row(f"佐证{sha256[:16]}", f"{name}（{'、'.join(f'措施{no}' for no in given_to[sha256])}）")


def _of_activities(activities: Sequence[ActivityItem]) -> Iterator[Figure]:
    def figure(key: str, zh: str, kinds: Iterable[ActivityKind]) -> Figure:
        counted = (one for one in activities if one.kind in set(kinds))
        rows = (Row(f"活动{one.id}", f"{one.on_day} {ACTIVITY_ZH[one.kind]}：{one.title}") for one in counted)
        return Figure(key, zh, tuple(rows))

    yield figure("activities.all", "开展的工作", ActivityKind)
    for kind, zh in ACTIVITY_ZH.items():
        yield figure(f"activities.{kind}", zh, [kind])
