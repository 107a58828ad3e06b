"""What one heading of a ledger means: by name, synonym, the office's own mapping, or likeness. PURE.

Runs on the few cells that may be a header. A heading that says two things (责任单位及责任人) is read where its cells
can be split safely, and is unknown otherwise. Likeness forgives one mistyped character (主板单位 for 主办单位), and
only where nothing else is as like.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from models.ledger.columns import Column, ColumnMapping, plain
from models.ledger.rows import MatchedBy
from models.ledger.table.synonyms import ADJUSTED, FORMER, STRONG, UNREAD, WEAK

HEADING_LONGEST = 40
"""Characters of a heading at most: what is longer is text."""
LIKE_FROM = 4
"""Characters that a heading has at least where one of them may be mistyped."""

PERSONS = "责任人"
_LATER = frozenset({"进展", "状态", "困难和下一步", "佐证", "销号和验收", "报送和日期", "督导"})
"""What a group of columns holds that tells how it went: 完成时间 under 整改情况 is no time limit."""

_MARKS = str.maketrans(
    {"【": "(", "】": ")", "〔": "(", "〕": ")", "[": "(", "]": ")", **dict.fromkeys(":*★☆※#·.\"'“”\u200b\ufeff")}
)
_NUMBERED = re.compile(r"^(?:\([0-9一二三四五六七八九十]{1,2}\)|[0-9一二三四五六七八九十]{1,2}[、.)])(?=.)")
_AND = re.compile(r"以及|及其|(?<!参)与|和|[、/,;&+]|及")
_IS_OWN_KEY = re.compile(r"[^和与以及其、/()\x00-\x7f]+")
_BRACKET = re.compile(r"([^()]*)\(([^()]*)\)([^()]*)")
_TAILS = ("名称", "全称", "姓名", "具体内容", "内容", "描述", "明细", "清单", "表述")
_HEADS = ("具体", "主要", "本次", "拟", "对应", "相应", "各")


class Manner(StrEnum):
    """How the cells of a column are to be taken, where its heading says more than one thing."""

    PLAIN = "plain"
    BRACKETS_COOPERATE = "brackets_cooperate"
    WITH_PERSON = "with_person"
    LEAD_AND_UNIT = "lead_and_unit"
    TEXT_WITH_LIMIT = "text_with_limit"
    ADJUSTED = "adjusted"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means. Without a column it is known and not read; `kind` says (Chinese) what it holds.

    A `weak` meaning gives way to a stronger one for the same column.
    """

    column: Column | None
    kind: str = ""
    by: MatchedBy = MatchedBy.SYNONYM
    weak: bool = False
    manner: Manner = Manner.PLAIN

    @property
    def rank(self) -> int:
        """Which of several headings for one column is read: the one with the lowest."""
        if self.manner is Manner.ADJUSTED and self.by is not MatchedBy.MAPPING:
            return _RANK_OF_ADJUSTED
        return _WEAK_RANK if self.weak else _RANK[self.by]


_RANK = {
    MatchedBy.MAPPING: 0,
    MatchedBy.NAME: 2,
    MatchedBy.SYNONYM: 3,
    MatchedBy.COMPOSITE: 4,
    MatchedBy.LIKENESS: 6,
}
_RANK_OF_ADJUSTED, _WEAK_RANK = 1, 5
RANK_OF_SYNONYM = _RANK[MatchedBy.SYNONYM]
"""Up to this rank a heading says its column by itself."""


def heading_key(heading: str) -> str:
    """The heading for comparing: widths, blanks, marks, a leading number and the word for "and" made alike."""
    text = _NUMBERED.sub("", plain(heading)).translate(_MARKS)
    return _AND.sub("及", text.replace("()", "")).strip("及")


@cache
def _known() -> Mapping[str, Meaning]:
    """Every known word by its key, made when it is first asked for; the surer of two meanings."""
    unread = {kind: Meaning(None, kind) for kind in UNREAD.values()}
    weak = {column: Meaning(column, weak=True) for column in Column}
    strong = {column: Meaning(column) for column in Column}
    known = {_key_of(word): unread[kind] for word, kind in UNREAD.items()}
    known |= {_key_of(word): weak[column] for word, column in WEAK.items()}
    known |= {_key_of(word): strong[column] for word, column in STRONG.items()}
    known |= {_key_of(word): Meaning(Column.LIMIT, weak=True, manner=Manner.FORMER) for word in FORMER}
    known |= {_key_of(word): Meaning(Column.LIMIT, manner=Manner.ADJUSTED) for word in ADJUSTED}
    return MappingProxyType(known | {column.value: Meaning(column, by=MatchedBy.NAME) for column in Column})


