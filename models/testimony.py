"""What a person may say of a message's fate, and who may say it. PURE.

A channel proves at most that it took a message. Whether it arrived only people know: those it was for, and those who
ask them. What their word does to the message is in models/store/outbox/settling.py.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from models.lifecycle import ROLE_ZH, Role


class Testimony(StrEnum):
    """What is said of a message. `resend`: it did not arrive, and shall be sent again."""

    ARRIVED = "arrived"
    RESEND = "resend"
    RECEIVED = "received"
    BOUNCED = "bounced"


TESTIMONY_ZH: Mapping[Testimony, str] = MappingProxyType({
    Testimony.ARRIVED: "确认送达", Testimony.RESEND: "重新发送", Testimony.RECEIVED: "签收消息",
    Testimony.BOUNCED: "登记退信",
})  # fmt: skip

ENTITLED: Mapping[Testimony, tuple[Role, ...]] = MappingProxyType({
    Testimony.ARRIVED: (Role.GENERAL, Role.SUPERVISION, Role.HEAD),
    Testimony.RESEND: (Role.GENERAL, Role.SUPERVISION, Role.HEAD),
    Testimony.RECEIVED: (),  # only whom the message is for
    Testimony.BOUNCED: (Role.GENERAL, Role.SUPERVISION),
})  # fmt: skip
"""The groups that may say it. They keep the messages; a unit cannot say of its own that it never came."""


def may_say(what: Testimony, roles: frozenset[Role], *, is_theirs: bool) -> bool:
    """Whether somebody who acts for a party of these roles may say it. `is_theirs`: the message is for that party."""
    return is_theirs if what is Testimony.RECEIVED else not roles.isdisjoint(ENTITLED[what])


def entitled_zh(what: Testimony) -> str:
    """Who may say it, in words."""
    if what is Testimony.RECEIVED:
        return "收件的一方（或其代办方）"
    return "或".join(ROLE_ZH[role] for role in ENTITLED[what])
