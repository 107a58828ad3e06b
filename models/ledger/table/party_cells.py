"""Whom a cell names: a lead, a responsible unit and those that cooperate, by the names of the directory. PURE.

Runs for each cell of those columns, once for each different text. A name is taken only as the directory has it; what
stands around it (separators, 牵头：, a mark behind a name) must be accounted for to the last character. Leads are in
models/ledger/table/leads.py, what is suggested in models/ledger/table/names.py.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.directory import Directory, DirectoryParty
from models.ledger.columns import Column, plain
from models.ledger.excerpts import short
from models.ledger.rows import Look
from models.ledger.table.headings import Manner
from models.ledger.table.leads import LEAD_LABEL, Leads
from models.ledger.table.names import Named, Names
from models.lifecycle import Role

MAY_ACT = (Role.UNIT,)
LONGEST_CELL = 1000
"""Characters of a cell that names parties at most: what is longer is a report."""
_TOGETHER_MOST = 4
"""Pieces that a name with separators in it may be cut into."""

_SEPARATOR = re.compile(r"[、，,；;/\n|&+]+")
_NOBODY = frozenset({"无", "/", "-", "—", "——", "－", "无配合单位"})
_UNIT_WORD = "(?:责任)?(?:单位|部门|科室|处室|股室|领导)?"
_FIRST, _FURTHER = "牵头|主责|主办|主要责任|第一责任", "配合|协办|协同|协助|参与"
_ROLE = rf"(?P<first>{_FIRST})|(?P<further>{_FURTHER})|责任|承办"
_LABEL = re.compile(rf"(?:^|(?<=[、，,；;/\n\s（(]))(?:{_ROLE}){_UNIT_WORD}[:：]")
_MARK = re.compile(rf"[（(]?(?:(?P<first>{_FIRST})|(?P<further>{_FURTHER})|负责|承办){_UNIT_WORD}[）)]?$")
_MARK_BEFORE = re.compile(rf"^[（(【](?:(?P<first>{_FIRST})|(?P<further>{_FURTHER})){_UNIT_WORD}[）)】]")
_BLANK_BEFORE_MARK = re.compile(r"\s+(?=[（(])")
_AROUND = "。．.【】[]《》“”\"' \t\u3000"
_MARKED_BRACKET = re.compile(rf"[（(]([^（）()]+?)(?:{_FURTHER}){_UNIT_WORD}[）)]")
_BRACKET = re.compile(r"[（(]([^（）()]+)[）)]")
_ITEM = re.compile(r"(?:^|(?<=[\s；;，,、。]))[（(]?[0-9]{1,2}[)）.、．](?=\S)")
_AND = re.compile(r"以及|会同|及|和|与|并")
_LEFT_OVER = "（）()、，,；;：: \n\t/"
_OF_A_UNIT = re.compile(r"[科室处部办局组院中心会队站所股委校厂公司]")
_PERSON = re.compile(r"[\u4e00-\u9fff·]{2,4}")


class MarkedAs(StrEnum):
    """What a name in a cell is marked as."""

    FIRST = "first"
    PLAIN = "plain"
    FURTHER = "further"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One name in a cell: what it is marked as, as written, and the party it is, if any."""

    marked_as: MarkedAs
    written: str
    party: DirectoryParty | None


