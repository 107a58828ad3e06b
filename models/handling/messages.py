"""What people say became of a message: it arrived, it shall be sent again, it was received 签收, it came back 退信.

Each is one transaction and one event. The channel's answer stays in the delivery record as it was; what somebody says
is a further line, with their name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from models import evidence, record
from models.directory import Seat
from models.errors import ActionRefused, NotFound
from models.handling import undelivered
from models.handling.case import By, Ground, check_recorder, find_person, plain, seats_of, signature
from models.saying import SAYING_ZH, Saying, entitled_zh, may_say
from models.store import outbox
from models.store.outbox import Report, Utterance
from models.tables import MessageState
from models.tables.columns import LARGEST_ID
from models.tables.core import MESSAGE, PARTY
from models.tables.outbox import MESSAGE_STATE_ZH

EVENTS: Mapping[Saying, str] = MappingProxyType({
    Saying.ARRIVED: "resolve_message", Saying.RESEND: "resolve_message",
    Saying.RECEIVED: "receive_message", Saying.BOUNCED: "bounce_message",
})  # fmt: skip
"""What they are called in the record."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was said of which message, and where it stands now. `party` is the name of whom it is for."""

    message_id: int
    party: str
    state: MessageState


@dataclass(frozen=True, slots=True)
class _Message:
    id: int
    party: str
    party_name: str
    state: MessageState
    ambiguous: int
    on_day: date
    received_on: date | None
    received_by: str


def resolve(session: Session, ground: Ground, by: By, message_id: int, *, arrived: bool) -> Settled:
    """Settles a message of unknown fate, or one that died: it arrived after all, or it is to be sent again."""
    return _say(session, ground, by, message_id, Saying.ARRIVED if arrived else Saying.RESEND)


def receive(session: Session, ground: Ground, by: By, message_id: int) -> Settled:
    """签收: a person of the party, or of its stand-in, confirms that a message was received."""
    return _say(session, ground, by, message_id, Saying.RECEIVED)


def bounce(session: Session, ground: Ground, by: By, message_id: int, report: Report | None = None) -> Settled:
    """退信: what was accepted, or is in doubt, came back. The reason is the person's, or that of the relay's report."""
    if not by.reason and report is None:
        raise ActionRefused("登记退信须写明理由。", "请用 --reason 写明退信所说的原因。")
    return _say(session, ground, by, message_id, Saying.BOUNCED, report)


def _say(
    session: Session, ground: Ground, by: By, message_id: int, what: Saying, report: Report | None = None
) -> Settled:  # fmt: skip
    message = _find(session, message_id)
    seat = _seat(ground, by, message, what)
    check_recorder(ground, by)
    _check_state(ground, message, what)
    if what is Saying.BOUNCED:
        _check_return(session, ground, message)
    said = Utterance(message_id, what, by.person, ground.on_day, by.reason, report)
    _record(session, ground, by, seat, message, said)
    connection = session.connection()
    if not outbox.settle(connection, said, ground.now):
        raise AssertionError("the state was looked at in this transaction")
    if what is Saying.BOUNCED:
        undelivered.alarm(connection, message_id, ground.on_day, ground.now)
    if by.basis:
        evidence.keep(by.basis)
    return Settled(message_id, message.party_name, _find(session, message_id).state)


def _find(session: Session, message_id: int) -> _Message:
    whose = (MESSAGE.c.id, PARTY.c.code, PARTY.c.name)
    stands = (MESSAGE.c.state, MESSAGE.c.ambiguous, MESSAGE.c.on_day, MESSAGE.c.received_on, MESSAGE.c.received_by)
    query = select(*whose, *stands).join(PARTY, PARTY.c.id == MESSAGE.c.party_id)
    found = session.connection().execute(query.where(MESSAGE.c.id == message_id)) if message_id <= LARGEST_ID else None
    row = found.first() if found else None
    if row is None:
        raise NotFound(f"没有编号为{message_id}的消息。", "请用 duban messages 查看编号。")
    return _Message(*row)


