"""Whom a cell names: a lead, a responsible unit and those that cooperate, by the names of the directory. PURE.

Runs for each cell of those columns, once for each different text. A name is taken only as the directory has it; what
stands around it (separators, 牵头：, titles) must be accounted for to the last character. The nearest names are only
ever suggested.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from models.directory import Directory, DirectoryParty
from models.ledger.columns import Column, plain
from models.ledger.headings import Manner
from models.ledger.rows import Look
from models.lifecycle import ROLE_ZH, Role

MAY_LEAD = (Role.LEAD, Role.HEAD)
MAY_ACT = (Role.UNIT,)
SUGGESTED_MOST = 300
"""Unknown names for which near ones are sought: a ledger of another office's would be compared for minutes."""
LONGEST_CELL = 1000
"""Characters of a cell that names parties at most: what is longer is a report."""
_TOGETHER_MOST = 4
"""Pieces that a name with separators in it may be cut into."""

_SEPARATOR = re.compile(r"[、，,；;/\n|]+")
_NOBODY = frozenset({"无", "/", "-", "—", "——", "－", "无配合单位"})
_EVERYBODY = re.compile(r"(?:机关|局|校|院|全局|全校|本级|直属|相关|有关)*(?:各|全体|所有|相关|有关|全部)\S{0,12}|全体")
_UNIT_WORD = "(?:责任)?(?:单位|部门|科室|处室|股室|领导)?"
_FIRST, _FURTHER = "牵头|主责|主办|主要责任|第一责任", "配合|协办|协同|协助|参与"
_ROLE = rf"(?P<first>{_FIRST})|(?P<further>{_FURTHER})|责任|承办"
_LABEL = re.compile(rf"(?:^|(?<=[、，,；;/\n\s（(]))(?:{_ROLE}){_UNIT_WORD}[:：]")
_MARK = re.compile(rf"[（(]?(?:(?P<first>{_FIRST})|(?P<further>{_FURTHER})){_UNIT_WORD}[）)]?$")
_MARKED_BRACKET = re.compile(rf"[（(]([^（）()]+?)(?:{_FURTHER}){_UNIT_WORD}[）)]")
_BRACKET = re.compile(r"[（(]([^（）()]+)[）)]")
_ITEM = re.compile(r"(?:^|(?<=[\s；;，,、。]))[（(]?[0-9]{1,2}[)）.、．](?=\S)")
_AND = re.compile(r"以及|会同|及|和|与|并")
_LEAD_LABEL = re.compile(r"^(?:牵头|责任|分管|主管|包抓)?(?:领导|负责人|人)[:：]")
_LEFT_OVER = "（）()、，,；;：: \n\t/"
_OF_A_UNIT = re.compile(r"[科室处部办局组院中心会队站所股委校厂公司]")
_PERSON = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_TITLE = re.compile(
    r"(?:[（）()、，,：:；;\s/]|[一二三四]级|市委|县委|区委|党委|党组|党工委|工委|党总支|党支部|支部|纪委|纪检|班子|机关"
    r"|常务|代|副|正|主要|分管|牵头|兼|书记|局长|主任|院长|校长|处长|科长|股长|主席|部长|委员|成员|同志|领导|组长|调研员"
    r"|巡视员|研究员|总?工程师|总?经济师|总?会计师|董事长|总?经理|所长|馆长|县长|市长|区长|镇长|乡长|省长|厅长|司长|秘书长"
    r"|会长|理事长|站长|园长|台长|社长|庭长|检察长|负责人|教授|老师|主管|总|局|院|校|组|市|县|区|处|科)++"
)


