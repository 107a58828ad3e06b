"""Whom a cell of 牵头领导 names: a lead by name, with titles around it, or by one of its people. PURE.

Runs once for each different text. What stands around a name must be titles to the last character.
"""

import re
from collections.abc import Iterator, Sequence

from models.directory import DirectoryParty
from models.ledger.columns import plain
from models.ledger.rows import Look
from models.ledger.table.names import Named, Names
from models.lifecycle import Role

MAY_LEAD = (Role.LEAD, Role.HEAD)
_SEPARATOR = re.compile(r"[、，,；;/\n|]+")
_MARKED_FIRST = re.compile(r"[（(]?(?:牵头|主责|主办|主要责任|第一责任)(?:领导)?[）)]?$")
LEAD_LABEL = re.compile(r"^(?:牵头|责任|分管|主管|包抓)?(?:领导|负责人|人)[:：]")
_TITLE = re.compile(
    r"(?:[（）()、，,：:；;\s/]|[一二三四]级|市委|县委|区委|党委|党组|党工委|工委|党总支|党支部|支部|纪委|纪检|班子|机关|主持工作|挂职"
    r"|常务|代|副|正|主要|分管|牵头|兼|书记|局长|主任|院长|校长|处长|科长|股长|主席|部长|委员|成员|同志|领导|组长|调研员"
    r"|巡视员|研究员|总?工程师|总?经济师|总?会计师|董事长|总?经理|所长|馆长|县长|市长|区长|镇长|乡长|省长|厅长|司长|秘书长"
    r"|会长|理事长|站长|园长|台长|社长|庭长|检察长|负责人|教授|老师|主管|总|局|院|校|组|市|县|区|处|科)++"
)


class Leads:
    """The leads of a directory."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._leads = tuple(self._names_of_leads())

    def named(self, text: str) -> Named:
        """Whom this text names: one lead, or nobody, with what is wrong."""
        if party := self.names.party(text):
            return self.names.one(text, party, MAY_LEAD)
        text = LEAD_LABEL.sub("", text.strip())
        pieces = [piece.strip() for piece in _SEPARATOR.split(text) if piece.strip()]
        known = [piece for piece in pieces if self.names.party(piece) or plain(piece) in self.names.people]
        if len(known) < 2 and (named := self._titled(text)):
            return named
        if len(pieces) > 1:
            return self._marked_lead(text, pieces)
        of = self.names.people.get(plain(text), {}).values()
        why = f"是{'、'.join(party.name for party in of)}的人员，请写明牵头领导" if of else ""
        return Named(faults=tuple(self.names.faults(text, None, MAY_LEAD, why)))

    def _marked_lead(self, text: str, pieces: Sequence[str]) -> Named:
        """Of several leads the one marked 牵头, if one alone is."""
        marked = [mark for piece in pieces if (mark := _MARKED_FIRST.search(piece))]
        if len(marked) == 1:
            name = marked[0].string[: marked[0].start()]
            if (named := self._titled(name)) and named.codes:
                told = f"一格多位领导，按标明牵头的{self.names.name_of(named.codes[0])}，其余未读取"
                return Named(named.codes, told=told, look=Look.LEAD_FROM_TITLE)
        return Named(faults=(("只能填写一个；如有一位牵头，请在其后注明（牵头）", text),))

    def _titled(self, text: str) -> Named | None:
        """The one lead whose name, or a person of whose, stands in this text with nothing but titles around it."""
        if party := self.names.party(text):
            return self.names.one(text, party, MAY_LEAD)
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
        for name, party in self.names.parties.items():
            if not party.roles.isdisjoint(MAY_LEAD) and not _TITLE.fullmatch(name):
                yield name, party
        for name, of in self.names.people.items():
            leads = [party for party in of.values() if not party.roles.isdisjoint(MAY_LEAD)]
            if len(leads) == 1 and name not in self.names.parties:
                yield name, leads[0]
