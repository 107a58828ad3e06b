"""Reads an office's policy.yaml into a `Policy`: stage limits and ladders, every problem told at once.

Runs at the start of each command that needs a ladder. A stage the file leaves out keeps the default's ladder.
The version of a policy is the SHA-256 of what it says, so a changed comment is not a new policy.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml
from yaml.reader import ReaderError

from models.errors import PolicyRefused, Problem
from models.ladder import (
    FARTHEST,
    Colour,
    EvidenceRules,
    Ladder,
    NoticeKind,
    Offset,
    Policy,
    Rung,
    StageLimit,
    Unreached,
    unreached,
)
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage
from models.redating import ExtensionRules
from models.workdays import WorkCalendar

DEFAULT_POLICY = Path(__file__).with_name("policy.yaml")
PRESETS = Path(__file__).with_name("presets")

IMMEDIATE = "5wd"
"""The limit of 立行立改 where the policy gives none."""
RETURNED = "5wd"
"""What is left at least to whoever gets work back, where the policy does not say."""
ASK_BEFORE, AT_MOST = "1wd", "30d"
"""How long before the due date an extension is asked, and by how much it moves, where the policy does not say."""
TRIED = tuple(date(2023, 1, 1) + timedelta(days=n) for n in range(1096))
"""Three announced years: a rung on which no clock of these days ever stands is taken for unreachable."""

_LEDGER_STAGES = frozenset({Stage.COMPLETE, Stage.MILESTONE})
# What PyYAML lets out: brackets too deep, and a number too great for a character or a version (\UFFFFFFFF).
_NO_YAML = (yaml.YAMLError, RecursionError, ValueError, OverflowError)
_EVIDENCE_KEYS = ("max_size", "types")
_RUNG_KEYS = ("at", "to", "kind", "colour", "every", "served")
_KINDS = tuple(kind for kind in NoticeKind if kind is not NoticeKind.ADDRESS)  # that one is never a rung's
_SIZE = re.compile(r"([0-9]{1,4})(KB|MB)", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9]{1,8}")
_SPAN = re.compile(r"([0-9]{1,3})(wd|d)")
_EXTRA_KEYS: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {Stage.COMPLETE: ("immediate", "returned"), Stage.DECIDE: ("ask_before", "at_most")}
)
"""What a stage may say besides its limit and its ladder."""
_UNREACHED_ZH: Mapping[Unreached, str] = MappingProxyType(
    {
        Unreached.OVERTAKEN: "后面的档总是同日或更早",
        Unreached.BEFORE_OPENING: "开始计时的时候，后面的档总是已经到了",
    }
)
_Word = TypeVar("_Word", Role, Colour, NoticeKind)


def preset_path(name: str) -> Path | None:
    """The file of a preset by its short name, or None."""
    path = PRESETS / f"{name}.yaml"
    return path if path.is_file() else None


def load_policy(path: Path, calendar: WorkCalendar) -> Policy:
    """Reads and checks one policy file. Raises PolicyRefused with every problem."""
    reader = _Reader(calendar)
    document = reader.document(path)
    name = reader.name(document)
    stages = {**_default("stages"), **reader.stages(document)}
    ladders = {stage: reader.ladder(stage, stages[stage]) for stage in Stage}
    immediate = reader.workdays(stages[Stage.COMPLETE], "complete.immediate", IMMEDIATE, "立行立改的时限")
    returned = reader.workdays(stages[Stage.COMPLETE], "complete.returned", RETURNED, "退回整改的时限")
    extension = reader.extension(stages[Stage.DECIDE])
    wanted = {**_default("evidence"), **reader.mapping(document.get("evidence", {}), "evidence", _EVIDENCE_KEYS)}
    evidence = reader.evidence(wanted)
    if reader.problems:
        cure = "请按提示修改后重试；可对照默认阶梯 config/policy.yaml。"
        raise PolicyRefused(f"升级阶梯文件 {path.name} 有{len(reader.problems)}处问题，未采用。", reader.problems, cure)
    said = {"name": name, "stages": stages, "evidence": wanted}
    content = json.dumps(said, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Policy(name, MappingProxyType(ladders), immediate, returned, extension, evidence, content, digest)


@cache
def _default(part: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _AsWritten(DEFAULT_POLICY.read_text(encoding="utf-8")).get_data()[part]
    return MappingProxyType(found)


class _AsWritten(yaml.BaseLoader):
    """YAML whose words stay text as written: `0` and `"0"` are one, no word turns into a date or a yes.

    A key that stands twice in one mapping is noted; YAML itself would silently keep the last.
    """

    def __init__(self, content: str) -> None:
        super().__init__(content)
        self.repeated: list[Problem] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep)  # refuses keys that are no words
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = f"第{key.start_mark.line + 1}行"
                self.repeated.append(Problem("同一个键写了两次", line, value=_shown(key.value)))
            seen.add(key.value)
        return mapping


class _Reader:
    """Turns YAML values into ladders and collects what is wrong on the way."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.problems: list[Problem] = []

    def problem(self, where: str, text: str) -> None:
        self.problems.append(Problem(text, where))

    def wrong(self, where: str, text: str, found: object) -> None:
        self.problems.append(Problem(text, where, value=_shown(found) or "未填写"))

    def document(self, path: Path) -> Mapping[str, Any]:
        """What the file says. Raises PolicyRefused where that cannot be told."""
        content = _text(path)
        try:
            loader = _AsWritten(content)
            document = loader.get_single_data()
        except _NO_YAML as error:
            raise PolicyRefused(
                f"升级阶梯文件 {path.name} 不是合法的 YAML。",
                [_broken(error, content)],
                "请检查缩进、冒号和括号。",
            ) from error
        self.problems += loader.repeated
        return self.mapping(document, "", ("name", "stages", "evidence"))

    def name(self, document: Mapping[str, Any]) -> str:
        name = document.get("name", "")
        if not isinstance(name, str):
            self.wrong("name", "应为文字", name)
        elif not name.strip().isprintable():
            self.wrong("name", "不能有换行和控制字符", name)
        return str(name).strip() or "未命名"

    def stages(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        if document.get("stages", {}) == {}:
            if document or not self.problems:
                self.problem("stages", "没有写任何环节")
            return {}
        return self.mapping(document["stages"], "stages", tuple(Stage))

    def mapping(self, value: object, where: str, known: Sequence[str]) -> Mapping[str, Any]:
        """A mapping of known keys; an empty one for anything else, which is told."""
        if not isinstance(value, Mapping):
            self.wrong(where or "文件", "应为“键: 值”的形式", value)
            return {}
        for key in value:
            if key not in known:
                place = f"{where}.{_shown(key)}" if where else _shown(key)
                self.problem(place, f"不认识的键，可用：{'、'.join(known)}")
        return value

    def ladder(self, stage: Stage, raw: object) -> Ladder:
        where = f"stages.{stage}"
        known = ("limit", *_EXTRA_KEYS.get(stage, ()), "ladder")
        body = self.mapping(raw, where, known)
        if not isinstance(raw, Mapping):
            return Ladder(stage, StageLimit(), ())
        limit = self.limit(stage, body.get("limit"), f"{where}.limit")
        listed = self.listed(body.get("ladder"), f"{where}.ladder", "应为一列档位")
        places = [f"{where}.ladder[{nth}]" for nth in range(1, len(listed) + 1)]
        read = zip(places, map(self.rung, listed, places), strict=True)
        rungs = {place: rung for place, rung in read if rung}
        ladder = Ladder(stage, limit, tuple(rungs.values()))
        for index, place in enumerate(rungs):
            for text in self.faults(ladder, index, whole=len(rungs) == len(listed)):
                self.problem(place, text)
        return ladder

    def listed(self, raw: object, where: str, otherwise: str) -> Sequence[Any]:
        if not isinstance(raw, list):
            self.wrong(where, otherwise, raw)
            return []
        if not raw:
            self.problem(where, "没有填写")
        return raw

    def limit(self, stage: Stage, raw: object, where: str) -> StageLimit:
        """A limit that cannot be read counts as the ledger's, so that no rung is blamed for it."""
        if stage in _LEDGER_STAGES:
            if raw != "ledger":
                self.wrong(where, f"“{STAGE_ZH[stage]}”的时限由台账给出，应写 ledger", raw)
            return StageLimit()
        if stage is Stage.FOLLOW_UP and raw == "none":
            return StageLimit()
        limit = _limit(raw)
        if limit is None or (limit.months and stage is not Stage.FOLLOW_UP):
            months = " 或 6m（6个月），每条措施各自写明间隔的写 none" if stage is Stage.FOLLOW_UP else ""
            self.wrong(where, f"时限写法不对，应如 5wd（5个工作日）{months}", raw)
            return StageLimit()
        return limit

    def workdays(self, raw: object, where: str, otherwise: str, what: str) -> StageLimit:
        """A number of working days that the stage may set besides its limit."""
        written = raw.get(where.rpartition(".")[2], otherwise) if isinstance(raw, Mapping) else otherwise
        limit = _limit(written)
        if limit is None or limit.months:
            self.wrong(f"stages.{where}", f"{what}写法不对，应如 5wd（5个工作日）", written)
            return StageLimit()
        return limit

    def extension(self, raw: object) -> ExtensionRules:
        body = raw if isinstance(raw, Mapping) else {}
        found = {}
        for key, otherwise, unit in (("ask_before", ASK_BEFORE, "wd"), ("at_most", AT_MOST, "d")):
            written = body.get(key, otherwise)
            match = _SPAN.fullmatch(written) if isinstance(written, str) else None
            if match is None or match[2] != unit or int(match[1]) > FARTHEST:
                self.wrong(f"stages.decide.{key}", f"写法不对，应如 {otherwise}", written)
            else:
                found[key] = int(match[1])
        return ExtensionRules(found.get("ask_before", 1), found.get("at_most", 30))

    def evidence(self, body: Mapping[str, Any]) -> EvidenceRules:
        size = body.get("max_size")
        match = _SIZE.fullmatch(size) if isinstance(size, str) else None
        if match is None or int(match[1]) == 0:
            self.wrong("evidence.max_size", "大小写法不对，应如 50MB", size)
        types = self.listed(body.get("types"), "evidence.types", "应为一列文件类型，如 [pdf, docx]")
        for kind in types:
            if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
                self.wrong("evidence.types", "文件类型应为小写的扩展名，不带点，如 pdf", kind)
        unit = 1 << 20 if match and match[2].upper() == "MB" else 1 << 10
        return EvidenceRules(int(match[1]) * unit if match else 0, frozenset(map(str, types)))

    def rung(self, raw: object, where: str) -> Rung | None:
        before = len(self.problems)
        body = self.mapping(raw, where, _RUNG_KEYS)
        if not isinstance(raw, Mapping):
            return None
        at = self.offset(body.get("at"), f"{where}.at")
        to = self.roles(body.get("to"), f"{where}.to")
        kind = self.choice(_KINDS, body.get("kind"), f"{where}.kind")
        colour = self.choice(tuple(Colour), body.get("colour"), f"{where}.colour")
        every = self.offset(body["every"], f"{where}.every") if "every" in body else None
        served = self.choice(tuple(Role), body["served"], f"{where}.served") if "served" in body else None
        if len(self.problems) > before or at is None or kind is None or colour is None:
            return None
        return Rung(at, to, kind, colour, every, served)

    def offset(self, raw: object, where: str) -> Offset | None:
        try:
            offset = Offset.parse(raw if isinstance(raw, str) else "")
        except ValueError:
            self.wrong(where, "位移写法不对，应如 -20wd、0、+5wd 或 +30d", raw)
            return None
        if abs(offset.n) > FARTHEST:
            self.wrong(where, f"位移过大，不应超过{FARTHEST}", raw)
            return None
        return offset

    def roles(self, raw: object, where: str) -> tuple[Role, ...]:
        listed = self.listed(raw, where, "应为一列告知对象，如 [unit, lead]")
        roles = [role for role in (self.choice(tuple(Role), word, where) for word in listed) if role]
        for role in sorted({role for role in roles if roles.count(role) > 1}):
            self.wrong(where, "同一对象写了两次", role)
        return tuple(roles)

    def choice(self, known: Collection[_Word], raw: object, where: str) -> _Word | None:
        for member in known:
            if member.value == raw:
                return member
        self.wrong(where, f"不认识的写法，可用：{'、'.join(known)}", raw)
        return None

    def faults(self, ladder: Ladder, index: int, whole: bool) -> Iterator[str]:
        """What is wrong with a rung that is well written in itself; `whole`: so are all others of its ladder."""
        rung = ladder.rungs[index]
        if rung.every:
            if index != len(ladder.rungs) - 1:
                yield "只有最后一档可以重复（every）"
            if rung.every.n <= 0:
                yield "every 应为正数"
            if rung.at.n != 0 and rung.every.unit is not rung.at.unit:
                yield "every 的单位应与 at 相同"
        if rung.served not in (None, Role.UNIT):
            yield "served 目前只能写 unit（责任单位）"
        elif rung.served and whole and not any(Role.UNIT in r.to for r in ladder.rungs[: index + 1]):
            yield "这一档要求责任单位先被告知，但到这一档为止没有一档告知责任单位"
        for role in rung.to:
            if reason := unreached(ladder, index, role, self.calendar, TRIED):
                yield f"对{ROLE_ZH[role]}来说这一档永远轮不到：{_UNREACHED_ZH[reason]}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise PolicyRefused(f"没有升级阶梯文件 {path}。", [], "请检查文件名和所在的文件夹。") from error
    except UnicodeDecodeError as error:
        raise PolicyRefused(f"升级阶梯文件 {path.name} 不是 UTF-8 文本。", [], "请另存为 UTF-8 编码后重试。") from error
    except OSError as error:
        raise PolicyRefused(f"读不了升级阶梯文件 {path}。", [], "请检查它是否为文件、是否有权读取。") from error


def _broken(error: Exception, content: str) -> Problem:
    """The place where the YAML breaks off, as far as it is known."""
    if isinstance(error, RecursionError):
        return Problem("括号套得太深")
    if isinstance(error, ReaderError):
        line = content.count("\n", 0, error.position)
        return Problem("有不能使用的控制字符", f"第{line + 1}行")
    mark = getattr(error, "problem_mark", None)
    return Problem("写法有误", f"第{mark.line + 1}行" if mark else "")


def _limit(raw: object) -> StageLimit | None:
    try:
        return StageLimit.parse(raw if isinstance(raw, str) else "")
    except ValueError:
        return None


def _shown(value: object) -> str:
    """What was found, fit for one line of a message."""
    if isinstance(value, list | dict):
        return "一列" if isinstance(value, list) else "一组键和值"
    if not isinstance(value, str):
        return ""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in value)
    return shown if len(shown) <= 40 else f"{shown[:40]}……"
