"""What many trials came to, in numbers."""

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from tests.faults.verdict import Verdict


@dataclass
class Score:
    """What many trials came to, in numbers; `breaches` with seed and place."""

    trials: int = 0
    messages: int = 0
    copies: int = 0
    flagged: int = 0
    needless: int = 0
    seconds: float = 0.0
    struck: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def count(self, verdict: Verdict, struck: Mapping[str, int], place: str) -> None:
        """`struck`: where or how the trial was disturbed, and how often."""
        self.messages += verdict.messages
        self.copies += verdict.copies
        self.flagged += verdict.flagged
        self.needless += verdict.needless
        self.struck.update(struck)
        for breach in verdict.breaches:
            self.breach(f"{place}: {breach}")

    def breach(self, told: str) -> None:
        """Told at once too: a long proof may be broken off."""
        self.breaches.append(told)
        sys.stderr.write(f"{told}\n")

    def document(self) -> Mapping[str, object]:
        return {**asdict(self), "struck": dict(sorted(self.struck.items()))}