def _key_of(word: str) -> str:
    """The key of a word of ours; nearly all of the thousands are their own."""
    return word if _IS_OWN_KEY.fullmatch(word) else heading_key(word)


def meaning_of(heading: str, mapping: ColumnMapping) -> Meaning | None:
    """What the heading means, leaving likeness aside; None where nobody knows. The office's mapping beats all."""
    if not heading or len(heading) > HEADING_LONGEST:
        return None
    key = heading_key(heading)
    if key in mapping:
        column = mapping[key]
        return Meaning(column, "" if column else "对照表写明忽略", MatchedBy.MAPPING)
    return _meaning(key)


@lru_cache(maxsize=4096)
def _meaning(key: str) -> Meaning | None:
    return _exact(key) or _bracketed(key) or _joined(key) or _trimmed(key)


def _exact(key: str) -> Meaning | None:
    known = _known()
    return known.get(key) or known.get(key.replace("(", "").replace(")", ""))


def _trimmed(key: str) -> Meaning | None:
    """Without a word that says nothing more: 责任单位名称, 具体责任单位."""
    for tail in _TAILS:
        if key.endswith(tail) and (found := _exact(key.removesuffix(tail))):
            return replace(found, by=MatchedBy.SYNONYM, weak=True)
    for head in _HEADS:
        if key.startswith(head) and (found := _exact(key.removeprefix(head))):
            return replace(found, by=MatchedBy.SYNONYM, weak=True)
    return None


def _bracketed(key: str) -> Meaning | None:
    """A bracket that means a column makes two meanings (责任(配合)单位); any other is a remark (责任单位(盖章))."""
    match = _BRACKET.fullmatch(key)
    if not match:
        return None
    before, inner, after = match.groups()
    outer = (before + after).strip("及")
    inner = inner.removeprefix("含").removeprefix("附").strip("及")
    found = _exact(inner + outer)
    if found and (found.column is None or found.manner in {Manner.ADJUSTED, Manner.FORMER}):
        return found  # 完成日期(实际), 完成时限(调整后)
    main = _exact(outer) or _joined(outer) or _trimmed(outer)
    beside = _exact(inner) or _exact(inner + outer[-2:])
    return _both(main, beside) if main and beside else main


def _joined(key: str) -> Meaning | None:
    """整改措施及完成时限; also 主办、协办单位, whose parts share an end, and 责任单位及人, which share a start."""
    parts = key.split("及")
    if not 2 <= len(parts) <= 3:
        return None
    found = [_exact(part) or _exact(part + parts[-1][-2:]) or _exact(parts[0][:2] + part) for part in parts]
    meaning = found[0]
    for other in found[1:]:
        meaning = _both(meaning, other) if meaning and other else None
    return meaning


def _both(first: Meaning, second: Meaning) -> Meaning | None:
    """The meaning of a heading that says both; None where its cells cannot be split safely."""
    columns = {first.column, second.column}
    if len(columns) == 1:
        return first
    if None in columns:
        return _beside_unread(*((second, first) if first.column is None else (first, second)))
    if columns == {Column.UNIT, Column.COOPERATING}:
        return _composite(Column.UNIT, Manner.BRACKETS_COOPERATE)
    if columns == {Column.LEAD, Column.UNIT}:
        return _composite(Column.LEAD, Manner.LEAD_AND_UNIT)
    if columns <= {Column.TEXT, Column.SUB, Column.LIMIT} and Column.LIMIT in columns:
        return _composite(next(iter(columns - {Column.LIMIT})), Manner.TEXT_WITH_LIMIT)
    return None


def _beside_unread(read: Meaning, unread: Meaning) -> Meaning:
    if read.column is Column.PROBLEM and unread.kind in _LATER:
        return unread  # 存在的困难和问题 is what hinders, not what was found
    with_person = read.column is Column.UNIT and unread.kind == PERSONS
    return _composite(read.column, Manner.WITH_PERSON if with_person else read.manner)


def _composite(column: Column | None, manner: Manner) -> Meaning:
    return Meaning(column, by=MatchedBy.COMPOSITE, manner=manner)


# --- A heading that stands under another

