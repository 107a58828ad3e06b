"""完成率 the completion rate, by a named formula. Places count differently, so a bare percentage says nothing. PURE.

Kunming counts 688 of 697 (what goes on does not count as done), Xianyang 34 of 34 (what is to be kept up counts).
A rate names the two figures it rests on, by their keys; models/answers/progress counts them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

NONE_ZH = "没有可计入的措施，不计算完成率"
_WHOLE = 10_000
"""100 % in hundredths of a percent."""


class RateFormula(StrEnum):
    """How the completion rate is counted. Withdrawn measures 作废 count in none, drafts in each."""

    WITH_SUSTAINED = "with_sustained"
    CLOSED_ONLY = "closed_only"
    SUSTAINED_APART = "sustained_apart"

    @property
    def zh(self) -> str:
        return FORMULA_ZH[self]

    @property
    def definition_zh(self) -> str:
        """What is divided by what, in one sentence that can stand under the number."""
        return DEFINITION_ZH[self]


FORMULA_ZH: Mapping[RateFormula, str] = MappingProxyType({
    RateFormula.WITH_SUSTAINED: "含长期坚持的完成率",
    RateFormula.CLOSED_ONLY: "仅计办结的完成率",
    RateFormula.SUSTAINED_APART: "长期坚持单列的完成率",
})  # fmt: skip
DEFINITION_ZH: Mapping[RateFormula, str] = MappingProxyType({
    RateFormula.WITH_SUSTAINED: "已销号和已通过审核、转入长期坚持的措施数，除以全部措施数（不含已作废的）",
    RateFormula.CLOSED_ONLY: (
        "已销号的限时办结类、完善长效机制类措施数，除以全部措施数（不含已作废的），长期坚持类不计为完成"
    ),
    RateFormula.SUSTAINED_APART: (
        "已销号的限时办结类、完善长效机制类措施数，除以这两类措施的总数（不含已作废的），长期坚持类另行统计"
    ),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with what it rests on: `done` and `of` are keys of figures, the counts are their values."""

    formula: RateFormula
    done: str
    of: str
    done_count: int
    of_count: int

    @property
    def hundredths(self) -> int | None:
        """The percentage in hundredths, rounded half up; None of none.

        Only all of them are 100 % and only none of them is 0 %: what rounding would make so stays a hundredth apart,
        since a notice that says 100 % says that nothing is left.
        """
        if not self.of_count:
            return None
        if self.done_count in {0, self.of_count}:
            return _WHOLE if self.done_count else 0
        rounded = (2 * _WHOLE * self.done_count + self.of_count) // (2 * self.of_count)
        return min(max(rounded, 1), _WHOLE - 1)

    @property
    def percent_zh(self) -> str | None:
        """As in "98.71%"; None where there is nothing to divide by, which `zh` says."""
        found = self.hundredths
        return None if found is None else f"{found // 100}.{found % 100:02}%"

    @property
    def zh(self) -> str:
        """The percentage with its two numbers, or why there is none."""
        return f"{self.percent_zh}（{self.done_count}/{self.of_count}）" if self.of_count else NONE_ZH