def _seat(ground: Ground, by: By, message: _Message, what: Saying) -> Seat:
    """The capacity in which this person may say it."""
    person = find_person(ground.directory, by.person)
    seats = [seat for seat in seats_of(ground, by) if not seat.person.disabled]
    for seat in seats:
        if may_say(what, seat.party.roles, is_theirs=seat.party.code == message.party):
            return seat
    if not seats:
        raise ActionRefused(f"{person.name}已停用，不能办理“{SAYING_ZH[what]}”。", "请由其他经办人办理。")
    who = message.party_name if what is Saying.RECEIVED else entitled_zh(what)
    raise ActionRefused(
        f"消息{message.id}的“{SAYING_ZH[what]}”应由{who}办理。", f"请由{entitled_zh(what)}的经办人办理。"
    )


def _check_state(ground: Ground, message: _Message, what: Saying) -> None:
    if what is Saying.RECEIVED and message.received_on:
        raise ActionRefused(f"{_signed_zh(ground, message)}。", "无需再次登记。")
    if message.state in _UNDER_WAY:
        raise ActionRefused(f"消息{message.id}正在投递，不能办理“{SAYING_ZH[what]}”。", "请稍候再试。")
    if not outbox.may_be_said(what, message.state, message.ambiguous):
        raise ActionRefused(
            f"消息{message.id}现为“{MESSAGE_STATE_ZH[message.state]}”，不能办理“{SAYING_ZH[what]}”。", _CURES[what]
        )
    if ground.on_day < message.on_day:
        raise ActionRefused(
            f"消息{message.id}是 {message.on_day} 的，不能按 {ground.on_day} 办理。",
            f"请写 {message.on_day} 或之后的日期。",
        )


def _check_return(session: Session, ground: Ground, message: _Message) -> None:
    """What its party signed for did arrive; what no channel took cannot come back."""
    if message.received_on:
        raise ActionRefused(
            f"{_signed_zh(ground, message)}，不能登记退信。", "签收说明对方已经收到；退回的如是重复的一封，不必处理。"
        )
    if not outbox.can_come_back(session.connection(), message.id):
        raise ActionRefused(
            f"消息{message.id}由人确认送达，此后没有通道接收过，不能登记退信。", "对方如其实没有收到，请另行告知。"
        )


def _signed_zh(ground: Ground, message: _Message) -> str:
    signer = ground.directory.person(message.received_by)
    return f"消息{message.id}已于 {message.received_on} 由{signer.name if signer else message.received_by}签收"


def _record(session: Session, ground: Ground, by: By, seat: Seat, message: _Message, said: Utterance) -> None:
    payload: dict[str, Any] = {"message": message.id, "party": message.party, "what": said.what.value}
    more = {"reason": said.why, "code": said.code}
    entry = record.Entry(
        EVENTS[said.what],
        ground.now,
        ground.on_day,
        person=by.person,
        party=seat.party.code,
        payload=plain({**payload, **{k: v for k, v in more.items() if v}, **signature(by, seat)}),
    )
    record.append(session.connection(), entry)


_UNDER_WAY = (MessageState.LEASED, MessageState.HANDING_OVER)
_CURES: Mapping[Saying, str] = MappingProxyType({
    Saying.ARRIVED: "只有是否送达不明、被拒收、被退回、已过时的消息需要由人确认；请用 duban messages 查看。",
    Saying.RESEND: "只有不明、被拒收、被退回的消息可以由人重发；待发、待重试的会自动投递：duban deliver；"
    "已过时的不再重发，另行告知后请用 --arrived 登记。",
    Saying.RECEIVED: "只有已送达或是否送达不明的消息可以签收；请用 duban messages 查看。",
    Saying.BOUNCED: "只有已送达或是否送达不明的消息会被退回；待发、待重试的会再投递，如被退回届时再登记。",
})  # fmt: skip
