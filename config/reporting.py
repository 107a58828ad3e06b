"""Reads an office's report.yaml: who reports, where people may turn, by which formula, and what comes next.

Runs when a report is written. Without the file a report leaves marked blanks; numbers never come from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.yaml_settings import SettingsReader, settings_document, settings_text
from models.errors import ReportRefused
from models.rates import FORMULA_ZH, RateFormula

_WHAT = "报告设置"
LINE_MOST, STEP_MOST, STEPS_MOST = 200, 2_000, 20
"""Characters of a line and of a step, and how many steps."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """What an office says of its reports. "" where it says nothing; `next_steps` are its own words, as written."""

    organisation: str = ""
    contact: str = ""
    formula: RateFormula = RateFormula.WITH_SUSTAINED
    next_steps: tuple[str, ...] = ()


NO_REPORTING = Reporting()


def load_reporting(path: Path) -> Reporting:
    """Reads and checks the file; the defaults where there is none. Raises ReportRefused with every problem."""
    content = settings_text(path, _WHAT, ReportRefused)
    if content is None:
        return NO_REPORTING
    reader = _Reader()
    reporting = reader.reporting(settings_document(path, content, reader.problems, _WHAT, ReportRefused))
    if reader.problems:
        cure = "请按提示修改后重试；不写的项目在报告中留空待填。"
        raise ReportRefused(f"{_WHAT} {path.name} 有{len(reader.problems)}处问题，未采用。", reader.problems, cure)
    return reporting


class _Reader(SettingsReader):
    """What each key of report.yaml means."""

    def reporting(self, document: object) -> Reporting:
        body = self.mapping(document, "", ("organisation", "contact", "formula", "next_steps"))
        return Reporting(
            organisation=self.line(body, "organisation"),
            contact=self.line(body, "contact"),
            formula=self.formula(body.get("formula", RateFormula.WITH_SUSTAINED.value)),
            next_steps=self.steps(body.get("next_steps", [])),
        )

    def line(self, body: Mapping[str, object], where: str) -> str:
        found = body.get(where, "")
        if isinstance(found, int) and not isinstance(found, bool):
            self.wrong(where, "号码须加引号", found)  # YAML drops the zero at its beginning
        elif not isinstance(found, str) or len(found) > LINE_MOST or "\n" in found.strip():
            self.wrong(where, f"应为一行文字，不超过{LINE_MOST}字", found)
        else:
            return found.strip()
        return ""

    def formula(self, found: object) -> RateFormula:
        if isinstance(found, str) and found in set(RateFormula):
            return RateFormula(str(found))
        known = "、".join(f"{formula}（{zh}）" for formula, zh in FORMULA_ZH.items())
        self.wrong("formula", f"没有这种算法，可用：{known}", found)
        return RateFormula.WITH_SUSTAINED

    def steps(self, raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list) or len(raw) > STEPS_MOST:
            self.wrong("next_steps", f"应为一列文字，不超过{STEPS_MOST}条", raw)
            return ()
        for place, step in enumerate(raw, 1):
            if not isinstance(step, str) or not step.strip() or len(step) > STEP_MOST:
                self.wrong(f"next_steps[{place}]", f"应为文字，不超过{STEP_MOST}字", step)
        return tuple(step.strip() for step in raw if isinstance(step, str))
