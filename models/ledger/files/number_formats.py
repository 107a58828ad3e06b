"""What a number in a cell shows: Excel keeps days, shares and "第3项" as bare numbers, and says how by a format.

PURE; used inside the sandbox by the reader of workbooks. It shows a day as a date, a month as a month, digits with
their zeros and their words. What it does not know (fractions, exponents) is shown as the number itself.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, auto

NO_SUCH_DAY = "#VALUE!"
"""What is said of a number that is to be shown as a day, and is none."""

EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
_LEAP_DAY_THAT_NEVER_WAS = 60  # Excel believes in 1900-02-29; days before it count from one day later

_CODE_LONGEST = 1_000
_TOKENS = re.compile(r'"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]?|(.)', re.DOTALL)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_DIGITS = re.compile(r"[#0?,]*(?:\.[#0?]*)?")
WHOLE_MOST = 10**15
"""From here on a number has more digits than are kept of it."""
_WRITTEN_OUT_MOST = 10**21
_DAYS_MOST = 3_000_000
_DAY_S = 86_400

# Excel for Chinese writes its built-in formats without their code; and so do all for those of 1 to 22.
_BUILT_IN = {
    **dict.fromkeys((1, 3, 37, 38), "0"),
    **dict.fromkeys((2, 4, 39, 40), "0.00"),
    **{9: "0%", 10: "0.00%"},
    **dict.fromkeys((14, 15, 16, 22, 28, 29, 30, 31, 51, 53, 54, 58), "yyyy-mm-dd"),
    **dict.fromkeys((17, 27, 36, 50, 52, 57), "yyyy-mm"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), "hh:mm:ss"),
    46: "[h]:mm:ss",
}


class _Kind(Enum):
    NUMBER = auto()
    DIGITS = auto()
    DAY = auto()
    MONTH = auto()
    YEAR = auto()
    TIME = auto()
    SPAN = auto()


@dataclass(frozen=True, slots=True)
class _Digits:
    """Digits with words around them: least whole digits, least and most decimals, whether a share of 100."""

    before: str
    after: str
    whole: int
    least: int
    most: int
    percent: bool

    def shown(self, size: Decimal) -> str:
        scaled = (size * 100 if self.percent else size).quantize(Decimal(1).scaleb(-self.most), ROUND_HALF_UP)
        whole, _, decimals = f"{scaled:f}".partition(".")
        kept = decimals[: self.least] + decimals[self.least :].rstrip("0")
        return f"{self.before}{whole.zfill(self.whole)}{'.' if kept else ''}{kept}{self.after}"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One format. `digits` are its sections: for numbers in general, for those below nothing, for nothing."""

    kind: _Kind = _Kind.NUMBER
    digits: tuple[_Digits | None, ...] = ()

    def shown(self, number: float, epoch: date = EPOCH_1900) -> str | date:
        """What the cell shows. A month alone stays a month: the day Excel stores with it was never written."""
        match self.kind:
            case _Kind.NUMBER:
                return bare(number)
            case _Kind.DIGITS:
                return self._in_digits(number)
            case _Kind.TIME | _Kind.SPAN if 0 <= number < _DAYS_MOST:
                return _hours(number if self.kind is _Kind.SPAN else number % 1)
        day = _day(number, epoch)
        if day is None:
            return bare(number) if 0 <= number < 1 else NO_SUCH_DAY
        if self.kind is _Kind.MONTH:
            return f"{day.year}年{day.month}月"
        return f"{day.year}年" if self.kind is _Kind.YEAR else day

    def _in_digits(self, number: float) -> str:
        if abs(number) >= WHOLE_MOST:
            return bare(number)
        size = Decimal(format(number, ".15g"))
        own = 1 if size < 0 and len(self.digits) > 1 else 2 if size == 0 and len(self.digits) > 2 else 0
        if (digits := self.digits[own]) is None:
            return bare(number)
        sign = "-" if size < 0 and own == 0 else ""
        return f"{sign}{digits.shown(abs(size))}".strip()


PLAIN = NumberFormat()


def bare(number: float) -> str:
    """The number with as many digits as Excel keeps, without an exponent where it is of any size; 1.0 is 1."""
    text = format(number, ".15g")
    return format(Decimal(text), "f") if "e" in text and abs(number) < _WRITTEN_OUT_MOST else text


def format_of(number: int, code: str | None) -> NumberFormat:
    """The format of this number in a workbook, by the code that the workbook gives for it, else by its number."""
    code = _BUILT_IN.get(number, "") if code is None else code
    if not code or len(code) > _CODE_LONGEST or "general" in code.lower() or "通用格式" in code:
        return PLAIN
    sections = _sections(code)
    kind = _kind(sections[0])
    if kind is not _Kind.NUMBER:
        return NumberFormat(kind)
    digits = tuple(_digits(section) for section in sections[:3])
    return NumberFormat(_Kind.DIGITS, digits) if any(digits) else PLAIN


def _sections(code: str) -> list[list[tuple[bool, str]]]:
    """The sections of a code as pieces: (words or not, text). Fillers, colours and languages are left out."""
    sections: list[list[tuple[bool, str]]] = [[]]
    for words, escaped, bracket, sign in (token.groups(default="") for token in _TOKENS.finditer(code)):
        if words or escaped:
            sections[-1].append((True, words or escaped))
        elif bracket.startswith("$"):
            sections[-1].append((True, bracket[1:].partition("-")[0]))
        elif _ELAPSED.fullmatch(bracket):
            sections[-1].append((False, f"[{bracket}]"))
        elif sign == ";":
            sections.append([])
        elif sign:
            sections[-1].append((False, sign))
    return sections


def _kind(section: list[tuple[bool, str]]) -> _Kind:
    letters = set("".join(text for is_words, text in section if not is_words).lower())
    if "[" in letters:
        return _Kind.SPAN
    hours = letters & set("hs")
    if "d" in letters:
        return _Kind.DAY
    if "m" in letters and ("y" in letters or not hours):
        return _Kind.MONTH
    if "y" in letters:
        return _Kind.YEAR
    return _Kind.TIME if hours else _Kind.NUMBER


def _digits(section: list[tuple[bool, str]]) -> _Digits | None:
    """Digits in one run, with words before and after; None for anything else."""
    signs = [(is_words or ord(text[:1] or " ") > 0x7F or text in " %()-+¥$", text) for is_words, text in section]
    places = [index for index, (is_words, _) in enumerate(signs) if not is_words]
    if not places or any(is_words for is_words, _ in signs[places[0] : places[-1] + 1]):
        return None
    pattern = "".join(text for is_words, text in signs if not is_words)
    if not _DIGITS.fullmatch(pattern) or pattern.rstrip(".").endswith(","):
        return None  # a comma at the end divides by a thousand
    whole, _, decimals = pattern.replace(",", "").partition(".")
    before = "".join(text for _, text in signs[: places[0]])
    after = "".join(text for _, text in signs[places[-1] + 1 :])
    percent = (False, "%") in section
    return _Digits(before, after, max(1, whole.count("0")), decimals.count("0"), len(decimals), percent)


def _hours(days: float) -> str:
    minutes, seconds = divmod(round(days * _DAY_S), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _day(number: float, epoch: date) -> date | None:
    if not 1 <= number + (epoch == EPOCH_1904) <= _DAYS_MOST:
        return None
    early = epoch == EPOCH_1900 and number < _LEAP_DAY_THAT_NEVER_WAS
    try:
        return epoch + timedelta(days=int(number) + early)
    except OverflowError:
        return None
