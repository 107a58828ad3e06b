"""Reads an office's policy.yaml into a `Policy`: stage limits and ladders, every problem told at once.

Runs at the start of each command that needs a ladder. A stage the file leaves out keeps the default's ladder.
The version of a policy is the SHA-256 of what it says, so a changed comment is not a new policy.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from models.errors import PolicyRefused, Problem
from models.ladder import Colour, Ladder, NoticeKind, Offset, OffsetUnit, Policy, Rung, StageLimit
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage
from models.workdays import WorkCalendar

DEFAULT_POLICY = Path(__file__).with_name("policy.yaml")
PRESETS = Path(__file__).with_name("presets")

FARTHEST = 500
"""An offset farther from the due date than this is taken for a slip of the pen."""
_Word = TypeVar("_Word", Role, Colour, NoticeKind)
_LEDGER_STAGES = frozenset({Stage.COMPLETE, Stage.MILESTONE})
_SAMPLE_OF_DUE_DATES = [date(2023, 1, 1) + timedelta(days=n) for n in range(731)]


def preset_path(name: str) -> Path | None:
    """The file of a preset by its short name, or None."""
    path = PRESETS / f"{name}.yaml"
    return path if path.is_file() else None


def load_policy(path: Path, calendar: WorkCalendar) -> Policy:
    """Reads and checks one policy file. Raises PolicyRefused with every problem."""
    reader = _Reader(calendar)
    document = reader.document(path)
    default = yaml.safe_load(DEFAULT_POLICY.read_text(encoding="utf-8"))
    stages = reader.mapping(document.get("stages"), "stages")
    reader.unknown_keys(document, ("name", "stages"), "")
    reader.unknown_keys(stages, tuple(Stage), "stages")
    if not stages and not reader.problems:
        reader.problem("stages", "没有写任何环节")
    effective = {stage.value: stages.get(stage.value, default["stages"][stage.value]) for stage in Stage}
    ladders = {stage: reader.ladder(stage, effective[stage.value]) for stage in Stage}
    immediate = reader.immediate(effective[Stage.COMPLETE.value])
    name = str(document.get("name") or path.stem)
    if reader.problems:
        raise PolicyRefused(f"升级阶梯文件 {path.name} 有{len(reader.problems)}处问题，未采用。", reader.problems,
                            "请按提示修改后重试；可对照默认阶梯 config/policy.yaml。")  # fmt: skip
    content = json.dumps({"name": name, "stages": effective}, ensure_ascii=False, sort_keys=True, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Policy(name, MappingProxyType(ladders), immediate, content, digest)


class _Reader:
    """Turns plain YAML values into ladders and collects what is wrong on the way."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.problems: list[Problem] = []

    def problem(self, where: str, text: str, value: object = "") -> None:
        self.problems.append(Problem(text, where=where, value=str(value)))

    def document(self, path: Path) -> Mapping[str, Any]:
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyRefused(
                f"读不了升级阶梯文件 {path}。", [], "请检查文件是否存在、是否为 UTF-8 文本。"
            ) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"第{mark.line + 1}行" if mark else ""
            raise PolicyRefused(f"升级阶梯文件 {path.name} 不是合法的 YAML。", [Problem("写法有误", where=where)],
                                "请检查缩进、冒号和括号。") from error  # fmt: skip
        return self.mapping(loaded, "文件")

    def mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.problem(where, "应为“键: 值”的形式", "" if value is None else value)
        return {}

    def unknown_keys(self, found: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for key in found:
            if key not in known:
                self.problem(f"{where}.{key}".strip("."), f"不认识的键，可用：{'、'.join(known)}", key)

    def ladder(self, stage: Stage, raw: object) -> Ladder:
        where = f"stages.{stage}"
        body = self.mapping(raw, where)
        known = ("limit", "immediate", "ladder") if stage is Stage.COMPLETE else ("limit", "ladder")
        self.unknown_keys(body, known, where)
        limit = self.limit(stage, body.get("limit"), f"{where}.limit")
        rungs_raw = body.get("ladder")
        if not isinstance(rungs_raw, list):
            self.problem(f"{where}.ladder", "应为一列档位")
            rungs_raw = []
        places = [f"{where}.ladder[{index + 1}]" for index in range(len(rungs_raw))]
        rungs = [(place, self.rung(place, rung)) for place, rung in zip(places, rungs_raw, strict=True)]
        ladder = Ladder(stage, limit, tuple(rung for _, rung in rungs if rung))
        if len(ladder.rungs) == len(rungs):
            for place, text in self.faults(ladder):
                self.problem(f"{where}.ladder[{place + 1}]", text)
        return ladder

    def limit(self, stage: Stage, raw: object, where: str) -> StageLimit:
        text = str(raw)
        if stage in _LEDGER_STAGES:
            if text != "ledger":
                self.problem(where, f"“{STAGE_ZH[stage]}”的时限由台账给出，应写 ledger", text)
            return StageLimit()
        if (
            text.endswith("m")
            and text[:-1].isdigit()
            and 0 < int(text[:-1]) <= 60
            and stage is Stage.FOLLOW_UP
        ):
            return StageLimit(months=int(text[:-1]))
        if text.endswith("wd") and text[:-2].isdigit() and 0 < int(text[:-2]) <= FARTHEST:
            return StageLimit(workdays=int(text[:-2]))
        choices = "如 5wd（5个工作日）或 6m（6个月）" if stage is Stage.FOLLOW_UP else "如 5wd（5个工作日）"
        self.problem(where, f"时限写法不对，应{choices}", text)
        return StageLimit(workdays=1)

    def immediate(self, raw: object) -> StageLimit:
        text = str(raw.get("immediate", "5wd")) if isinstance(raw, Mapping) else "5wd"
        if text.endswith("wd") and text[:-2].isdigit() and 0 < int(text[:-2]) <= FARTHEST:
            return StageLimit(workdays=int(text[:-2]))
        self.problem("stages.complete.immediate", "立行立改的时限写法不对，应如 5wd（5个工作日）", text)
        return StageLimit(workdays=1)

    def rung(self, where: str, raw: object) -> Rung | None:
        body = self.mapping(raw, where)
        before = len(self.problems)
        self.unknown_keys(body, ("at", "to", "kind", "colour", "every", "served"), where)
        at = self.offset(body.get("at"), f"{where}.at")
        every = self.offset(body["every"], f"{where}.every") if "every" in body else None
        to = self.roles(body.get("to"), f"{where}.to")
        kind = self.choice(NoticeKind, body.get("kind"), f"{where}.kind", hidden=NoticeKind.ADDRESS)
        colour = self.choice(Colour, body.get("colour"), f"{where}.colour")
        served = self.choice(Role, body["served"], f"{where}.served") if "served" in body else None
        if len(self.problems) > before or at is None or kind is None or colour is None:
            return None
        return Rung(at, to, kind, colour, every, served)

    def offset(self, raw: object, where: str) -> Offset | None:
        try:
            offset = Offset.parse(str(raw))
        except ValueError:
            self.problem(where, "位移写法不对，应如 -20wd、0、+5wd 或 +30d", raw)
            return None
        if abs(offset.n) > FARTHEST:
            self.problem(where, f"位移过大，不应超过{FARTHEST}", raw)
            return None
        return offset

    def roles(self, raw: object, where: str) -> tuple[Role, ...]:
        if not isinstance(raw, list) or not raw:
            self.problem(where, "应为一列告知对象，如 [unit, lead]", raw if raw is not None else "")
            return ()
        roles = [self.choice(Role, item, where) for item in raw]
        if len(set(raw)) < len(raw):
            self.problem(where, "同一对象写了两次", raw)
        return tuple(role for role in roles if role)

    def choice(self, kind: type[_Word], raw: object, where: str, hidden: _Word | None = None) -> _Word | None:
        known = [member for member in kind if member is not hidden]
        for member in known:
            if member.value == raw:
                return member
        self.problem(where, f"不认识的写法，可用：{'、'.join(known)}", "未填" if raw is None else raw)
        return None

    def faults(self, ladder: Ladder) -> Iterator[tuple[int, str]]:
        """What is wrong with rungs that are each well written: (index of the rung, sentence)."""
        last = len(ladder.rungs) - 1
        for index, rung in enumerate(ladder.rungs):
            if rung.every:
                if index != last:
                    yield index, "只有最后一档可以重复（every）"
                if rung.every.n <= 0 or (rung.at.n != 0 and rung.every.unit is not rung.at.unit):
                    yield index, "every 应为正数，单位与 at 相同"
            if rung.served is not None:
                yield from self.served_faults(ladder, index, rung)
            for role in rung.to:
                if self.never_reached(ladder, index, role):
                    yield index, f"对{ROLE_ZH[role]}来说这一档永远轮不到：后面的档不比它晚"

    def served_faults(self, ladder: Ladder, index: int, rung: Rung) -> Iterator[tuple[int, str]]:
        if rung.served is not Role.UNIT:
            yield index, "served 目前只能写 unit（责任单位）"
        elif not any(Role.UNIT in earlier.to for earlier in ladder.rungs[: index + 1]):
            yield index, "这一档永远轮不到：它要求责任单位先被告知，但此前没有任何一档告知责任单位"

    def never_reached(self, ladder: Ladder, index: int, role: Role) -> bool:
        rung = ladder.rungs[index]
        later = [other for other in ladder.rungs[index + 1 :] if role in other.to]
        if any(self.never_later(other.at, rung.at) for other in later):
            return True
        # A clock of a fixed length opens so late that of the rungs before its opening only the last is ever said.
        length = ladder.limit.workdays
        before_opening = [
            at for at in (rung.at, *(other.at for other in later))
            if length and at.unit is OffsetUnit.WORKDAYS and at.n <= -length
        ]  # fmt: skip
        return rung.at in before_opening and len(before_opening) > 1

    def never_later(self, later: Offset, earlier: Offset) -> bool:
        if later.unit is earlier.unit:
            return later.n <= earlier.n
        return all(
            later.rung_date(due, self.calendar) <= earlier.rung_date(due, self.calendar)
            for due in _SAMPLE_OF_DUE_DATES
        )
