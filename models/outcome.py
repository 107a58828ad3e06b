"""What may come of a referral 问责提请: the words only. PURE."""

from enum import StrEnum


class Outcome(StrEnum):
    """What came of a referral."""

    TALK = "talk"
    SUMMON = "summon"
    CRITICISE = "criticise"
    SANCTION = "sanction"
    EXEMPT = "exempt"
    OTHER = "other"

    @property
    def zh(self) -> str:
        return OUTCOME_ZH[self]


OUTCOME_ZH = {
    Outcome.TALK: "谈话",
    Outcome.SUMMON: "约谈",
    Outcome.CRITICISE: "通报",
    Outcome.SANCTION: "组织处理或处分",
    Outcome.EXEMPT: "免于问责",
    Outcome.OTHER: "其他",
}