class Said(StrEnum):
    """What a name in a cell is marked as."""

    FIRST = "first"
    PLAIN = "plain"
    FURTHER = "further"


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a cell names, as codes, the responsible one first. `faults` are (what is wrong, value); `told` and `look`
    say what was not as plain as it should be."""

    codes: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    told: str = ""
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """One name in a cell: what it is marked as, as written, and the party it is, if any."""

    said: Said
    written: str
    party: DirectoryParty | None


class NameBook:
    """The names and codes of a directory, as a ledger may write them. Answers are kept by text."""

    def __init__(self, directory: Directory) -> None:
        self.parties = {plain(party.code): party for party in directory.parties}
        self.parties.update({plain(party.name): party for party in directory.parties})
        self.people: dict[str, dict[str, DirectoryParty]] = {}
        for party in directory.parties:
            for person in party.people:
                if not person.disabled:
                    self.people.setdefault(plain(person.name), {})[party.code] = party
        self._kept: dict[tuple[Column, str, Manner], Named] = {}
        self._suggested = 0
        self._leads = tuple(self._names_of_leads())

    def named(self, column: Column, text: str, manner: Manner = Manner.PLAIN) -> Named:
        """Whom a cell of this column names."""
        key = (column, text, manner)
        if (found := self._kept.get(key)) is None:
            found = self._kept[key] = self._read(*key)
        return found

    def split_lead_and_unit(self, text: str) -> tuple[str, str]:
        """The parts of a cell that names a lead and units together: (lead, units). What is neither goes with both."""
        leads, units = [], []
        pieces = re.split(r"[、，,；;/\n|\s]+", _LEAD_LABEL.sub("", text.strip()))
        for piece in filter(None, pieces):
            bare = _LABEL.sub("", _LEAD_LABEL.sub("", piece))
            party = self._party(bare)
            acts = party is not None and not party.roles.isdisjoint(MAY_ACT)
            leads += [bare] if not acts else []
            units += [piece if _LABEL.match(piece) else bare] if acts or not self._lead(bare).codes else []
        return "、".join(leads), "、".join(units)

    # --- Reading one cell

    def _read(self, column: Column, text: str, manner: Manner) -> Named:
        if len(text) > LONGEST_CELL:
            return Named(faults=((f"文字超过{LONGEST_CELL}字，不是名称", f"{text[:40]}……"),))
        if column is Column.LEAD:
            return self._lead(text)
        if column is Column.COOPERATING and plain(text) in _NOBODY:
            return Named()
        if (party := self._party(text)) is not None:
            return self._one(text, party, MAY_ACT)
        return self._units(column, text, manner)

    def _units(self, column: Column, text: str, manner: Manner) -> Named:
        pieces, persons = self._pieces(text, manner), list[str]()
        if manner is Manner.WITH_PERSON:
            pieces, persons = self._without_persons(pieces)
        if not pieces:
            return Named(faults=tuple(self._faults(text, None, MAY_ACT)))
        if faults := [fault for piece in pieces for fault in self._faults(piece.written, piece.party, MAY_ACT)]:
            return Named(faults=tuple(faults))
        if column is not Column.COOPERATING:
            return self._unit(text, pieces, persons)
        codes = _codes(pieces)
        return Named(codes, told="重复的配合单位已略去" if len(codes) < len(pieces) else "")

    def _unit(self, text: str, pieces: Sequence[_Piece], persons: Sequence[str]) -> Named:
        """The marked one is responsible, else the first; the others cooperate."""
        first = {piece.party.code: piece for piece in pieces if piece.said is Said.FIRST and piece.party}
        if len(first) > 1:
            return Named(faults=(("标明牵头的不止一个，只能有一个责任单位", text),))
        candidates = [*first.values(), *(piece for piece in pieces if piece.said is Said.PLAIN)]
        if not candidates:
            return Named(faults=(("只写了配合单位，没有写明责任单位", text),))
        codes = _codes([candidates[0], *pieces])
        told = []
        if len(codes) > 1:
            others = "、".join(self._name(code) for code in codes[1:])
            told.append(
                f"一格多个单位：责任单位按{'标明的' if first else '第一个'}{self._name(codes[0])}，{others}为配合单位"
            )
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
        pieces, said, start = [], Said.PLAIN, 0
        for label in _LABEL.finditer(text):
            pieces += self._stretch(text[start : label.start()], said)
            said = _said(label)
            start = label.end()
        return pieces + self._stretch(text[start:], said)

    def _stretch(self, text: str, said: Said) -> list[_Piece]:
        """Names between separators; the longest that the directory knows, since a name may have a separator in it."""
        bounds = [(match.start(), match.end()) for match in _SEPARATOR.finditer(text)]
        starts, ends = [0, *(end for _, end in bounds)], [*(start for start, _ in bounds), len(text)]
        pieces: list[_Piece] = []
        nth = 0
        while nth < len(starts):
            for last in range(min(nth + _TOGETHER_MOST, len(starts)) - 1, nth, -1):
                written = text[starts[nth] : ends[last]]
                if party := self._party(written):
                    pieces.append(_Piece(said, written, party))
                    nth = last + 1
                    break
            else:
                pieces += self._atom(text[starts[nth] : ends[nth]].strip(), said)
                nth += 1
        return pieces

    def _atom(self, written: str, said: Said) -> list[_Piece]:
        """What stands between two separators: a name, a marked name, or names with blanks or 和 between them."""
        if not written:
            return []
        if parties := self._several(written):
            return [_Piece(said, party.name, party) for party in parties]
        mark = _MARK.search(written)
        if mark and mark.start() and (parties := self._several(written[: mark.start()])):
            return [_Piece(_said(mark), party.name, party) for party in parties]
        return [_Piece(said, written, None)]

    def _several(self, written: str) -> list[DirectoryParty]:
        """The parties of a text that is nothing but known names; none otherwise."""
        if party := self._party(written):
            return [party]
        parts = written.split()
        if len(parts) > 1 and all(found := [self._several(part) for part in parts]):
            return [party for several in found for party in several]
        for match in _AND.finditer(written):
            left, right = self._party(written[: match.start()]), self._several(written[match.end() :])
            if left and right:
                return [left, *right]
        return []

    def _without_persons(self, pieces: Sequence[_Piece]) -> tuple[list[_Piece], list[str]]:
        """Where the heading says that persons stand beside units: those that can be nothing else are left out."""
        kept: list[_Piece] = []
        persons: list[str] = []
        for piece in pieces:
            unit, rest = (piece.party, "") if piece.party else self._unit_and_rest(piece.written)
            if rest and not _is_person(rest):
                kept.append(piece)
                continue
            if unit:
                kept.append(_Piece(piece.said, piece.written, unit))
            persons += [rest] if rest else []
        return kept, persons

    def _unit_and_rest(self, written: str) -> tuple[DirectoryParty | None, str]:
        text = plain(written)
        known = [name for name in self.parties if text.startswith(name)]
        name = max(known, key=len, default="")
        return self.parties.get(name), text.removeprefix(name).strip(_LEFT_OVER)

    # --- Leads

    def _lead(self, text: str) -> Named:
        if party := self._party(text):
            return self._one(text, party, MAY_LEAD)
        text = _LEAD_LABEL.sub("", text.strip())
        pieces = [piece.strip() for piece in _SEPARATOR.split(text) if piece.strip()]
        known = [piece for piece in pieces if self._party(piece) or plain(piece) in self.people]
        if len(known) < 2 and (named := self._titled(text)):
            return named
        if len(pieces) > 1:
            return self._marked_lead(text, pieces)
        of = self.people.get(plain(text), {}).values()
        why = f"是{'、'.join(party.name for party in of)}的人员，请写明牵头领导" if of else ""
        return Named(faults=tuple(self._faults(text, None, MAY_LEAD, why)))

    def _marked_lead(self, text: str, pieces: Sequence[str]) -> Named:
        """Of several leads the one marked 牵头, if one alone is."""
        marked = [mark for piece in pieces if (mark := _MARK.search(piece)) and mark["first"]]
        if len(marked) == 1:
            name = marked[0].string[: marked[0].start()]
            if (named := self._titled(name)) and named.codes:
                told = f"一格多位领导，按标明牵头的{self._name(named.codes[0])}，其余未读取"
                return Named(named.codes, told=told, look=Look.LEAD_FROM_TITLE)
        return Named(faults=(("只能填写一个；如有一位牵头，请在其后注明（牵头）", text),))

    def _titled(self, text: str) -> Named | None:
        """The one lead whose name, or a person of whose, stands in this text with nothing but titles around it."""
        if party := self._party(text):
            return self._one(text, party, MAY_LEAD)
        found: dict[str, tuple[str, DirectoryParty]] = {}
        written = plain(text)
        for name, party in self._leads:
            if name not in written:
                continue
            before, _, after = written.partition(name)
            if all(_TITLE.fullmatch(rest) for rest in (before, after) if rest):
                found.setdefault(party.code, (name, party))
        if len(found) != 1:
            return None
        name, party = next(iter(found.values()))
        if name == plain(party.name):
            return Named((party.code,), told=f"按姓名和职务认作{party.name}", look=Look.LEAD_FROM_TITLE)
        told = f"{name}是{party.name}的人员，牵头领导按{party.name}"
        return Named((party.code,), told=told, look=Look.LEAD_FROM_PERSON)

    def _names_of_leads(self) -> Iterator[tuple[str, DirectoryParty]]:
        """Names of leads and of their people; one that is itself a title (组长) can only stand alone."""
        for name, party in self.parties.items():
            if not party.roles.isdisjoint(MAY_LEAD) and not _TITLE.fullmatch(name):
                yield name, party
        for name, of in self.people.items():
            leads = [party for party in of.values() if not party.roles.isdisjoint(MAY_LEAD)]
            if len(leads) == 1 and name not in self.parties:
                yield name, leads[0]

    # --- Faults and suggestions

    def _party(self, written: str) -> DirectoryParty | None:
        return self.parties.get(plain(written))

    def _name(self, code: str) -> str:
        return self.parties[plain(code)].name

    def _one(self, written: str, party: DirectoryParty, roles: tuple[Role, ...]) -> Named:
        faults = self._faults(written, party, roles)
        return Named(faults=tuple(faults)) if faults else Named((party.code,))

    def _faults(
        self, written: str, party: DirectoryParty | None, roles: tuple[Role, ...], why: str = ""
    ) -> list[tuple[str, str]]:
        written = written.strip()
        if party is None:
            return [(why or self._unknown(written, roles), written)]
        if party.roles.isdisjoint(roles):
            wanted = "或".join(ROLE_ZH[role] for role in roles)
            return [(f"在通讯录中的身份不是{wanted}", written)]
        return []

    def _unknown(self, written: str, roles: tuple[Role, ...]) -> str:
        text = "通讯录中没有这个名称或代码"
        if _EVERYBODY.fullmatch(plain(written)):
            return f"{text}；泛指的须写明是哪些单位，或拆成多条"
        if of := self.people.get(plain(written)):
            return f"{text}；{plain(written)}是{'、'.join(party.name for party in of.values())}的人员"
        near = "、".join(f"{party.name}（{party.code}）" for party in self._near(plain(written), roles))
        return f"{text}；是否指：{near}？" if near else text

    def _near(self, written: str, roles: tuple[Role, ...]) -> list[DirectoryParty]:
        """At most two parties with names like this one, those that hold it or are held by it first."""
        self._suggested += 1
        if self._suggested > SUGGESTED_MOST:
            return []
        able = {plain(party.name): party for party in self.parties.values() if not party.roles.isdisjoint(roles)}
        held = [name for name in able if len(name) > 1 and (name in written or written in name)]
        alike = get_close_matches(written, able, n=2, cutoff=0.5)
        return [able[name] for name in dict.fromkeys([*sorted(held, key=len, reverse=True), *alike])][:2]


def _said(match: re.Match[str]) -> Said:
    if match["first"]:
        return Said.FIRST
    return Said.FURTHER if match["further"] else Said.PLAIN


def _codes(pieces: Iterable[_Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece.party.code for piece in pieces if piece.party))


def _is_person(text: str) -> bool:
    return bool(_PERSON.fullmatch(text)) and not _OF_A_UNIT.search(text)