_UNDER: Mapping[Column, Mapping[str, Column | str]] = MappingProxyType(
    {
        Column.UNIT: {
            **dict.fromkeys(("牵头", "主责", "主办", "责任", "主要", "承办", "第一责任"), Column.UNIT),
            **dict.fromkeys(("单位", "部门", "科室", "名称"), Column.UNIT),
            **dict.fromkeys(("配合", "协办", "协同", "参与", "协助", "其他", "共同"), Column.COOPERATING),
            **dict.fromkeys(("领导", "牵头领导", "责任领导"), Column.LEAD),
        },
        Column.COOPERATING: dict.fromkeys(("单位", "部门", "科室", "名称"), Column.COOPERATING),
        Column.LEAD: dict.fromkeys(("姓名", "领导", "牵头"), Column.LEAD),
        Column.LIMIT: {
            **dict.fromkeys(("完成", "止", "截止", "结束", "终止"), Column.LIMIT),
            **dict.fromkeys(("完成时间", "完成日期", "日期", "时间"), Column.LIMIT),
            **dict.fromkeys(("计划", "计划完成", "预计", "预计完成", "要求", "拟完成"), Column.LIMIT),
            **dict.fromkeys(("开始", "起", "起始", "开始时间", "启动"), "起始时间"),
            **dict.fromkeys(("实际", "实际完成", "实际时间"), "销号和验收"),
        },
        Column.TEXT: dict.fromkeys(("内容", "描述", "主要内容"), Column.TEXT),
        Column.PROBLEM: dict.fromkeys(("内容", "描述", "具体内容", "表现", "具体表现"), Column.PROBLEM),
    }
)  # fmt: skip


def meaning_under(group: str, heading: str, mapping: ColumnMapping) -> Meaning | None:
    """What a heading means that stands under a wider one: 配合 under 责任单位, 时限 under 整改措施."""
    if f"{heading_key(group)}及{heading_key(heading)}" in mapping:
        return meaning_of(f"{group}/{heading}", mapping)
    above, own = meaning_of(group, mapping), meaning_of(heading, mapping)
    if own and own.by is MatchedBy.MAPPING:
        return own
    if above and above.column is None and above.kind in _LATER:
        return above
    key, over = heading_key(heading), heading_key(group)
    under = _UNDER.get(above.column, {}) if above and above.column else {}
    if key in under:
        said = under[key]
        return Meaning(said) if isinstance(said, Column) else Meaning(None, said)
    if own and not own.weak and own.column:
        return own
    return _exact(over + key) or _exact(key + over) or _exact(over[:2] + key) or own


# --- Likeness


def likeness_of(heading: str) -> Meaning | None:
    """The column whose heading differs in one character, if one alone does. What is known and not read is no column."""
    key = heading_key(heading)
    if not LIKE_FROM <= len(key) <= HEADING_LONGEST:
        return None
    return _likeness(key)


@lru_cache(maxsize=1024)
def _likeness(key: str) -> Meaning | None:
    known = _known()
    near = (known[word] for word in _candidates(key) if one_apart(word, key))
    columns = {meaning.column for meaning in near if not meaning.weak}
    if len(columns) != 1 or None in columns:
        return None
    return Meaning(columns.pop(), by=MatchedBy.LIKENESS)


@cache
def _by_ends() -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Words that may be mistyped by their first two characters, by their last two, and by their length."""
    found: dict[tuple[str, int], list[str]] = {}
    for word in _known():
        if len(word) >= LIKE_FROM:
            for end in {f"{word[:2]}…", f"…{word[-2:]}"}:
                found.setdefault((end, len(word)), []).append(word)
    return MappingProxyType({key: tuple(words) for key, words in found.items()})


def _candidates(key: str) -> set[str]:
    """Words that can be one apart from this: one slip leaves two characters at an end as they were, but for those that
    changed places in the middle."""
    by_ends = _by_ends()
    ends = ((end, length) for end in (f"{key[:2]}…", f"…{key[-2:]}") for length in range(len(key) - 1, len(key) + 2))
    turned = (key[:n] + key[n + 1] + key[n] + key[n + 2 :] for n in range(len(key) - 1))
    return {word for end in ends for word in by_ends.get(end, ())} | set(turned) & _known().keys()


def one_apart(one: str, other: str) -> bool:
    """Whether the words differ by one character changed, left out or put in, or by two neighbours in changed places."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    first = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[first:], other[first:]
    if len(one) != len(other):
        return rest[1:] == others or others[1:] == rest
    return rest[1:] == others[1:] or (rest[1:2] + rest[:1] == others[:2] and rest[2:] == others[2:])
