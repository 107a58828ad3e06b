"""Makes ways of writing alike before the grammar reads: widths, blanks, and Chinese numerals that count something.

Normalising what is normal changes nothing. It decides nothing about limits.
"""

import re
import unicodedata
from functools import lru_cache

_DIGITS = "一二三四五六七八九"
_VALUE = {digit: value for value, digit in enumerate(_DIGITS, 1)} | {"两": 2}
_YEAR_DIGITS = str.maketrans(f"〇零○OoΟ{_DIGITS}", "000000123456789")
_NUMERALS = f"〇零○{_DIGITS}两十百千"

_BLANK = r"\s\u200b-\u200d\u2060\ufeff"
# A blank inside a number stays: "1 5日内" is not 15 days.
_LOOSE_BLANK = re.compile(rf"(?<![0-9{_NUMERALS}{_BLANK}])[{_BLANK}]++|[{_BLANK}]++(?![0-9{_NUMERALS}])")
_YEAR_IN_WORDS = re.compile(rf"(?<![0-9{_NUMERALS}])[{_DIGITS}2][〇零○OoΟ0{_DIGITS}0-9]{{3}}(?=年)")
# Only whole numbers, and only before what they count: 统一, 一把手, 2十日 and 两三个月 stay as they are.
_COUNTED = "个|年|月|日|号|天|周|星期|季度|工作日|自然日|小时"
_COUNT_IN_WORDS = re.compile(rf"(?<![0-9{_NUMERALS}])[{_NUMERALS}]{{1,5}}(?=半?(?:{_COUNTED}))")
_WHOLE = re.compile(
    rf"(?:(?P<hundreds>[{_DIGITS}])?百)?(?:零?(?P<tens>[{_DIGITS}])?(?P<ten>十))?零?(?P<ones>[{_DIGITS}两])?"
)


@lru_cache(maxsize=4096)
def _compatible(character: str) -> str:
    """NFKC of one character, but ①, ² and ㏠ stay: "①5日内" is an item number, not 15 days."""
    plain = unicodedata.normalize("NFKC", character)
    return character if len(plain) > 1 or unicodedata.category(character) == "No" else plain


def _in_digits(match: re.Match[str]) -> str:
    """一 to 九百九十九 in digits; anything else as it stands."""
    words = match[0]
    if words in _VALUE:
        return str(_VALUE[words])
    whole = _WHOLE.fullmatch(words)
    if not whole or words[0] in "零两":
        return words
    hundreds = _VALUE.get(whole["hundreds"], 1) if "百" in words else 0
    tens = _VALUE.get(whole["tens"], 1) if whole["ten"] else 0
    if hundreds and not tens and whole["ones"] and "零" not in words:
        return words  # 一百二 is 120 to some and unfinished to others
    return str(hundreds * 100 + tens * 10 + _VALUE.get(whole["ones"], 0))


# The numbers of a list in one cell: "1.4月底前;2.5月底前" has two items, and no 1.4.
_FIRST_MARK = re.compile(r"^1[.、](?=[0-9]{1,2}月.{1,60}?[;,。\n]2[.、])", re.DOTALL)
_MARK = re.compile(r"(?:^|(?<=[;,。\n]))[1-9][.、](?=[0-9一-龥])")

_SLIP = re.compile(r"(?<=[月年季度])低(?=前|完成|$|[,;。])")  # typed for 底
# What begins an item: a bullet, ①, (1), 1), "1.6月底前" (which is no 1.6), 1、 where no list of months begins.
_BULLET = re.compile(
    r"^(?:[•·●○■□◆★☆※▲►*]|[-—–](?=[0-9一-龥])|[①-⑳]|\([0-9]{1,2}\)|[0-9]{1,2}\)|"
    r"[1-9](?:[.、](?=[一-龥]|20[0-9]{2}年)|\.(?=[0-9]{1,2}月(?!内))|、(?=[0-9]{1,3}(?:日|天|个月|个?工作日))))"
)
_TWICE = re.compile(r"(?<=[0-9])\([一二三四五六七八九十百零两]{1,5}\)(?=个|日|天|年|月|周)")  # 10(十)个工作日
_FIRST_MONTH = re.compile(r"(?<![0-9纪公])元月")
# Characters of the traditional script that dates are written with, as in texts copied from elsewhere.
_SIMPLIFIED = str.maketrans("內個後號週間開爭長續堅進辦", "内个后号周间开争长续坚进办")


def normalise(text: str) -> str:
    """`text` with plain width, without blanks (but inside numbers), dates and counts in Arabic digits."""
    plain = _LOOSE_BLANK.sub("", "".join(map(_compatible, text)).translate(_SIMPLIFIED))
    if _FIRST_MARK.search(plain):
        plain = _MARK.sub("", plain)
    plain = _TWICE.sub("", _BULLET.sub("", plain))
    plain = _SLIP.sub("底", plain)
    plain = _FIRST_MONTH.sub("1月", plain)
    plain = _YEAR_IN_WORDS.sub(lambda match: match[0].translate(_YEAR_DIGITS), plain)
    return _COUNT_IN_WORDS.sub(_in_digits, plain)
