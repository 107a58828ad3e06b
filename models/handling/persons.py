"""What an office decides about who acts: a stand-in for a time 代办, a single-person exception 单人例外.

Neither touches a measure; both are one event of the record. What directory.yaml says of stand-ins holds besides.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session, col, or_, select

from models import evidence, record
from models.directory import Directory, DirectoryParty, Seat, StandIn
from models.errors import ActionRefused, NotFound, UsageRefused
from models.handling.case import By, Ground, check_recorder, find_person, party_row, plain, seats_of, signature
from models.lifecycle import ROLE_ZH, Role
from models.tables import SinglePersonException, StandInTerm


class PersonEvent(StrEnum):
    """What these decisions are called in the record."""

    STAND_IN = "stand_in"
    STAND_IN_ENDED = "stand_in_ended"
    EXCEPTION = "single_person_exception"
    EXCEPTION_ENDED = "single_person_exception_ended"


@dataclass(frozen=True, slots=True)
class Term:
    """From a day up to another, both included; without end where `until` is None."""

    since: date
    until: date | None


def appoint_stand_in(session: Session, ground: Ground, by: By, absent: str, stand_in: str, term: Term) -> StandIn:
    """Lets one party receive and act in another's place for a time.

    The general group appoints, or the absent party itself; for the head only the head.
    """
    away, instead, until = _party(ground.directory, absent), _party(ground.directory, stand_in), term.until
    if until is None:
        raise UsageRefused("代办须写明截止日。", "请用 --until 写明。")
    if away.code == instead.code:
        raise UsageRefused(f"{away.name}不能由自己代办。", "请写明另一方。")
    _check_term(ground, term)
    seat = _seat_for(ground, by, away, "安排代办")
    _require_reason(by)
    payload = {"party": away.code, "stand_in": instead.code, "since": str(term.since), "until": str(term.until)}
    seq = _record(session, ground, by, seat, PersonEvent.STAND_IN, payload)
    ids = [party_row(session, code).id for code in (away.code, instead.code)]
    assert ids[0] and ids[1]
    session.add(StandInTerm(party_id=ids[0], stand_in_id=ids[1], since=term.since, until=until, event_seq=seq))
    _finish(session, by)
    return StandIn(instead.code, term.since, until)


def end_stand_in(session: Session, ground: Ground, by: By, absent: str) -> int:
    """Ends the terms that were appointed for this party, as of this day. Returns how many."""
    away = _party(ground.directory, absent)
    seat = _seat_for(ground, by, away, "终止代办")
    _require_reason(by)
    query = select(StandInTerm).where(
        StandInTerm.party_id == party_row(session, away.code).id,
        StandInTerm.until >= ground.on_day,
        col(StandInTerm.ended_on).is_(None),
    )
    running = session.exec(query.order_by(col(StandInTerm.id))).all()
    if not running:
        raise NotFound(f"{away.name}没有用命令安排的、生效中的代办。", "写在 directory.yaml 里的代办，请在文件中修改。")
    _record(session, ground, by, seat, PersonEvent.STAND_IN_ENDED, {"party": away.code})
    for term in running:
        term.ended_on = ground.on_day
        session.add(term)
    _finish(session, by)
    return len(running)


def grant_exception(session: Session, ground: Ground, by: By, person: str, term: Term) -> SinglePersonException:
    """The head's written leave for another person to do what should be kept apart, with reason."""
    named = find_person(ground.directory, person)
    _check_term(ground, term)
    seat = _seat(ground, by, Role.HEAD, "设定单人例外")
    if named.code == by.person:
        raise ActionRefused("不能为自己设定单人例外。", "请由组长的另一位经办人设定。")
    _require_reason(by)
    payload = {"person": named.code, "since": str(term.since), **({"until": str(term.until)} if term.until else {})}
    seq = _record(session, ground, by, seat, PersonEvent.EXCEPTION, payload)
    exception = SinglePersonException(
        person=named.code, granted_by=by.person, reason=by.reason, since=term.since, until=term.until,
        event_seq=seq,
    )  # fmt: skip
    session.add(exception)
    _finish(session, by)
    return exception


def end_exception(session: Session, ground: Ground, by: By, person: str) -> int:
    """Ends what was granted to this person; it no longer holds on this day. Returns how many exceptions that were."""
    seat = _seat(ground, by, Role.HEAD, "终止单人例外")
    query = select(SinglePersonException).where(
        SinglePersonException.person == person,
        or_(col(SinglePersonException.until).is_(None), col(SinglePersonException.until) >= ground.on_day),
        col(SinglePersonException.ended_on).is_(None),
    )
    running = session.exec(query.order_by(col(SinglePersonException.id))).all()
    if not running:
        raise NotFound(f"“{person}”没有生效中的单人例外。", "请用 duban exception list 查看。")
    _record(session, ground, by, seat, PersonEvent.EXCEPTION_ENDED, {"person": person})
    for exception in running:
        exception.ended_on = ground.on_day
        session.add(exception)
    _finish(session, by)
    return len(running)


def _party(directory: Directory, written: str) -> DirectoryParty:
    party = directory.by_code(written) or directory.by_name(written)
    if party is None:
        raise NotFound(f"通讯录中没有“{written}”。", "请在 directory.yaml 中查对代码或名称。")
    return party


def _seat_for(ground: Ground, by: By, away: DirectoryParty, what: str) -> Seat:
    """The capacity in which somebody may decide who stands in for a party: never as its stand-in."""
    role = Role.HEAD if Role.HEAD in away.roles else Role.GENERAL
    for seat in seats_of(ground, by):
        if seat.party.code == away.code and seat.stand_in is None and not seat.person.disabled:
            return seat
    return _seat(ground, by, role, what)


def _check_term(ground: Ground, term: Term) -> None:
    if term.since < ground.on_day:
        raise UsageRefused(f"起始日 {term.since} 早于办理日期 {ground.on_day}。", "请写当日或之后的日期。")
    if term.until is None:
        return
    if term.until < term.since:
        raise UsageRefused(f"截止日 {term.until} 早于起始日 {term.since}。", "请检查日期。")


def _require_reason(by: By) -> None:
    if not by.reason:
        raise ActionRefused("须写明理由。", "请用 --reason 写明。")


def _seat(ground: Ground, by: By, role: Role, what: str) -> Seat:
    """The capacity in which this person may decide that. Their own: who stands in does not decide who does what."""
    for seat in seats_of(ground, by):
        if role in seat.party.roles and seat.stand_in is None and not seat.person.disabled:
            return seat
    raise ActionRefused(f"“{what}”应由{ROLE_ZH[role]}本人办理。", f"请由{ROLE_ZH[role]}的经办人办理。")


def _finish(session: Session, by: By) -> None:
    """Writes all there is to write, and only then moves the paper to its place."""
    session.flush()
    if by.basis:
        evidence.keep(by.basis)


def _record(session: Session, ground: Ground, by: By, seat: Seat, event: PersonEvent, payload: dict[str, str]) -> int:
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
