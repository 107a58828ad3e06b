"""What an office logs of a rectification as a whole: 工委会, 督办会, 听取汇报, 专项督查; and what it takes back.

Each is one event of the record and touches no measure. A notice to the public counts these rows, so nothing is logged
twice, and a mistake is withdrawn with its reason, never deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models import evidence, record
from models.activity import ACTIVITY_ZH, ActivityEvent, ActivityKind
from models.directory import Seat
from models.errors import ActionRefused, NotFound, UsageRefused
from models.handling.case import By, Ground, check_recorder, find_person, plain, seats_of, signature
from models.lifecycle import Role
from models.store.rounds import RoundRow, round_meant
from models.tables import Activity
from models.tables.columns import LARGEST_ID

TITLE_MOST, NOTE_MOST = 200, 2000
"""Characters of a title and of a note."""
_ENTITLED = frozenset({Role.GENERAL, Role.SUPERVISION})


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An activity to be logged: what took place, on what day. `title` is one plain line, `note` may have several."""

    kind: ActivityKind
    on_day: date
    title: str
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", " ".join(plain(self.title.replace("\t", " ")).split()))
        object.__setattr__(self, "note", plain(self.note).strip())


def log_activity(
    session: Session, ground: Ground, by: By, given: NewActivity, round_code: str | None = None
) -> Activity:
    """Logs an activity of the round named, or of the only one.

    Raises ActionRefused for a day to come or before the feedback and for what was logged before, UsageRefused for a
    title that is missing or too long.
    """
    seat = _seat(ground, by, "登记工作开展情况")
    of_round = round_meant(session.connection(), round_code)
    _refuse_wording(given)
    _refuse_day(ground, of_round, given)
    _refuse_double(session, of_round, given)
    said = {"round": of_round.code, **_said(given)}
    seq = _record(session, ground, by, seat, ActivityEvent.LOGGED, said)
    logged = Activity(
        round_id=of_round.id, kind=given.kind, on_day=given.on_day, title=given.title, note=given.note, event_seq=seq
    )
    session.add(logged)
    _finish(session, by)
    return logged


def withdraw_activity(session: Session, ground: Ground, by: By, activity_id: int) -> Activity:
    """Takes an activity back, with reason: it stays as a row, and counts nowhere any more."""
    seat = _seat(ground, by, "撤销已登记的活动")
    found = session.get(Activity, activity_id) if 0 < activity_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"没有编号为 {activity_id} 的活动。", "请用 duban activity list 查看编号。")
    if found.withdrawn_seq is not None:
        raise ActionRefused(f"活动{activity_id}已经撤销。")
    if not by.reason:
        raise ActionRefused("须写明理由。", "请用 --reason 写明。")
    logged = {"activity": activity_id, "logged_seq": found.event_seq}
    found.withdrawn_seq = _record(session, ground, by, seat, ActivityEvent.WITHDRAWN, logged)
    session.add(found)
    _finish(session, by)
    return found


def _said(given: NewActivity) -> dict[str, object]:
    note = {"note": given.note} if given.note else {}
    return {"kind": given.kind.value, "on": str(given.on_day), "title": given.title, **note}


def _refuse_wording(given: NewActivity) -> None:
    if not given.title:
        raise UsageRefused("须写明活动的标题。", "请用 --title 写明，如“研究巡察整改工作”。")
    for text, most, what, option in (
        (given.title, TITLE_MOST, "标题", "--title"),
        (given.note, NOTE_MOST, "备注", "--note"),
    ):
        if len(text) > most:
            raise UsageRefused(f"活动的{what}有{len(text)}个字，最多{most}个字。", f"请缩短 {option}。")


def _refuse_day(ground: Ground, of_round: RoundRow, given: NewActivity) -> None:
    if given.on_day > ground.on_day:
        raise ActionRefused(
            f"{given.on_day} 还没有到（今天是 {ground.on_day}），活动须在开展之后登记。", "请检查 --on 的日期。"
        )
    if given.on_day < of_round.feedback_on:
        raise ActionRefused(
            f"{given.on_day} 早于轮次 {of_round.code} 的反馈日期 {of_round.feedback_on}，不属于本轮整改。",
            "请检查 --on 的日期，或用 --round 写明另一轮次。",
        )


def _refuse_double(session: Session, of_round: RoundRow, given: NewActivity) -> None:
    """The same twice would be counted twice."""
    same = select(Activity.id).where(
        Activity.round_id == of_round.id, Activity.kind == given.kind, Activity.on_day == given.on_day,
        Activity.title == given.title, col(Activity.withdrawn_seq).is_(None),
    )  # fmt: skip
    if known := session.exec(same).first():
        raise ActionRefused(
            f"{given.on_day} 的{ACTIVITY_ZH[given.kind]}“{given.title}”已登记为活动{known}。",
            "不需要再次登记；若当天另有一次，请写不同的标题。",
        )


def _seat(ground: Ground, by: By, what: str) -> Seat:
    """The capacity in which this person may keep the log: for general or supervision group, also standing in."""
    for seat in seats_of(ground, by):
        if seat.party.roles & _ENTITLED and not seat.person.disabled:
            return seat
    name = find_person(ground.directory, by.person).name
    raise ActionRefused(f"{name}不能{what}。", "请由综合组或督办组的经办人办理。")


def _record(
    session: Session, ground: Ground, by: By, seat: Seat, event: ActivityEvent, payload: Mapping[str, object]
) -> int:
    check_recorder(ground, by)
    entry = record.Entry(
        event,
        ground.now,
        ground.on_day,
        person=by.person,
        party=seat.party.code,
        payload=plain({**payload, **signature(by, seat)}),
    )
    return record.append(session.connection(), entry)


def _finish(session: Session, by: By) -> None:
    """Writes all there is to write, and only then moves the paper to its place."""
    session.flush()
    if by.basis:
        evidence.keep(by.basis)
