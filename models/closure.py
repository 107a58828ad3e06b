"""What a closure of each class needs, and what is missing of it. PURE.

From the notice that the classes come from: 限时办结 needs proof that it is done, 完善长效机制 a rule, a norm or a
campaign that lasts, 长期坚持 an interval at which it is looked at again.
"""

from collections.abc import Collection
from enum import StrEnum

from models.lifecycle import ClosureClass


class EvidenceKind(StrEnum):
    """What a file is evidence of."""

    PROOF = "proof"
    RULE = "rule"
    NORM = "norm"
    CAMPAIGN = "campaign"
    OTHER = "other"


EVIDENCE_ZH = {
    EvidenceKind.PROOF: "佐证",
    EvidenceKind.RULE: "制度",
    EvidenceKind.NORM: "业务规范",
    EvidenceKind.CAMPAIGN: "专项整治",
    EvidenceKind.OTHER: "其他",
}
MECHANISMS = frozenset({EvidenceKind.RULE, EvidenceKind.NORM, EvidenceKind.CAMPAIGN})


class Lack(StrEnum):
    """Something a closure still needs."""

    PROOF = "proof"
    MECHANISM = "mechanism"
    INTERVAL = "interval"
    STATEMENT = "statement"

    @property
    def zh(self) -> str:
        return _LACK_ZH[self]


_LACK_ZH = {
    Lack.PROOF: "办结佐证（proof）至少一份",
    Lack.MECHANISM: "制度（rule）、业务规范（norm）或专项整治（campaign）材料至少一份",
    Lack.INTERVAL: "回头看间隔（如 6m）",
    Lack.STATEMENT: "自查的整改情况说明",
}


def lacking(
    closure: ClosureClass, kinds: Collection[EvidenceKind], has_interval: bool, has_statement: bool
) -> tuple[Lack, ...]:
    """Everything that the closure of this class still needs, given the evidence of the present cycle."""
    found = [Lack.STATEMENT] if not has_statement else []
    match closure:
        case ClosureClass.SETTLED if EvidenceKind.PROOF not in kinds:
            found.append(Lack.PROOF)
        case ClosureClass.MECHANISM if not MECHANISMS & set(kinds):
            found.append(Lack.MECHANISM)
        case ClosureClass.SUSTAINED if not has_interval:
            found.append(Lack.INTERVAL)
        case _:
            """Nothing of its class is missing."""
    return tuple(found)
