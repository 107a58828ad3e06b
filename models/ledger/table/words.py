"""What single words in cells mean: classes of closure, marks for major, ditto marks, and rows that are no measures.

PURE. Runs for each row of a ledger. A word that is not here is a problem for a person, never guessed.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from models.ledger.columns import plain
from models.lifecycle import CLOSURE_ZH, ClosureClass

CLOSURES: Mapping[str, ClosureClass] = MappingProxyType({zh: closure for closure, zh in CLOSURE_ZH.items()})

_SETTLED = "立行立改 立即整改 即知即改 即行即改 限时整改 限期整改 限期办结 限时完成 限期完成 限时销号"
_MECHANISM = "建章立制 完善机制 完善制度 长效机制 建立长效机制 健全长效机制 健全机制 完善了长效机制"
_SUSTAINED = "持续整改 长期整改 持续推进 长期推进 常态化 常态化推进 持续坚持 长期改进和坚持 长期"
CLOSURE_SYNONYMS: Mapping[str, ClosureClass] = MappingProxyType(
    {
        **dict.fromkeys(_SETTLED.split(), ClosureClass.SETTLED),
        **dict.fromkeys(_MECHANISM.split(), ClosureClass.MECHANISM),
        **dict.fromkeys(_SUSTAINED.split(), ClosureClass.SUSTAINED),
    }
)
"""Words of other vocabularies (audit, notices) that can only mean one of ours. 分阶段整改 is none of them."""

_IS_MAJOR = "是 重大 重大问题 √ ✓ ✔ ☑ Y y YES Yes yes TRUE True"
_IS_NOT = "否 一般 一般问题 非重大 普通 不是 × ✗ ✘ x X ☐ □ N n NO No no FALSE False / - — 无"
MAJOR: Mapping[str, bool] = MappingProxyType(
    {"": False, **dict.fromkeys(_IS_MAJOR.split(), True), **dict.fromkeys(_IS_NOT.split(), False)}
)

DITTO = frozenset({"同上", "同上行", "〃", "″", "〞", '"', "”", "''", "’’"})
_DITTO_BEGINS = frozenset(mark[0] for mark in DITTO)

_TOTALS = re.compile(r"(?:合计|小计|总计|共计|累计|本页小计|汇总)[:：]?共?[0-9]{0,6}[条项个件]?")
_WHO_SIGNS = (
    "填表人|填报人|制表人|制表|审核人|审核|审批人|审定|复核人|报送人|联系人|联系电话|填报单位|填报时间|填报日期|填表日期"
    "|填表单位|制表单位|制表日期|单位负责人|负责人|主要负责人|签字|单位盖章|日期"
)
_NOTES = re.compile(rf"(?:注|说明|备注|附注|填表说明|填报说明|{_WHO_SIGNS})(?:[(（][^()（）]{{0,10}}[)）])?[:：]")


ANNEX = "本表仅供查看，导入时不读取。"
"""What stands alone in a row above the header of a sheet that is no ledger, and says so."""


def is_ditto(text: str) -> bool:
    return 0 < len(text) <= 4 and text[0] in _DITTO_BEGINS and (text in DITTO or plain(text) in DITTO)


def is_total(first: str) -> bool:
    """Whether a row with this first cell sums up: 合计 or the like."""
    return len(first) <= 12 and bool(_TOTALS.fullmatch(plain(first)))


def is_note(first: str) -> bool:
    """Whether a row with this first cell stands around the table, not in it: 填表人：…, 注：…"""
    return bool(_NOTES.match(first))


def is_count_of_columns(cells: Sequence[str]) -> bool:
    """A row that numbers the columns, 1 2 3 … as printed forms have it."""
    filled = [cell for cell in cells[:5] if cell]
    return len(filled) >= 4 and filled == [str(n) for n in range(1, len(filled) + 1)]
