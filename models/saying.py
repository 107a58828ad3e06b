"""What a person may say of a message's fate, and who may say it. PURE.

A channel proves at most that it took a message. Whether it arrived only people know: those it was for, and those who
ask them. What their word does to the message is in models/store/outbox/settling.py.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from models.lifecycle import ROLE_ZH, Role


class Saying(StrEnum):
    """What is said of a message. `resend`: it did not arrive, and shall be sent again."""

    ARRIVED = "arrived"
    RESEND = "resend"
    RECEIVED = "received"
    BOUNCED = "bounced"


SAYING_ZH: Mapping[Saying, str] = MappingProxyType({
    Saying.ARRIVED: "确认送达", Saying.RESEND: "重新发送", Saying.RECEIVED: "签收消息",
    Saying.BOUNCED: "登记退信",
})  # fmt: skip

ENTITLED: Mapping[Saying, tuple[Role, ...]] = MappingProxyType({
    Saying.ARRIVED: (Role.GENERAL, Role.SUPERVISION, Role.HEAD),
    Saying.RESEND: (Role.GENERAL, Role.SUPERVISION, Role.HEAD),
    Saying.RECEIVED: (),  # only whom the message is for
    Saying.BOUNCED: (Role.GENERAL, Role.SUPERVISION),
})  # fmt: skip
"""The groups that may say it. They keep the messages; a unit cannot say of its own that it never came."""


def may_say(what: Saying, roles: frozenset[Role], *, is_theirs: bool) -> bool:
    """Whether somebody who acts for a party of these roles may say it. `is_theirs`: the message is for that party."""
    return is_theirs if what is Saying.RECEIVED else not roles.isdisjoint(ENTITLED[what])


def command_zh(what: Saying, message: int | str, by: str = "经办人代码") -> str:
    """What to type where a message waits for a person's word: that it arrived, or shall be sent again."""
    return f"duban messages resolve {message} --{what} --by {by}"


def entitled_zh(what: Saying) -> str:
    """Who may say it, in words."""
    if what is Saying.RECEIVED:
        return "收件的一方（或其代办方）"
    return "或".join(ROLE_ZH[role] for role in ENTITLED[what])