class PartyBook:
    """The names and codes of a directory, as a ledger may write them. Answers are kept by text."""

    def __init__(self, directory: Directory) -> None:
        self.names = Names(directory)
        self.leads = Leads(self.names)
        self._kept: dict[tuple[Column, str, Manner], Named] = {}

    def named(self, column: Column, text: str, manner: Manner = Manner.PLAIN) -> Named:
        """Whom a cell of this column names."""
        key = (column, text, manner)
        if (found := self._kept.get(key)) is None:
            found = self._kept[key] = self._read(*key)
        return found

    def split_lead_and_unit(self, text: str) -> tuple[str, str]:
        """The parts of a cell that names a lead and units together: (lead, units). What is neither goes with both."""
        leads, units = [], []
        pieces = re.split(r"[、，,；;/\n|\s]+", LEAD_LABEL.sub("", text.strip()))
        for piece in filter(None, pieces):
            bare = _LABEL.sub("", LEAD_LABEL.sub("", piece))
            party = self.names.party(bare)
            acts = party is not None and not party.roles.isdisjoint(MAY_ACT)
            leads += [bare] if not acts else []
            units += [piece if _LABEL.match(piece) else bare] if acts or not self.leads.named(bare).codes else []
        return "、".join(leads), "、".join(units)

    # --- Reading one cell

    def _read(self, column: Column, text: str, manner: Manner) -> Named:
        if len(text) > LONGEST_CELL:
            return Named(faults=((f"文字超过{LONGEST_CELL}字，不是名称", short(text)),))
        if column is Column.LEAD:
            return self.leads.named(text)
        if column is Column.COOPERATING and plain(text) in _NOBODY:
            return Named()
        if (party := self.names.party(text)) is not None:
            return self.names.one(text, party, MAY_ACT)
        return self._units(column, text, manner)

    def _units(self, column: Column, text: str, manner: Manner) -> Named:
        pieces, persons = self._pieces(text, manner), list[str]()
        if not all(piece.party for piece in pieces):
            pieces, persons = self._without_persons(pieces, manner)
        if not pieces:
            return Named(faults=tuple(self.names.faults(text, None, MAY_ACT)))
        if faults := [fault for piece in pieces for fault in self.names.faults(piece.written, piece.party, MAY_ACT)]:
            return Named(faults=tuple(faults))
        if column is not Column.COOPERATING:
            return self._unit(text, pieces, persons)
        codes = _codes(pieces)
        return Named(codes, told="重复的配合单位已略去" if len(codes) < len(pieces) else "")

    def _unit(self, text: str, pieces: Sequence[_Piece], persons: Sequence[str]) -> Named:
        """The marked one is responsible, else the first; the others cooperate."""
        first = {piece.party.code: piece for piece in pieces if piece.marked_as is MarkedAs.FIRST and piece.party}
        if len(first) > 1:
            return Named(faults=(("标明牵头的不止一个，只能有一个责任单位", text),))
        candidates = [*first.values(), *(piece for piece in pieces if piece.marked_as is MarkedAs.PLAIN)]
        if not candidates:
            return Named(faults=(("只写了配合单位，没有写明责任单位", text),))
        codes = _codes([candidates[0], *pieces])
        told = []
        if len(codes) > 1:
            first_zh, *others = map(self.names.name_of, codes)
            why = "标明的" if first else "第一个"
            told.append(f"一格多个单位：责任单位按{why}{first_zh}，{'、'.join(others)}为配合单位")
        if persons:
            told.append(f"{'、'.join(persons)}当作责任人，未读取")
        look = Look.SEVERAL_UNITS if len(codes) > 1 else Look.PERSON_LEFT_OUT
        return Named(codes, told="；".join(told), look=look if told else None)

    def _pieces(self, text: str, manner: Manner) -> list[_Piece]:
        """The names in a cell. Brackets that say who cooperates are opened only where the text is not read as it is."""
        pieces = self._cut(text)
        if all(piece.party for piece in pieces):
            return pieces
        opened = _MARKED_BRACKET.sub(r"；配合：\1；", _ITEM.sub("；", text))
        if manner is Manner.BRACKETS_COOPERATE:
            opened = _BRACKET.sub(r"；配合：\1；", opened)
        opened = re.sub(rf"[（(]((?:{_FIRST}|{_FURTHER}){_UNIT_WORD}[:：][^（）()]*)[）)]", r"；\1；", opened)
        return self._cut(opened) if opened != text else pieces

    def _cut(self, text: str) -> list[_Piece]:
        """The text cut at labels (配合：…), each stretch into names."""
        pieces, marked_as, start = [], MarkedAs.PLAIN, 0
        for label in _LABEL.finditer(text):
            pieces += self._stretch(text[start : label.start()], marked_as)
            marked_as = _marked_as(label)
            start = label.end()
        return pieces + self._stretch(text[start:], marked_as)

    def _stretch(self, text: str, marked_as: MarkedAs) -> list[_Piece]:
        """Names between separators; the longest that the directory knows, since a name may have a separator in it."""
        bounds = [(match.start(), match.end()) for match in _SEPARATOR.finditer(text)]
        starts, ends = [0, *(end for _, end in bounds)], [*(start for start, _ in bounds), len(text)]
        pieces: list[_Piece] = []
        nth = 0
        while nth < len(starts):
            for last in range(min(nth + _TOGETHER_MOST, len(starts)) - 1, nth, -1):
                written = text[starts[nth] : ends[last]]
                if party := self.names.party(written):
                    pieces.append(_Piece(marked_as, written, party))
                    nth = last + 1
                    break
            else:
                pieces += self._atom(text[starts[nth] : ends[nth]].strip(), marked_as)
                nth += 1
        return pieces

    def _atom(self, written: str, marked_as: MarkedAs) -> list[_Piece]:
        """What stands between two separators: a name, a marked name, or names with blanks or 和 between them."""
        if not written:
            return []
        if parties := self._several(written):
            return [_Piece(marked_as, party.name, party) for party in parties]
        if pieces := self._marked(written):
            return pieces
        parts = _BLANK_BEFORE_MARK.sub("", written).split()
        pieces = [
            piece for part in parts for piece in self._marked(part) or [_Piece(marked_as, part, self.names.party(part))]
        ]
        # Names with blanks between them are names only where every one is known: a blank may stand in a name too.
        known = len(parts) > 1 and all(piece.party for piece in pieces)
        return pieces if known else [_Piece(marked_as, written, None)]

    def _marked(self, written: str) -> list[_Piece]:
        """A name with its mark behind it or before it: 人事科（牵头）, （牵头）人事科, 由人事科牵头."""
        behind, before = _MARK.search(written), _MARK_BEFORE.match(written)
        marks = (
            (behind, written[: behind.start()] if behind else ""),
            (before, written[before.end() if before else 0 :]),
        )
        for mark, rest in marks:
            if mark and (parties := self._several(rest.removeprefix("由"))):
                return [_Piece(_marked_as(mark), party.name, party) for party in parties]
        return []

    def _several(self, written: str) -> list[DirectoryParty]:
        """The parties of a text that is nothing but known names; none otherwise."""
        written = written.strip(_AROUND)
        if party := self.names.party(written):
            return [party]
        parts = written.split()
        if len(parts) > 1 and all(found := [self._several(part) for part in parts]):
            return [party for several in found for party in several]
        for match in _AND.finditer(written):
            left, right = self.names.party(written[: match.start()]), self._several(written[match.end() :])
            if left and right:
                return [left, *right]
        return []

    def _without_persons(self, pieces: Sequence[_Piece], manner: Manner) -> tuple[list[_Piece], list[str]]:
        """Persons beside their units are left out: those whom the directory has there, and where the heading says that
        persons stand here, all that can be nothing else."""
        kept: list[_Piece] = []
        persons: list[str] = []
        for piece in pieces:
            unit, rest = (piece.party, "") if piece.party else self._unit_and_rest(piece.written)
            known = unit is not None and unit.code in self.names.people.get(rest, {})
            if rest and not known and not (manner is Manner.WITH_PERSON and _is_person(rest)):
                kept.append(piece)
                continue
            if unit:
                kept.append(_Piece(piece.marked_as, piece.written, unit))
            persons += [rest] if rest else []
        return kept, persons

    def _unit_and_rest(self, written: str) -> tuple[DirectoryParty | None, str]:
        """The longest known name that the text begins with, and what is left of the text."""
        text = plain(written)
        begins = (text[:length] for length in self.names.lengths if length <= len(text))
        name = next((begin for begin in begins if begin in self.names.parties), "")
        return self.names.parties.get(name), text.removeprefix(name).strip(_LEFT_OVER)


def _marked_as(match: re.Match[str]) -> MarkedAs:
    if match["first"]:
        return MarkedAs.FIRST
    return MarkedAs.FURTHER if match["further"] else MarkedAs.PLAIN


def _codes(pieces: Iterable[_Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece.party.code for piece in pieces if piece.party))


def _is_person(text: str) -> bool:
    return bool(_PERSON.fullmatch(text)) and not _OF_A_UNIT.search(text)
