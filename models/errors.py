"""Every refusal duban makes, as one tree. PURE: imports nothing of ours.

    DubanError                       a sentence for the office (zh) and what to do about it (cure)
    ├── UsageRefused                 the command was given something it cannot use
    ├── NotFound                     no such measure, person, party, round or message
    ├── RuleBroken                   a rule of the lifecycle or of the daily run says no
    │   ├── ActionRefused            action × state × role × relation
    │   ├── StaleVersion             somebody else changed the measure first
    │   └── RunRefused               the day or the moment of a daily run is not allowed
    │       ├── CopyRefused          a copy of a home hands nothing over
    │       └── ClockDoubted         the machine's clock may have been set
    ├── InputRefused                 a file has problems; carries all of them
    │   ├── LedgerRefused  ├── DirectoryRefused  ├── PolicyRefused  ├── CalendarRefused
    │   ├── ColumnsRefused           columns.yaml
    │   ├── ServiceRefused           service.yaml
    │   ├── ChannelsRefused          channels.yaml
    │   ├── ReportRefused            report.yaml
    │   ├── TemplateRefused          a template of a report
    │   └── FormRefused              a form handed to a flow, by a person or by a program
    ├── FontRefused                  no font letters a picture
    └── HomeError                    the home is missing, taken, not writable, or of a newer version

Problems found in a file are values (`Problem`), collected and shown all at once; only the last step raises.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class DubanError(Exception):
    """A refusal that an office worker can read. `zh` says what is wrong, `cure` what to do next."""

    def __init__(self, zh: str, cure: str = "") -> None:
        super().__init__(zh)
        self.zh = zh
        self.cure = cure

    @property
    def in_full(self) -> str:
        """Sentence and cure, and every problem of a file on a line of its own: for a place that shows one text."""
        return f"{self.zh}{self.cure}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place of a file.

    `where` is a path inside the file ("stages.complete.ladder[2].at"); a ledger gives sheet, row
    (1-based, as the spreadsheet shows it) and column (the heading) instead. `value` is what was found.
    """

    text: str
    where: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = [self.where] if self.where else []
        if self.sheet:
            place.append(f"工作表“{self.sheet}”")
        if self.row is not None:
            place.append(f"第{self.row}行")
        if self.column:
            place.append(f"“{self.column}”列")
        found = f"（原值：{self.value}）" if self.value else ""
        return f"{' '.join(place)}：{self.text}{found}" if place else f"{self.text}{found}"


class UsageRefused(DubanError):
    """The command was given something it cannot use."""


class NotFound(DubanError):
    """No such measure, person, party, round or message."""


class RuleBroken(DubanError):
    """A rule of the lifecycle or of the daily run says no."""


class ActionRefused(RuleBroken):
    """This action is not allowed in this state, for this role or for this person."""


class StaleVersion(RuleBroken):
    """Somebody else changed the measure first."""

    def __init__(self, no: str, expected: int, found: int) -> None:
        super().__init__(
            f"措施{no}已被他人更新（您看到的是第{expected}版，现在是第{found}版）。",
            "请重新查看该措施，再决定是否办理。",
        )
        self.expected, self.found = expected, found


class RunRefused(RuleBroken):
    """The day or the moment of a daily run is not allowed."""


class CopyRefused(RunRefused):
    """A copy of a home hands nothing over: the original may have said it, or may say it yet."""


class ClockDoubted(RunRefused):
    """The machine's clock may have been set, so that nobody knows which day it is."""


class InputRefused(DubanError):
    """A file has problems; nothing of it was used. `problems` holds all of them."""

    def __init__(self, zh: str, problems: Sequence[Problem], cure: str = "") -> None:
        super().__init__(zh, cure)
        self.problems = tuple(problems)

    @property
    def in_full(self) -> str:
        return "\n· ".join((super().in_full, *map(str, self.problems)))


class LedgerRefused(InputRefused):
    """The ledger cannot be imported as it stands."""


class DirectoryRefused(InputRefused):
    """directory.yaml has problems."""


class PolicyRefused(InputRefused):
    """policy.yaml has problems."""


class CalendarRefused(InputRefused):
    """The calendar overlay has problems."""


class ColumnsRefused(InputRefused):
    """columns.yaml has problems."""


class ServiceRefused(InputRefused):
    """service.yaml has problems."""


class ChannelsRefused(InputRefused):
    """channels.yaml has problems."""


class ReportRefused(InputRefused):
    """report.yaml has problems."""


class TemplateRefused(InputRefused):
    """A template of a report cannot be filled."""


class FormRefused(InputRefused):
    """A form handed to a flow is not filled in as it must be."""


class FontRefused(DubanError):
    """No font that could letter a picture is found, or the one that was named cannot."""


class HomeError(DubanError):
    """The home is missing, taken, not writable, or of a newer version."""
