"""What an office did about a rectification as a whole: meetings, hearings, inspections. Their kinds and names. PURE.

They belong to a round and to no measure; a notice to the public counts them by kind.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ActivityKind(StrEnum):
    """What was held: a meeting of the committee 工委会, of those who push 督办会, a report heard, an inspection."""

    COMMITTEE = "committee"
    MEETING = "meeting"
    HEARING = "hearing"
    INSPECTION = "inspection"


class ActivityEvent(StrEnum):
    """What logging an activity, and taking it back, are called in the record."""

    LOGGED = "activity_logged"
    WITHDRAWN = "activity_withdrawn"


ACTIVITY_ZH: Mapping[ActivityKind, str] = MappingProxyType({
    ActivityKind.COMMITTEE: "工委会",
    ActivityKind.MEETING: "督办会",
    ActivityKind.HEARING: "听取汇报",
    ActivityKind.INSPECTION: "专项督查",
})  # fmt: skip


ACTIVITY_EVENT_ZH: Mapping[ActivityEvent, str] = MappingProxyType({
    ActivityEvent.LOGGED: "登记活动", ActivityEvent.WITHDRAWN: "撤销活动",
})  # fmt: skip
