"""What an action is news of, and for whom. PURE.

A news 办理通知 is one thing that one party must hear about one action. Who acted, and whoever is that party's only
other reader, is left out where the news are written down (models/handling/telling.py).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from models.lifecycle import Role


class NewsKind(StrEnum):
    """What sort of news it is."""

    ASSIGNED = "assigned"
    CHECK_WANTED = "check_wanted"
    EVIDENCE_ADDED = "evidence_added"
    RETURNED = "returned"
    REVIEW_WANTED = "review_wanted"
    CLOSED = "closed"
    FOLLOW_UP_WANTED = "follow_up_wanted"
    FOLLOW_UP_PASSED = "follow_up_passed"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    LIMIT_SET = "limit_set"
    HELD = "held"
    RESUMED = "resumed"
    REOPENED = "reopened"
    HANDED_OVER = "handed_over"
    TAKEN_AWAY = "taken_away"
    REASSIGNED = "reassigned"
    TAKEN_UP = "taken_up"
    OUTCOME = "outcome"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"


_U, _C, _L, _G, _S, _A, _H = Role

# fmt: off
NEWS_ZH: Mapping[NewsKind, str] = MappingProxyType({
    NewsKind.ASSIGNED: "交办", NewsKind.CHECK_WANTED: "待核查", NewsKind.EVIDENCE_ADDED: "补充佐证",
    NewsKind.RETURNED: "退回整改", NewsKind.REVIEW_WANTED: "待销号审核", NewsKind.CLOSED: "销号",
    NewsKind.FOLLOW_UP_WANTED: "开展回头看", NewsKind.FOLLOW_UP_PASSED: "回头看通过",
    NewsKind.EXTENSION_ASKED: "申请延期", NewsKind.EXTENSION_GRANTED: "同意延期",
    NewsKind.EXTENSION_REFUSED: "不予延期", NewsKind.LIMIT_SET: "重定时限", NewsKind.HELD: "挂起",
    NewsKind.RESUMED: "恢复", NewsKind.REOPENED: "重新整改", NewsKind.HANDED_OVER: "改派接办",
    NewsKind.TAKEN_AWAY: "改派移出", NewsKind.REASSIGNED: "改派", NewsKind.TAKEN_UP: "问责受理",
    NewsKind.OUTCOME: "处理结果", NewsKind.WITHDRAWN: "作废",
    NewsKind.UNDELIVERED: "通知未送达",
})

HEARERS: Mapping[NewsKind, tuple[Role, ...]] = MappingProxyType({
    NewsKind.ASSIGNED: (_U, _C, _L),
    NewsKind.CHECK_WANTED: (_S,),
    NewsKind.EVIDENCE_ADDED: (_S,),
    NewsKind.RETURNED: (_U, _C, _L, _S),
    NewsKind.REVIEW_WANTED: (_L, _H),
    NewsKind.CLOSED: (_U, _C, _L, _S, _G, _H),
    NewsKind.FOLLOW_UP_WANTED: (_U, _L),
    NewsKind.FOLLOW_UP_PASSED: (_U, _L),
    NewsKind.EXTENSION_ASKED: (_L,),
    NewsKind.EXTENSION_GRANTED: (_U, _C, _S, _G),
    NewsKind.EXTENSION_REFUSED: (_U, _S),
    NewsKind.LIMIT_SET: (_U, _C, _S, _G),
    NewsKind.HELD: (_U, _C, _L, _G),
    NewsKind.RESUMED: (_U, _C, _L, _G),
    NewsKind.REOPENED: (_U, _C, _L, _S, _G, _H),
    NewsKind.HANDED_OVER: (),   # the party that has it now, and the one that had it: the use case names them
    NewsKind.TAKEN_AWAY: (),
    NewsKind.REASSIGNED: (_U, _C, _L, _S),
    NewsKind.TAKEN_UP: (_U, _L, _S, _H),
    NewsKind.OUTCOME: (_U, _L, _S, _G, _H),
    NewsKind.WITHDRAWN: (_U, _C, _L, _S),
    NewsKind.UNDELIVERED: (_G,),
})
# fmt: on
"""Who hears, most concerned first: a party that is several things to a measure hears once, as the first of them."""

_ONLY_MAJOR = frozenset({NewsKind.CLOSED, NewsKind.REVIEW_WANTED})
"""News of a review, which asks the head for a major measure only."""


def hearers(kind: NewsKind, major: bool) -> tuple[Role, ...]:
    """The roles that hear of such news about an ordinary or a major measure."""
    roles = HEARERS[kind]
    return roles if major or kind not in _ONLY_MAJOR else tuple(role for role in roles if role is not Role.HEAD)
