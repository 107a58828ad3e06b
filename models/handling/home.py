"""What an office decides about its home: a copy is taken over 接管, the clock is confirmed. One event each, no measure.

General group, supervision group and head may decide it, each for themselves: whoever stands in does not.
"""

from sqlmodel import Session

from models import record
from models.directory import Seat
from models.errors import ActionRefused, UsageRefused
from models.handling.case import By, Ground, check_recorder, find_person, plain, seats_of, signature
from models.leap import Sign
from models.lifecycle import Role
from models.store.home import site
from models.store.home.signs import CLOCK_CONFIRMED
from models.store.home.site import Place
from models.store.outbox.taking_over import doubt_what_may_go_out

TAKEN_OVER = "taken_over"
"""What a take-over is called in the record."""
NO_COPY_ZH = "本数据目录不是副本，一直由它投递，不需要接管。"
_ENTITLED = frozenset({Role.GENERAL, Role.SUPERVISION, Role.HEAD})


def take_over(session: Session, ground: Ground, by: By, place: Place) -> int:
    """Makes a copy of a home the one that hands over. Returns how many messages wait for a person from now on.

    What could still go out may have been handed over by the original, so each such message has a doubt on record now.
    Raises UsageRefused where the home is no copy, ActionRefused where the person may not decide it.
    """
    chosen = _seat(ground, by, "接管副本")
    connection = session.connection()
    found = site.standing_at(connection, place)
    if not found.is_copy:
        raise UsageRefused(NO_COPY_ZH)
    doubted = doubt_what_may_go_out(connection, f"person:{by.person}", ground.now)
    _record(session, ground, by, chosen, TAKEN_OVER, {"standing": found.value, "messages": doubted})
    site.take_over(connection, place, ground.on_day)
    return doubted


def confirm_clock(session: Session, ground: Ground, by: By, sign: Sign) -> None:
    """Puts on record that the clock is right as it stands; what went by before is not asked about again."""
    chosen = _seat(ground, by, "确认本机时钟")
    _record(session, ground, by, chosen, CLOCK_CONFIRMED, {"boot": sign.boot, "uptime_s": sign.uptime_s})


def _seat(ground: Ground, by: By, what: str) -> Seat:
    """The capacity of their own in which this person may decide that."""
    for one in seats_of(ground, by):
        if one.party.roles & _ENTITLED and one.stand_in is None and not one.person.disabled:
            return one
    name = find_person(ground.directory, by.person).name
    raise ActionRefused(f"{name}不能{what}。", "请由综合组、督办组或组长的经办人办理。")


def _record(session: Session, ground: Ground, by: By, chosen: Seat, action: str, payload: dict[str, object]) -> None:
    check_recorder(ground, by)
    entry = record.Entry(
        action,
        ground.now,
        ground.on_day,
        person=by.person,
        party=chosen.party.code,
        payload=plain({**payload, **signature(by, chosen)}),
    )
    record.append(session.connection(), entry)
